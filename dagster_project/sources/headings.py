"""Where a heading may stand, and what may stand above it.

Belongs here: what every reader asks of the rows above a heading. Does not: which heading it is.
"""

from __future__ import annotations

from collections.abc import Callable

from dagster_project.sources.opening import Sheet
from dagster_project.sources.problems import refused

HEADING_STANDS_WITHIN_ROWS = 100

Row = tuple[str, ...]


def filled_cells(row: Row) -> int:
    return sum(1 for text in row if text)


def nothing_may_be_lost_above(
    sheet: Sheet, heading: int, is_of_the_table: Callable[[Row], bool], *, named: str, suggestion: str
) -> None:
    """A title may stand above a heading. `heading` is the index of its row, `named` what a message calls it.

    Raises FileRefused for a row above it that is of the table, since nobody would count what stands there.
    """
    for index, row in enumerate(sheet.rows[:heading]):
        if is_of_the_table(row):
            raise refused(
                f"Row {index + 1} stands above {named} (row {heading + 1}), so it would be left out.",
                suggestion,
                rule_id="unknown_header",
                sheet=sheet.name,
                row=index + 1,
                value=" | ".join(text for text in row if text)[:200],
            )
