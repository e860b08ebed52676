"""The mark of invented inputs: what `ahp synth` writes into every file, and every reader looks for.

Belongs here: the wording of the mark, and finding it. Does not: what follows from it (dbt, for what counts; the pages).
The mark stands in the file itself, so that it outlives another name, another folder and another sheet.
"""

from __future__ import annotations

from collections.abc import Iterable

from dagster_project.sources.catalogue import normalise_heading

# A heading of its own in a delimited file, with a word below it in every row; a line of its own on a workbook's cover.
MARK = "Invented by ahp synth"
MARK_IN_ROWS = "invented"
# What the title of a document of invented numbers begins with; dim_period gives extracts the same.
INVENTED_TITLE = "Invented example, not real: "
_NORMALISED_MARK = normalise_heading(MARK)


def is_the_mark(text: object) -> bool:
    """Whether a heading or cell is the mark, however it is spaced and whatever its capitals."""
    return isinstance(text, str) and normalise_heading(text) == _NORMALISED_MARK


def are_marked(rows: Iterable[Iterable[object]]) -> bool:
    """Whether the mark stands in any cell of any row."""
    return any(is_the_mark(cell) for row in rows for cell in row)
