"""Which cell of a return workbook an answer stands in, and putting it there as what it is.

Belongs here: finding the rows of questions and counts, and telling numbers, days and words apart. Does not: building
the sheets (template_sheets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

from dagster_project.returns.template_style import Style, height_of, lines_needed, width_of
from dagster_project.returns.template_validation import NUMBER_KINDS, Asked
from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.dates import read_date
from dagster_project.sources.return_layout import Part, choices, edi_categories, normalise_answer, offered

Rows = Sequence[Mapping[str, str]]

_CHARACTERISTICS = "edi_characteristic"
_NUMBERS = NUMBER_KINDS | {"year"}
# Answers that belong to one day and are not simply true again on the next.
OF_THEIR_DAY = _NUMBERS | {"date"}
# No more digits than a spreadsheet keeps.
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
# What a spreadsheet would take for the beginning of a formula.
_SIGNS_OF_A_FORMULA = ("=", "+", "-", "@")


def printed_fields(part: Part) -> tuple[str, ...]:
    """The columns that are printed and not filled in."""
    return {"answers": ("question",), "counts": ("characteristic", "category"), "rows": ()}[part.shape]


def fields_of(part: Part) -> frozenset[str]:
    """The fields a row of values of the part may name."""
    return frozenset(asked.field for asked in part.questions or part.columns)


def counted_rows() -> dict[tuple[str, str], tuple[str, str]]:
    """The rows of the sheet of counts as printed, by the code of the characteristic and the normalised category."""
    codes = choices(_CHARACTERISTICS)
    return {
        (codes[normalise_answer(characteristic)], normalise_answer(category)): (characteristic, category)
        for characteristic in offered(_CHARACTERISTICS)
        for category in edi_categories()[codes[normalise_answer(characteristic)]]
    }


def counted_row(characteristic: str, category: str) -> tuple[str, str]:
    """The key in `counted_rows` of two wordings; it is no key where they are not known."""
    return choices(_CHARACTERISTICS).get(normalise_answer(characteristic), ""), normalise_answer(category)


def sheet_of(workbook: Workbook, part: Part) -> Worksheet:
    """Raises ValueError when the workbook has no sheet for the part."""
    for sheet in workbook.worksheets:
        if normalise_heading(sheet.title) in part.normalised_sheet_names:
            return sheet
    raise ValueError(f"The workbook has no sheet {part.part}.")


def heading_row_of(sheet: Worksheet, part: Part) -> int:
    """Raises ValueError when no row of the sheet is the heading of the part."""
    wanted = [normalise_heading(column.heading) for column in part.columns]
    for row, values in enumerate(sheet.iter_rows(max_col=len(wanted), values_only=True), start=1):
        if [normalise_heading(str(value or "")) for value in values] == wanted:
            return row
    raise ValueError(f"The sheet {sheet.title} has no row with the headings of {part.part}.")


def put_rows(sheet: Worksheet, part: Part, heading_row: int, rows: Rows, are_earlier: bool = False) -> None:
    """Put values into the cells they belong in; numbers and days of an earlier return are marked as such.

    Raises ValueError for a value that has no cell to stand in.
    """
    touched: dict[int, None] = {}
    for cell, asked, text in _cells_of(sheet, part, heading_row, rows):
        if cell.protection.locked:
            raise ValueError(f"{part.part} has no cell to fill in for {asked.field} in row {cell.row}.")
        if are_earlier and asked.kind in OF_THEIR_DAY:
            cell.style = answer_style(asked, is_earlier=True)
        put(cell, text, asked)
        touched[cell.row] = None
    for row in touched:
        fit_row(sheet, part, row)


def put(cell: Cell, text: str, asked: Asked) -> None:
    """Put text into a cell as what it is: a number, a day, or words, which never become a formula."""
    day = read_date(text) if asked.kind == "date" else None
    cell.quotePrefix = False
    if not text:
        cell.value = None
    elif day is not None:
        cell.value = day
    elif asked.kind in _NUMBERS and _NUMBER.fullmatch(text):
        cell.value = float(text) if "." in text else int(text)
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(_SIGNS_OF_A_FORMULA)


def fit_row(sheet: Worksheet, part: Part, row: int) -> None:
    """Make a row tall enough for its longest text. A row of one line is left to grow as somebody writes."""
    texts = [str(sheet.cell(row, position).value or "") for position in range(1, len(part.columns) + 1)]
    lines = lines_needed(texts, [width_of(column) for column in part.columns])
    if lines > 1:
        sheet.row_dimensions[row].height = height_of(lines)


def answer_style(asked: Asked, is_earlier: bool = False) -> Style:
    """The style of a cell to fill in."""
    if asked.kind == "date":
        return Style.earlier_date if is_earlier else Style.answer_date
    if asked.kind in _NUMBERS:
        return Style.earlier_number if is_earlier else Style.answer_number
    return Style.answer_words if asked.kind == "text" else Style.answer_choice


def printed_style(asked: Asked) -> Style:
    """The style of a cell that nobody fills in."""
    if asked.kind == "date":
        return Style.printed_date
    return Style.printed_number if asked.kind in _NUMBERS else Style.printed


def _cells_of(sheet: Worksheet, part: Part, heading_row: int, rows: Rows) -> Iterator[tuple[Cell, Asked, str]]:
    """The cell each value belongs in, and what is asked there."""
    position = {column.field: number for number, column in enumerate(part.columns, start=1)}
    below = range(heading_row + 1, sheet.max_row + 1)
    match part.shape:
        case "answers":
            row_asking = {
                part.question_of_wording[wording].field: row
                for row in below
                if (wording := normalise_answer(_text(sheet, row, position["question"]))) in part.question_of_wording
            }
            questions = {question.field: question for question in part.questions}
            for values in rows:
                for field, text in values.items():
                    yield _cell(sheet, row_asking[field], position["answer"]), questions[field], text
        case "counts":
            row_counting = {
                counted_row(_text(sheet, row, position["characteristic"]), _text(sheet, row, position["category"])): row
                for row in below
            }
            for values in rows:
                key = counted_row(values.get("characteristic", ""), values.get("category", ""))
                if key not in row_counting:
                    raise ValueError(f"{part.part} has no row for {dict(values)}.")
                yield from _cells_of_row(sheet, part, position, row_counting[key], values)
        case "rows":
            for row, values in enumerate(rows, start=heading_row + 1):
                yield from _cells_of_row(sheet, part, position, row, values)


def _cells_of_row(
    sheet: Worksheet, part: Part, position: Mapping[str, int], row: int, values: Mapping[str, str]
) -> Iterator[tuple[Cell, Asked, str]]:
    for field, text in values.items():
        if field not in printed_fields(part):
            yield _cell(sheet, row, position[field]), part.column(field), text


def _text(sheet: Worksheet, row: int, column: int) -> str:
    return str(sheet.cell(row, column).value or "")


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell), "the workbook has no merged cells"
    return cell
