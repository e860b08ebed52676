"""What every reader asks of a sheet's cells, and what no cell may hold.

Belongs here: looking at cells one by one. Does not: knowing what a heading means.
"""

from __future__ import annotations

import re

from dagster_project.home import ABSOLUTE_PATH
from dagster_project.sources.opening import Sheet, cell_address
from dagster_project.sources.problems import FileRefused, Problem, refused

# A return counts people and never names them: an e-mail address or a National Insurance number has no place in one.
_EMAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NATIONAL_INSURANCE_NUMBER = re.compile(r"(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")


def cell_text(row: tuple[str, ...], column: int) -> str:
    """The text of a cell; '' beyond the end of the row."""
    return row[column] if column < len(row) else ""


def must_hold_no_path(sheet: Sheet, index: int, row: tuple[str, ...]) -> None:
    """Raises FileRefused for a row that holds a path on somebody's computer."""
    for column, text in enumerate(row):
        if re.search(ABSOLUTE_PATH, text):
            raise refused(
                "The cell holds a path on somebody's computer, which must not be passed on.",
                "Remove the path; write only what the column asks for.",
                sheet=sheet.name,
                row=index + 1,
                cell=cell_address(index, column),
            )


def row_must_name_nobody(sheet: Sheet, index: int, row: tuple[str, ...]) -> None:
    """Raises FileRefused for a row that holds what identifies a person. The text itself is not repeated."""
    for column, text in enumerate(row):
        for pattern, what in (
            (_EMAIL_ADDRESS, "an e-mail address"),
            (_NATIONAL_INSURANCE_NUMBER, "a National Insurance number"),
        ):
            if pattern.search(text):
                raise FileRefused(
                    Problem(
                        "person_named",
                        f"The cell holds {what}. A return counts people and never names them.",
                        "Remove it; write a role where somebody should be named.",
                        sheet=sheet.name,
                        row=index + 1,
                        cell=cell_address(index, column),
                    )
                )


def sheet_name_must_be_fit_to_pass_on(sheet: Sheet, number: int) -> None:
    """Raises FileRefused for a sheet named like a path or after a person; its name is then not repeated."""
    if re.search(ABSOLUTE_PATH, sheet.name):
        raise refused(
            "The name of a sheet is a path on somebody's computer, which must not be passed on.",
            "Rename the sheet to what it holds.",
        )
    if _EMAIL_ADDRESS.search(sheet.name) or _NATIONAL_INSURANCE_NUMBER.search(sheet.name):
        raise FileRefused(
            Problem(
                "person_named",
                f"The name of sheet number {number} holds an e-mail address or a National Insurance number. "
                "A return counts people and never names them.",
                "Rename the sheet as in the template.",
            )
        )
