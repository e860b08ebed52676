"""From a file's bytes to sheets of text, cell for cell as a person sees them.

Belongs here: file kinds, encodings, and what is safe to open. Does not: knowing what a heading or a value means.
A cell's text is what was typed: numbers at the 15 digits a spreadsheet shows, dates in ISO form, blank as ''.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from dagster_project.sources.problems import FileRefused, Problem, refused

MEGABYTE = 1024 * 1024
LARGEST_FILE_BYTES = 50 * MEGABYTE
LARGEST_UNPACKED_BYTES = 300 * MEGABYTE
LARGEST_SHEET_CELLS = 2_000_000
ERROR_VALUES = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
_MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zipped file such as a workbook",
    b"\xd0\xcf\x11\xe0": "an old-style (.xls) or password-protected Office file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}


@dataclass(frozen=True)
class Sheet:
    """One sheet of text cells. Row and column numbers a person reads start at 1; `rows` starts at 0."""

    name: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell for row in self.rows for cell in row)


def cell_address(row_index: int, column_index: int) -> str:
    """'F8' for row index 7, column index 5."""
    letters, number = "", column_index + 1
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return f"{letters}{row_index + 1}"


def open_file(path: Path, file_name: str) -> tuple[Sheet, ...]:
    """The sheets of a .csv, .xlsx or .ods file, by the ending of its name; a CSV is one sheet without a name.

    Raises FileRefused when the file is empty, too large, of another kind than its name says, not readable as text,
    or holds a formula error or a formula that was never worked out.
    """
    readers: dict[str, Callable[[bytes], Iterator[Sheet]]] = {".csv": _csv, ".xlsx": _xlsx, ".ods": _ods}
    kind = PurePath(file_name).suffix.lower()
    if kind not in readers:
        raise refused(
            f"The file is of kind '{kind or 'without an ending'}', which is not read here.",
            "Save it as an Excel workbook (.xlsx), an OpenDocument spreadsheet (.ods) or a CSV file (.csv).",
        )
    size = path.stat().st_size
    if size == 0:
        raise refused("The file is empty: it holds no bytes at all.", "Save it again and check that it opens.")
    if size > LARGEST_FILE_BYTES:
        raise refused(
            f"The file is {size // MEGABYTE:,} MB; a return is never above {LARGEST_FILE_BYTES // MEGABYTE} MB.",
            "Remove pictures and empty formatted rows, or copy the tables into a new workbook.",
        )
    sheets = tuple(readers[kind](path.read_bytes()))
    if all(sheet.is_blank for sheet in sheets):
        raise refused("The file opens, but every cell of it is blank.", "Check that the right file was saved.")
    errors = [
        Problem(
            "file_refused",
            f"The cell shows {cell}, a formula that could not be worked out.",
            "Mend the formula, or type the number in its place, and save the file again.",
            sheet=sheet.name,
            row=row_index + 1,
            cell=cell_address(row_index, column_index),
            value=cell,
        )
        for sheet in sheets
        for row_index, row in enumerate(sheet.rows)
        for column_index, cell in enumerate(row)
        if cell in ERROR_VALUES or cell.startswith("Err:5")
    ]
    if errors:
        raise FileRefused(*errors)
    return sheets


def _csv(content: bytes) -> Iterator[Sheet]:
    _must_not_be(content, "a comma-separated file")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refused(
            "The file is saved as UTF-16 ('Unicode text'), not as UTF-8.",
            "Save it again as 'CSV UTF-8 (comma delimited)'.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refused(
            f"Line {line} holds a character that is not saved as UTF-8, so names and pound signs could be misread.",
            "Save it again as 'CSV UTF-8 (comma delimited)'.",
            row=line,
        ) from error
    if "\x00" in text:
        raise refused("The file holds null bytes, which no text file does.", "Save it again as 'CSV UTF-8'.")
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise refused(
            f"The file is not a well-formed comma-separated file ({error}).",
            "Open it in a spreadsheet and save it again as 'CSV UTF-8 (comma delimited)'.",
        ) from error
    yield Sheet("", rows)


def _xlsx(content: bytes) -> Iterator[Sheet]:
    import openpyxl

    members = _unzip(content, "an Excel workbook (.xlsx)", "[Content_Types].xml")
    has_formulas = any(
        b"<f>" in part or b"<f " in part for name, part in members() if name.startswith("xl/worksheets/sheet")
    )
    try:
        shown = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        typed = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if has_formulas else None
    except Exception as error:  # openpyxl raises many kinds for a damaged file; each means the same to a person
        raise refused(
            f"The workbook is damaged and cannot be opened ({type(error).__name__}).",
            "Open it in Excel or LibreOffice, let the program mend it, and save it again.",
        ) from error
    for worksheet in shown.worksheets:
        worksheet.reset_dimensions()
        rows = _capped(
            ([_text(cell.value) for cell in row] for row in worksheet.iter_rows()), f"sheet '{worksheet.title}'"
        )
        if typed is not None:
            _every_formula_must_have_a_value(typed[worksheet.title], worksheet.title, rows)
        yield Sheet(worksheet.title, rows)


def _every_formula_must_have_a_value(typed: Any, title: str, rows: tuple[tuple[str, ...], ...]) -> None:
    typed.reset_dimensions()
    unworked = [
        cell_address(row_index, column_index)
        for row_index, row in enumerate(typed.iter_rows())
        for column_index, cell in enumerate(row)
        if cell.data_type == "f" and not rows[row_index][column_index]
    ]
    if unworked:
        raise refused(
            f"These cells hold formulas whose results were never saved: {', '.join(unworked[:10])}.",
            "Open the workbook in Excel or LibreOffice, save it, and send it again.",
            sheet=title,
            cell=unworked[0],
        )


def _ods(content: bytes) -> Iterator[Sheet]:
    from odf.opendocument import load
    from odf.table import CoveredTableCell, Table, TableCell, TableRow
    from odf.text import P

    _unzip(content, "an OpenDocument spreadsheet (.ods)", "content.xml")
    try:
        document = load(io.BytesIO(content))
    except Exception as error:  # odfpy raises many kinds for a damaged file; each means the same to a person
        raise refused(
            f"The spreadsheet is damaged and cannot be opened ({type(error).__name__}).",
            "Open it in LibreOffice or Excel, let the program mend it, and save it again.",
        ) from error

    def cells(row: Any) -> list[str]:
        texts: list[str] = []
        for cell in row.childNodes:
            if cell.qname not in (TableCell().qname, CoveredTableCell().qname):
                continue
            text = _ods_text(cell, P)
            repeats = int(cell.getAttribute("numbercolumnsrepeated") or 1)
            if repeats > 1024 and not text:
                break
            texts.extend([text] * repeats)
        return texts

    def rows(table: Any) -> Iterator[list[str]]:
        held_back = 0
        for row in table.getElementsByType(TableRow):
            texts = cells(row)
            repeats = int(row.getAttribute("numberrowsrepeated") or 1)
            if not any(texts):
                held_back += repeats
                continue
            for _ in range(held_back):
                yield []
            held_back = 0
            for _ in range(repeats):
                yield texts

    for table in document.spreadsheet.getElementsByType(Table):
        name = table.getAttribute("name")
        yield Sheet(name, _capped(rows(table), f"sheet '{name}'"))


def _ods_text(cell: Any, paragraph: Any) -> str:
    kind = cell.getAttribute("valuetype")
    if kind in ("float", "currency", "percentage"):
        return _text(float(cell.getAttribute("value")))
    if kind == "date":
        return str(cell.getAttribute("datevalue"))
    return "\n".join(_all_text(part) for part in cell.getElementsByType(paragraph)).strip()


def _all_text(node: Any) -> str:
    if node.nodeType == node.TEXT_NODE:
        return str(node.data)
    if node.tagName == "text:s":
        return " " * int(node.getAttribute("c") or 1)
    return "".join(_all_text(child) for child in node.childNodes)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # The 15 significant digits a spreadsheet shows; beyond them lie only traces of binary arithmetic.
        text = format(value, ".15g")
        return text if "e" not in text else format(value, "f").rstrip("0").rstrip(".")
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value).strip()


def _capped(rows: Iterator[list[str]], where: str) -> tuple[tuple[str, ...], ...]:
    kept: list[tuple[str, ...]] = []
    cells = 0
    for row in rows:
        while row and not row[-1]:
            row.pop()
        cells += len(row)
        if cells > LARGEST_SHEET_CELLS:
            raise refused(
                f"In {where} there are more than {LARGEST_SHEET_CELLS:,} filled cells; no return has so many.",
                "Copy the table alone into a new workbook.",
            )
        kept.append(tuple(row))
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _must_not_be(content: bytes, claimed: str) -> None:
    head = content[:512].lstrip()
    for magic, kind in _MAGIC.items():
        if head[: len(magic)].lower() == magic.lower():
            raise refused(
                f"The file's name says it is {claimed}, but its content is {kind}.",
                "Send the spreadsheet itself, saved as .xlsx, .ods or .csv with the ending that fits.",
            )


def _unzip(content: bytes, claimed: str, required_member: str) -> Callable[[], Iterator[tuple[str, bytes]]]:
    """Checks that the bytes are a whole zip of the kind claimed and of a safe size, and gives its members."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(
            f"The file's name says it is {claimed}, but it is password-protected or in the old .xls form.",
            "Remove the password (or save as .xlsx) and send it again.",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise refused(
                f"The file unpacks to {unpacked // MEGABYTE:,} MB, far more than a return can hold.",
                "Copy the tables alone into a new workbook.",
            )
        broken = archive.testzip()
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise refused(
            f"The file's name says it is {claimed}, but its content is not (it may have been cut short).",
            "Open it in Excel or LibreOffice, save it as .xlsx or .ods, and send it again.",
        ) from error
    if broken or required_member not in names:
        raise refused(
            f"The file's name says it is {claimed}, but a part of it is missing or damaged.",
            "Open it in Excel or LibreOffice, save it as .xlsx or .ods, and send it again.",
        )
    return lambda: ((name, archive.read(name)) for name in names)
