"""Excel workbooks of before 2007 (.xls), read with xlrd, which keeps errors and number formats (docs/decisions/0014).

Belongs here: what xlrd gives, as text. Does not: macros, which are never run.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dagster_project.sources.opening.excel_files import MACROS_NOT_LOOKED_AT
from dagster_project.sources.opening.grid import MEGABYTE, Allowance, Block, Grid, Opened, remark
from dagster_project.sources.opening.mistaken import (
    SAVE_AS_A_WORKBOOK,
    is_protected,
    must_be_an_old_workbook,
    password_protected,
)
from dagster_project.sources.opening.texts import UNKNOWN_ERROR, boolean_text, formatted_text, seen
from dagster_project.sources.problems import FileRefused, refused

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet as OldSheet

OLD_FORM = remark(
    "The workbook is saved in the form of Excel before 2007 (.xls); it was read as it stands.",
    "Nothing to do when the numbers are right. Saving it as 'Excel Workbook (.xlsx)' leaves no doubt.",
)
# It is not compressed, and takes many times its size in memory.
LARGEST_OLD_WORKBOOK_BYTES = 10 * MEGABYTE
_CLAIMED = "an old Excel workbook (.xls)"
_FORM_OF_EXCEL_97 = b"\x00\x06"
_BEGINNING, _LISTED_SHEET, _FORMULA = 0x809, 0x85, 0x06
_TO_BE_WORKED_OUT_ON_OPENING = 0x02


def open_old_excel(content: bytes) -> Opened:
    """The sheets of the workbook, hidden ones included; charts are none. Raises FileRefused as `open_bytes` does."""
    if is_protected(content):
        raise password_protected()
    must_be_an_old_workbook(content, _CLAIMED)
    if len(content) > LARGEST_OLD_WORKBOOK_BYTES:
        raise refused(
            f"The file is {len(content) // MEGABYTE:,} MB, which is more than is read of the old .xls form.",
            SAVE_AS_A_WORKBOOK,
        )
    try:
        return _opened(content)
    except FileRefused:
        raise
    except Exception as error:  # xlrd raises many kinds for a damaged file; each means the same to a person
        if "encrypted" in str(error):
            raise password_protected() from error
        raise refused("The workbook is damaged and cannot be opened.", SAVE_AS_A_WORKBOOK) from error


def _opened(content: bytes) -> Opened:
    import xlrd
    from xlrd.compdoc import CompDoc

    # xlrd would print its doubts.
    stream = CompDoc(content, logfile=io.StringIO()).get_named_stream("Workbook")
    if stream is None or stream[4:6] != _FORM_OF_EXCEL_97:
        raise refused(
            "The workbook was saved in the form of Excel 95 or before, which is not read.", SAVE_AS_A_WORKBOOK
        )
    book = xlrd.open_workbook(
        file_contents=content, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
    )
    allowance = Allowance()
    grids = [Grid(name, allowance) for name in book.sheet_names()]
    for sheet_index, row_index, column_index in _not_worked_out(stream):
        grids[sheet_index].add_not_worked_out(row_index, column_index)
    sheets, remarks = [], [OLD_FORM, *([MACROS_NOT_LOOKED_AT] if _holds_macros(content) else [])]
    for index, grid in enumerate(grids):
        saved = book.sheet_by_index(index)
        for row_index in range(saved.nrows):
            texts = [_text(book, saved, row_index, column) for column in range(saved.row_len(row_index))]
            info = saved.rowinfo_map.get(row_index)
            is_hidden = info is not None and bool(info.hidden)
            grid.add_row(row_index, texts, looked_at=len(texts) + 1, is_hidden=is_hidden)
        sheets.append(
            grid.sheet(
                is_hidden=saved.visibility != 0,
                hidden_columns=[(column, column) for column, info in saved.colinfo_map.items() if info.hidden],
                merged=[
                    Block(first_row, first_column, end_row - 1, end_column - 1)
                    for first_row, end_row, first_column, end_column in saved.merged_cells
                ],
            )
        )
        remarks += grid.remarks
        book.unload_sheet(index)
    return Opened(tuple(replace(sheet, is_1904=book.datemode == 1) for sheet in sheets), tuple(remarks))


def _text(book: Book, sheet: OldSheet, row: int, column: int) -> str:
    import xlrd

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return seen(str(value))
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        style = book.xf_list[sheet.cell_xf_index(row, column)]
        code = book.format_map[style.format_key].format_str
        return formatted_text(float(value), code, is_1904=book.datemode == 1)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return boolean_text(str(value))
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(int(value), UNKNOWN_ERROR)
    return ""


def _not_worked_out(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Sheet, row and column indices of formulas whose saved result is not to be relied on.

    Programs that do not work formulas out save nought, or what stood there before, and mark the cell as one that Excel
    must work out when it opens the file. xlrd gives the saved number and not the mark.
    """
    sheet_at: dict[int, int | None] = {}
    sheets = position = 0
    sheet: int | None = None
    while position + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, position)
        body = position + 4
        if code == _LISTED_SHEET:
            is_worksheet = stream[body + 5] == 0
            sheet_at[struct.unpack_from("<I", stream, body)[0]] = sheets if is_worksheet else None
            sheets += is_worksheet
        elif code == _BEGINNING and position in sheet_at:
            sheet = sheet_at[position]
        elif code == _FORMULA and sheet is not None:
            row, column, flags = struct.unpack_from("<HH10xH", stream, body)
            if flags & _TO_BE_WORKED_OUT_ON_OPENING:
                yield sheet, row, column
        position = body + length


def _holds_macros(content: bytes) -> bool:
    return "_VBA_PROJECT".encode("utf-16-le") in content
