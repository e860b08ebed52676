"""Workbooks as .xlsx.

Belongs here: what a sheet is in Excel's format. Does not: what stands in it (sheets), or which looks it has (look).
"""

from __future__ import annotations

import io
import textwrap
import zipfile
from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.builtins import styles as builtin_styles
from openpyxl.utils import get_column_letter
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from dagster_project.export import look
from dagster_project.export.sheets import COVER, Book, Column, Line, Sheet, Value, exactly
from dagster_project.spreadsheets import runs_as_formula
from dagster_project.zips import timed

_TITLE, _HEADING = "Headline 1", "Headline 2"
_LINE, _COVER_LINE, _LINK = "Line", "Cover line", "Link in the workbook"
_COLUMN_HEADING, _NUMBERS_HEADING = "Column heading", "Column heading of numbers"
_TEXT, _SIGN, _NUMBER, _DAY = "Text of a table", "Sign of a table", "Number of a table", "Day of a table"
_PAPER_A4 = 9
_LINE_HEIGHT, _SPACE = 15.5, 4.0
# The most a row may have.
_HIGHEST = 409.0


def as_xlsx(book: Book) -> bytes:
    """The workbook as .xlsx; the same bytes for the same book."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    moment = book.created_at.replace(tzinfo=None)
    workbook.properties = DocumentProperties(
        title=book.title,
        subject=book.subject,
        description=book.description,
        keywords=look.KEYWORDS,
        creator=look.CREATOR,
        lastModifiedBy=look.CREATOR,
        language=f"{look.LANGUAGE}-{look.COUNTRY}",
        created=moment,
        modified=moment,
    )
    # There is nothing to work out, and a program told to would ask whether to save what nobody changed.
    workbook.calculation = CalcProperties(fullCalcOnLoad=False)
    _add_styles(workbook)
    for number, sheet in enumerate(book.sheets, start=1):
        _write(workbook.create_sheet(sheet.name), sheet, number)
    written = io.BytesIO()
    ExcelWriter(workbook, zipfile.ZipFile(written, "w")).save()
    return timed(written.getvalue(), book.created_at.timetuple()[:6])


def _add_styles(workbook: Workbook) -> None:
    thin = Side(style="thin", color=look.LINES)
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    plain, white = Font(name=look.FONT, size=look.SIZE), Font(name=look.FONT, size=look.SIZE, bold=True, color="FFFFFF")
    dark = PatternFill("solid", fgColor=look.DARK)
    left = Alignment(horizontal="left", indent=1, vertical="top", wrap_text=True)
    right = Alignment(horizontal="right", vertical="top", wrap_text=True)
    for name, size in ((_TITLE, look.TITLE_SIZE), (_HEADING, look.HEADING_SIZE)):
        # The program's own headings, which screen readers announce as such.
        heading = copy(builtin_styles[name])
        heading.font = Font(name=look.FONT, size=size, bold=True, color=look.DARK)
        heading.border = Border()
        workbook.add_named_style(heading)
    for style in (
        NamedStyle(_LINE, font=plain),
        NamedStyle(_COVER_LINE, font=plain, alignment=Alignment(vertical="top", wrap_text=True)),
        NamedStyle(_LINK, font=Font(name=look.FONT, size=look.SIZE, underline="single", color=look.LINK)),
        NamedStyle(_COLUMN_HEADING, font=white, fill=dark, border=box, alignment=left),
        NamedStyle(_NUMBERS_HEADING, font=white, fill=dark, border=box, alignment=right),
        NamedStyle(_TEXT, font=plain, border=box, alignment=left),
        NamedStyle(_SIGN, font=plain, border=box, alignment=right),
        NamedStyle(_NUMBER, font=plain, border=box, alignment=right),
        NamedStyle(_DAY, font=plain, border=box, alignment=left, number_format=look.DATE_FORMAT),
    ):
        workbook.add_named_style(style)
    # Column widths are counted in digits of the font of this style.
    workbook._named_styles["Normal"].font = plain  # type: ignore[attr-defined]


def _write(sheet: Worksheet, content: Sheet, number: int) -> None:
    _put(sheet, 1, 1, content.title, _TITLE)
    for row, line in enumerate(content.lines, start=2):
        _put_line(sheet, row, line, on_cover=content.name == COVER)
        if content.name == COVER and not line.is_heading:
            sheet.row_dimensions[row].height = _height([Column("", look.COVER_WIDTH)], [line.text])
    if not content.columns:
        sheet.column_dimensions["A"].width = look.COVER_WIDTH
    for position, column in enumerate(content.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width * 1.1 + 3
        style = _NUMBERS_HEADING if column.is_numeric else _COLUMN_HEADING
        _put(sheet, content.heading_row, position, column.heading, style)
    for row, values in enumerate(content.rows, start=content.heading_row + 1):
        for position, (column, value) in enumerate(zip(content.columns, values, strict=True), start=1):
            _put_value(sheet, row, position, column, value)
        sheet.row_dimensions[row].height = _height(content.columns, [str(value) for value in values])
        if content.lead_to:
            _lead(sheet.cell(row, 1), content.lead_to[row - content.heading_row - 1])
    if content.columns:
        headings = [column.heading for column in content.columns]
        sheet.row_dimensions[content.heading_row].height = _height(content.columns, headings)
        _mark_as_table(sheet, content, number)
    _set_up_page(sheet, content)


def _height(columns: Sequence[Column], texts: Sequence[str]) -> float:
    """Points that a row of wrapped texts needs; said, because not every program works it out on opening a file."""
    lines = max(
        sum(max(1, len(textwrap.wrap(line, int(column.width * 1.1)))) for line in text.splitlines() or [""])
        for column, text in zip(columns, texts, strict=True)
    )
    return min(lines * _LINE_HEIGHT + _SPACE, _HIGHEST)


def _put_line(sheet: Worksheet, row: int, line: Line, on_cover: bool) -> None:
    cell = _put(sheet, row, 1, line.text, _HEADING if line.is_heading else _COVER_LINE if on_cover else _LINE)
    if line.to:
        _lead(cell, line.to)


def _put(sheet: Worksheet, row: int, column: int, text: str, style: str) -> Cell:
    """Text as text, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"
    cell.style = style
    if runs_as_formula(text):
        # Excel takes such text for a formula when somebody edits the cell, unless it is marked as text.
        cell.quotePrefix = True
    return cell  # type: ignore[no-any-return]


