"""The review queue as a file that a person fills in: CSV, or a workbook with drop-downs.

Belongs here: how the queue looks and what its cells accept. Does not: what is in it (reviewing), or reading it back
(deciding).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from dagster_project.dbt_project import REFERENCE_LISTS
from dagster_project.returns.template_style import Style, add_styles, height_of, lines_needed, set_up_page
from dagster_project.returns.template_validation import Lists
from dagster_project.roles.reviewing import COLUMNS, DECISION, EQUIVALENCES
from dagster_project.spreadsheets import runs_as_formula

Row = Mapping[str, Any]
_SHEET, _LISTS = "Titles to decide", "Lists"
_WIDTHS = {
    "title_raw": 34,
    "why": 40,
    "organisation_names": 28,
    "nearest_1": 36,
    "nearest_2": 36,
    "nearest_3": 36,
    "effect": 34,
    "role_code": 18,
    "profession": 26,
    "reason": 34,
    "reviewer": 22,
    "second_reviewer": 22,
}
_WIDTH = 16
# Excel calls a workbook damaged that holds a longer text.
_LONGEST_CELL = 32_767
_NUMBERS = ("fte", "headcount", "organisations")
_LISTED = ("role_code", "profession", "equivalence")
_ANSWERS = {**dict.fromkeys(_LISTED, Style.answer_choice), "decided_on": Style.answer_date}
_HELP = {
    "role_code": "The role this title stands for. Leave the row blank where nobody decides.",
    "profession": "Leave blank where the title names the right one. generic_therapy is more than one, or none named.",
    "equivalence": "equal: title and role mean the same. wider: the title covers more. narrower: less. inexact: about.",
    "reason": "Why, in a sentence; it is kept and shown.",
    "reviewer": "Your role, never a name, such as Principal OT of Derby.",
    "second_reviewer": "The role of somebody else who agrees; needed where much FTE moves.",
    "decided_on": "The day of the decision, such as 31/03/2026.",
}


def as_csv(rows: Sequence[Row]) -> bytes:
    """The queue as CSV that Excel opens as UTF-8; text that a spreadsheet would run gets an apostrophe in front."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(row.get(name)) for name in COLUMNS] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def as_workbook(rows: Sequence[Row], role_codes: Sequence[str], professions: Sequence[str]) -> bytes:
    """The queue as .xlsx: headings that stay in sight, drop-downs for what is chosen, and no cell that is a formula."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = _SHEET
    add_styles(workbook)
    lists = Lists(_LISTS, {"role_code": role_codes, "profession": professions, "equivalence": EQUIVALENCES})
    lists.write(workbook.create_sheet(_LISTS))
    widths = [_WIDTHS.get(name, _WIDTH) for name in COLUMNS]
    for number, (name, width) in enumerate(zip(COLUMNS, widths, strict=True), start=1):
        sheet.cell(1, number, name).style = Style.heading
        sheet.column_dimensions[get_column_letter(number)].width = width
    for place, row in enumerate(rows, start=2):
        for number, name in enumerate(COLUMNS, start=1):
            _put(sheet.cell(place, number), name, row.get(name))
        texts = [str(row.get(name) or "")[:1000] for name in COLUMNS]
        sheet.row_dimensions[place].height = height_of(max(lines_needed(texts, widths), 1))
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{max(len(rows), 1) + 1}"
    _offer(sheet, lists, last_row=max(len(rows), 1) + 1)
    set_up_page(sheet, 1, sum(widths))
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def choices() -> tuple[list[str], list[str]]:
    """The roles and the professions to choose from, in the order of their lists."""
    codes = [row["role_code"] for row in _list_of("role_codes")]
    return codes, [row["profession"] for row in _list_of("professions")]


def _list_of(name: str) -> list[dict[str, str]]:
    with (REFERENCE_LISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _put(cell: Any, name: str, value: Any) -> None:
    assert isinstance(cell, Cell), "the workbook has no merged cells"
    if name in DECISION:
        cell.style = _ANSWERS.get(name, Style.answer_words)
    else:
        cell.style = Style.printed_number if name in _NUMBERS else Style.printed
    if value is None:
        return
    if isinstance(value, int | Decimal):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value))[:_LONGEST_CELL]
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = runs_as_formula(text)


def _offer(sheet: Worksheet, lists: Lists, last_row: int) -> None:
    for name in DECISION:
        letter = get_column_letter(COLUMNS.index(name) + 1)
        rule = DataValidation()
        if name in _LISTED:
            rule = DataValidation(type="list", formula1=lists.reference(name), errorStyle="stop")
            rule.errorTitle = "Not in the list"
            rule.error = "Choose one of the answers in the list. Alt and the down arrow open it."
            rule.showErrorMessage = True
        rule.sqref = f"{letter}2:{letter}{last_row}"
        rule.allowBlank = True
        rule.promptTitle, rule.prompt, rule.showInputMessage = name, _HELP[name], True
        sheet.add_data_validation(rule)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and runs_as_formula(value) else value
