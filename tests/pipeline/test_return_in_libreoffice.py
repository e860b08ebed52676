"""A return workbook that LibreOffice has saved guides and guards the person who fills it in as before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from programs import saved_by_libreoffice

from dagster_project.returns.template import fill, write_template
from dagster_project.returns.template_words import words
from dagster_project.sources.opening import open_file

pytestmark = pytest.mark.slow

AS_AT, EARLIER_AS_AT = date(2026, 3, 31), date(2025, 3, 31)
EARLIER = {"Workforce": words().example.rows}
# Answers of every kind: numbers, days, words in place of numbers, and a text like a formula.
FILLED = {
    "Cover": [
        {"delivery_model": "Integrated with the NHS", "service_age_scope": "All ages", "academic_year": "2025/26"}
    ],
    "Workforce": [*words().example.rows, {"job_title": "=1+1", "grade": "6-7", "headcount": "?"}],
    "Students and apprentices": [
        {"learner_type": "Degree apprentices", "learner_count": "3", "qualifying_year": "2028"}
    ],
    "Leadership": [{"principal_ot_in_post": "Yes"}],
    "Equality": [
        {"characteristic": "Age", "category": "16 to 24", "people": "0"},
        {"characteristic": "Race", "category": "White", "people": "cannot quantify", "note": "not asked of everybody"},
    ],
    "Accepted warnings": [{"finding_reference": "W-3F9A2C1D", "reason": "Two posts moved to the trust."}],
}


def _guards(workbook: Workbook) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What every cell accepts and says, by sheet and range; a rule that accepts everything has messages alone."""
    return {
        (sheet.title, block.coord): (
            *(_rule(validation) if validation.type else ()),
            validation.type,
            validation.promptTitle,
            validation.prompt,
            validation.showInputMessage,
            bool(validation.showErrorMessage),
            validation.errorTitle,
            validation.error,
            validation.allowBlank,
            bool(validation.showDropDown),
        )
        for sheet in workbook.worksheets
        for validation in sheet.data_validations.dataValidation
        for block in validation.sqref.ranges
    }


def _rule(validation: Any) -> tuple[Any, ...]:
    # Only between two limits do both programs write the second one and its operator.
    limits = (validation.operator, validation.formula2) if validation.operator == "between" else ()
    return validation.errorStyle, validation.formula1, *(limits if validation.type in ("date", "whole") else ())


def _protection(workbook: Workbook) -> dict[str, Any]:
    return {
        sheet.title: (
            sheet.protection.sheet,
            sheet.protection.password,
            sheet.protection.hashValue,
            sheet.sheet_state,
            [cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked],
        )
        for sheet in workbook.worksheets
    }


def _marked(workbook: Workbook) -> list[str]:
    sheet = workbook["Workforce"]
    return [
        cell.coordinate for row in sheet.iter_rows() for cell in row if cell.font.i and cell.fill.fill_type == "solid"
    ]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("is_filled", [False, True], ids=["empty", "filled"])
def test_a_return_saved_by_libreoffice_keeps_its_answers_its_lists_and_its_help(
    is_filled: bool, kind: str, tmp_path: Path
) -> None:
    made = tmp_path / "return.xlsx"
    if is_filled:
        made.write_bytes(fill(write_template("Derbyshire", AS_AT, EARLIER, EARLIER_AS_AT), FILLED))
    else:
        made.write_bytes(write_template("Derbyshire", AS_AT))
    saved = saved_by_libreoffice(made, kind, tmp_path)
    told = {sheet.name: sheet.rows for sheet in open_file(saved, saved.name)}
    assert told == {sheet.name: sheet.rows for sheet in open_file(made, made.name)}

    # LibreOffice writes once more what it read from its own format, so that one library can look at both.
    reopened = saved if kind == "xlsx" else saved_by_libreoffice(saved, "xlsx", tmp_path)
    before, after = openpyxl.load_workbook(made), openpyxl.load_workbook(reopened)
    assert len(_guards(before)) > 50
    assert _guards(after) == _guards(before)
    assert _protection(after) == _protection(before)
    assert (len(_marked(before)) > 100) == is_filled
    assert _marked(after) == _marked(before)
    assert [sheet.tables.keys() for sheet in after.worksheets] == [sheet.tables.keys() for sheet in before.worksheets]
    assert after.properties.title == before.properties.title
    assert after.properties.language == "en-GB"


def test_a_return_that_libreoffice_saved_can_be_filled_in(tmp_path: Path) -> None:
    made = tmp_path / "return.xlsx"
    made.write_bytes(write_template("Derbyshire", AS_AT))
    saved = saved_by_libreoffice(made, "xlsx", tmp_path)
    (tmp_path / "filled.xlsx").write_bytes(fill(saved, FILLED))
    (tmp_path / "as_written.xlsx").write_bytes(fill(made, FILLED))
    rows = [
        {sheet.name: sheet.rows for sheet in open_file(tmp_path / name, name)}
        for name in ("filled.xlsx", "as_written.xlsx")
    ]
    assert rows[0] == rows[1]