def _put_value(sheet: Worksheet, row: int, position: int, column: Column, value: Value) -> None:
    match value:
        case "":
            sheet.cell(row, position).style = _TEXT
        case str():
            _put(sheet, row, position, value, _SIGN if column.is_numeric else _TEXT)
        case date():
            sheet.cell(row, position, value).style = _DAY
        case _:
            cell: Any = sheet.cell(row, position)
            # Given as a number, the library writes 9.7 as 9.699999999999999.
            cell.value = exactly(value)
            cell.data_type = "n"
            cell.style = _NUMBER
            places = column.decimals(value)
            cell.number_format = "0" if column.is_year else f"#,##0.{'0' * places}" if places else "#,##0"


def _lead(cell: Any, to: str) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{to}'!A1", display=cell.value)
    cell.style = _LINK


def _mark_as_table(sheet: Worksheet, content: Sheet, number: int) -> None:
    """Headings and rows are one table to a screen reader, which then says the heading with every cell."""
    last = f"{get_column_letter(len(content.columns))}{content.last_row}"
    table = Table(
        displayName=f"Table_{content.name}",
        ref=f"A{content.heading_row}:{last}",
        # Named here, since otherwise every heading gets a filter button.
        tableColumns=[
            TableColumn(id=place, name=column.heading) for place, column in enumerate(content.columns, start=1)
        ],
    )
    table.id = number
    sheet.add_table(table)


def _set_up_page(sheet: Worksheet, content: Sheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _PAPER_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if content.columns:
        sheet.print_title_rows = f"{content.heading_row}:{content.heading_row}"
