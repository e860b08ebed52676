"""From a file's bytes to sheets of text, cell for cell as a person sees them.

Belongs here: file kinds, encodings, and what is safe to open. Does not: knowing what a heading or a value means.
A cell's text is what was typed: numbers at the 15 digits a spreadsheet shows, dates in ISO form, blank as ''.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import itertools
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

from dagster_project.sources.problems import FileRefused, Problem, refused

MEGABYTE = 1024 * 1024
LARGEST_FILE_BYTES = 50 * MEGABYTE
LARGEST_UNPACKED_BYTES = 300 * MEGABYTE
LARGEST_SHEET_CELLS = 2_000_000
# Formatting alone can reach to the edge of a sheet, so far more cells are looked at than may be filled.
LARGEST_SHEET_CELLS_LOOKED_AT = 20_000_000
LARGEST_SHEET_ROWS = 1_048_576
LARGEST_SHEET_COLUMNS = 16_384
ERROR_VALUES = frozenset(
    {
        *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"),
        *("#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!"),
    }
)
_OLD_OR_PROTECTED = b"\xd0\xcf\x11\xe0"
_ZIPPED = b"PK\x03\x04"
_MAGIC = {
    b"%PDF": "a PDF",
    _ZIPPED: "a zipped file such as a workbook",
    _OLD_OR_PROTECTED: "an old-style (.xls) or password-protected Office file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
    b"{\\rtf": "a text document (.rtf)",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
}
_SEND_THE_SPREADSHEET = "Send the spreadsheet itself, saved as .xlsx, .ods or .csv with the ending that fits."
_SAVE_ANEW = "Open it in Excel or LibreOffice, save it as .xlsx or .ods, and send it again."
_LET_IT_BE_MENDED = "Open it in Excel or LibreOffice, let the program mend it, and save it again."
_SAVE_AS_UTF8 = "Save it again as 'CSV UTF-8 (comma delimited)'."


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
    """The sheets of a file. Raises FileRefused and OSError as `load_bytes` and `open_bytes` do."""
    return open_bytes(load_bytes(path, file_name), file_name)


def load_bytes(path: Path, file_name: str) -> bytes:
    """The bytes of a file that may be opened here.

    Raises FileRefused for a kind that is not read and for a file that is empty or too large, and OSError when the
    system does not give the bytes.
    """
    _kind(file_name)
    size = path.stat().st_size
    if size == 0:
        raise refused("The file is empty: it holds no bytes at all.", "Save it again and check that it opens.")
    if size > LARGEST_FILE_BYTES:
        raise refused(
            f"The file is {size // MEGABYTE:,} MB; a return is never above {LARGEST_FILE_BYTES // MEGABYTE} MB.",
            "Remove pictures and empty formatted rows, or copy the tables into a new workbook.",
        )
    return path.read_bytes()


def open_bytes(content: bytes, file_name: str) -> tuple[Sheet, ...]:
    """The sheets of a .csv, .xlsx or .ods file, by the ending of its name; a CSV is one sheet without a name.

    Raises FileRefused when the file is of another kind than its name says, not readable as text, damaged, or holds
    a formula error or a formula that was never worked out.
    """
    sheets = tuple(_READERS[_kind(file_name)](content))
    if not sheets:
        raise refused(
            "The workbook holds no sheet that can be read.",
            "Save it as 'Excel Workbook (.xlsx)' (not 'Strict Open XML') or as OpenDocument (.ods).",
        )
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
        if _is_error(cell)
    ]
    if errors:
        raise FileRefused(*errors)
    return sheets


def _kind(file_name: str) -> str:
    kind = PurePath(file_name).suffix.lower()
    if kind not in _READERS:
        raise refused(
            f"The file is of kind '{kind}', which is not read here."
            if kind
            else "The file's name has no ending, so it is not known what kind of file it is.",
            "Save it as an Excel workbook (.xlsx), an OpenDocument spreadsheet (.ods) or a CSV file (.csv).",
        )
    return kind


def _is_error(cell: str) -> bool:
    return cell in ERROR_VALUES or cell.startswith("Err:5")


def _csv(content: bytes) -> Iterator[Sheet]:
    _must_not_be(content, "a comma-separated file", _MAGIC)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refused("The file is saved as UTF-16 ('Unicode text'), not as UTF-8.", _SAVE_AS_UTF8)
    if b"\x00" in content:
        raise refused("The file holds null bytes, which no text file saved as UTF-8 does.", _SAVE_AS_UTF8)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", errors="replace")
        # One more character, so that a row which has just begun is counted as well.
        row = sum(1 for _ in csv.reader(io.StringIO(before + "?", newline="")))
        raise refused(
            f"Row {row} holds a character that is not saved as UTF-8, so names and pound signs could be misread.",
            _SAVE_AS_UTF8,
            row=row,
        ) from error
    rows: list[tuple[str, ...]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(tuple(cell.strip() for cell in cells))
    except csv.Error as error:
        row = len(rows) + 1
        raise refused(
            f"The row that starts as row {row} is not well-formed: a quotation mark is opened and not closed, or "
            f"stands inside a cell ({error}).",
            "Open it in a spreadsheet, look at that row, and save it again as 'CSV UTF-8 (comma delimited)'.",
            row=row,
        ) from error
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if all(len(row) <= 1 for row in rows) and any(sign in cell for row in rows for cell in row):
            raise refused(f"The columns are divided by {name}, not by commas.", _SAVE_AS_UTF8)
    yield Sheet("", tuple(rows))


def _xlsx(content: bytes) -> list[Sheet]:
    archive = _unzip(content, "an Excel workbook (.xlsx)", "[Content_Types].xml")
    formula = re.compile(rb"<(?:\w+:)?f[\s/>]")
    has_formulas = any(formula.search(archive.read(name)) for name in archive.namelist() if name.endswith(".xml"))
    try:
        with warnings.catch_warnings():
            # openpyxl warns of drop-downs and styles it leaves out; none of them is a cell.
            warnings.simplefilter("ignore")
            return _worksheets(content, has_formulas)
    except FileRefused:
        raise
    except Exception as error:  # openpyxl raises many kinds for a damaged file; each means the same to a person
        raise refused(
            f"The workbook is damaged and cannot be opened ({type(error).__name__}).", _LET_IT_BE_MENDED
        ) from error


def _worksheets(content: bytes, has_formulas: bool) -> list[Sheet]:
    import openpyxl

    shown = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    typed = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if has_formulas else None
    sheets = []
    for worksheet in shown.worksheets:
        unworked: list[str] = []
        rows = _capped(_worksheet_rows(worksheet, typed[worksheet.title] if typed else None, unworked), worksheet.title)
        _every_formula_must_have_a_value(worksheet.title, unworked)
        sheets.append(Sheet(worksheet.title, rows))
    return sheets


def _worksheet_rows(shown: Any, typed: Any, unworked: list[str]) -> Iterator[list[str]]:
    """The rows as shown; addresses of formulas without a saved result are added to `unworked`."""
    shown.reset_dimensions()
    if typed is not None:
        typed.reset_dimensions()
    typed_rows = typed.iter_rows() if typed is not None else itertools.repeat(())
    for row_index, (shown_row, typed_row) in enumerate(zip(shown.iter_rows(), typed_rows, strict=False)):
        texts = [_cell_text(cell) for cell in shown_row]
        unworked += [
            cell_address(row_index, column_index)
            for column_index, cell in enumerate(typed_row)
            # A formula whose result is an empty text was worked out; its cell says that it holds text.
            if cell.data_type == "f" and not texts[column_index] and shown_row[column_index].data_type != "str"
        ]
        yield texts


def _cell_text(cell: Any) -> str:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.number_format:
        return _percentage(value)
    if isinstance(value, str):
        # How a workbook writes a carriage return; the line feed beside it is kept.
        return value.replace("_x000D_", "").strip()
    return _text(value)


def _every_formula_must_have_a_value(sheet: str, unworked: list[str]) -> None:
    if unworked:
        raise refused(
            f"These cells hold formulas whose results were never saved: {', '.join(unworked[:10])}"
            f"{' and others' if len(unworked) > 10 else ''}.",
            "Open the workbook in Excel or LibreOffice, save it, and send it again.",
            sheet=sheet,
            cell=unworked[0],
        )


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# The copy LibreOffice keeps of a sheet in another file that formulas look at; a person never sees it.
_STYLE_OF_A_LINKED_SHEET = "ta_extref"


def _ods(content: bytes) -> list[Sheet]:
    archive = _unzip(content, "an OpenDocument spreadsheet (.ods)", "content.xml")
    try:
        with archive.open("content.xml") as part:
            return list(_tables(part))
    except FileRefused:
        raise
    except Exception as error:  # a damaged part raises many kinds; each means the same to a person
        raise refused(
            f"The spreadsheet is damaged and cannot be opened ({type(error).__name__}).", _LET_IT_BE_MENDED
        ) from error


def _tables(part: Any) -> Iterator[Sheet]:
    """The sheets, read row by row: the whole tree of a long sheet would fill the memory."""
    from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

    events = iterparse(part, events=("start", "end"))
    parents: list[str] = []
    for event, element in events:
        if event == "end":
            parents.pop()
            continue
        if element.tag == f"{_TABLE}table" and parents and parents[-1] == f"{_OFFICE}spreadsheet":
            name = element.get(f"{_TABLE}name", "")
            unworked: list[str] = []
            rows = _capped(_table_rows(events, unworked), name)
            if element.get(f"{_TABLE}style-name") != _STYLE_OF_A_LINKED_SHEET:
                _every_formula_must_have_a_value(name, unworked)
                yield Sheet(name, rows)
            continue
        parents.append(element.tag)


def _table_rows(events: Iterator[tuple[str, Any]], unworked: list[str]) -> Iterator[list[str]]:
    """The rows up to the end of the table just begun; addresses of formulas without a result go to `unworked`."""
    rows_given = blank_rows = depth = 0
    for event, element in events:
        depth += 1 if event == "start" else -1
        if depth < 0:
            return
        if event == "start" or element.tag != f"{_TABLE}table-row":
            continue
        texts = _row_texts(element, rows_given + blank_rows, unworked)
        repeats = int(element.get(f"{_TABLE}number-rows-repeated", 1))
        element.clear()
        if not any(texts):
            # Formatted rows reach to the end of the sheet; they count only when something stands below them.
            blank_rows += repeats
            continue
        yield from itertools.repeat([], blank_rows)
        yield from itertools.repeat(texts, repeats)
        rows_given, blank_rows = rows_given + blank_rows + repeats, 0


def _row_texts(row: Any, row_index: int, unworked: list[str]) -> list[str]:
    texts: list[str] = []
    blanks = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeats = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        # What lies under a merged cell is not seen.
        text = _ods_text(cell) if cell.tag == f"{_TABLE}table-cell" else ""
        if not text:
            # A formula whose result is an empty text was worked out; its cell has a type or an empty paragraph.
            if cell.get(f"{_TABLE}formula") and not cell.get(f"{_OFFICE}value-type") and not len(cell):
                unworked.append(cell_address(row_index, len(texts) + blanks))
            blanks += repeats
            continue
        if len(texts) + blanks + repeats > LARGEST_SHEET_COLUMNS:
            raise refused(
                f"The row has cells beyond column {LARGEST_SHEET_COLUMNS:,}; no return is so wide.",
                "Copy the table alone into a new spreadsheet.",
                row=row_index + 1,
            )
        texts += [""] * blanks + [text] * repeats
        blanks = 0
    return texts


def _ods_text(cell: Any) -> str:
    kind = cell.get(f"{_OFFICE}value-type")
    # Only the cell's own paragraphs: those of a comment on it are not its content.
    shown = "\n".join(_all_text(part) for part in cell.findall(f"{_TEXT}p")).strip()
    # Neither an error nor TRUE is the number that may be saved with it.
    if _is_error(shown) or shown in ("TRUE", "FALSE"):
        return shown
    if kind == "percentage":
        return _percentage(float(cell.get(f"{_OFFICE}value")))
    if kind in ("float", "currency"):
        return _text(float(cell.get(f"{_OFFICE}value")))
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value")).removesuffix("T00:00:00")
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value")).upper()
    return shown or str(cell.get(f"{_OFFICE}string-value", "")).strip()


def _all_text(node: Any) -> str:
    parts = [node.text or ""]
    for child in node:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * int(child.get(f"{_TEXT}c", 1)))
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag != f"{_OFFICE}annotation":
            parts.append(_all_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


_READERS: dict[str, Callable[[bytes], Iterable[Sheet]]] = {".csv": _csv, ".xlsx": _xlsx, ".ods": _ods}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # The 15 significant digits a spreadsheet shows; beyond them lie only traces of binary arithmetic.
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value).strip()


def _percentage(value: float) -> str:
    """As it is seen: a cell that shows 50% is not the number 0.5."""
    return f"{_text(float(value) * 100)}%"


def _capped(rows: Iterator[list[str]], sheet: str) -> tuple[tuple[str, ...], ...]:
    """The rows without blank ends. Raises FileRefused for a sheet that no person filled."""
    kept: list[tuple[str, ...]] = []
    filled = looked_at = 0
    for row in rows:
        looked_at += len(row)
        while row and not row[-1]:
            row.pop()
        filled += len(row)
        for count, most, what in (
            (filled, LARGEST_SHEET_CELLS, "filled cells"),
            (looked_at, LARGEST_SHEET_CELLS_LOOKED_AT, "formatted cells"),
            (len(kept), LARGEST_SHEET_ROWS, "rows"),
        ):
            if count > most:
                raise refused(
                    f"The sheet has more than {most:,} {what}; no return has so many.",
                    "Copy the table alone into a new workbook.",
                    sheet=sheet,
                )
        kept.append(tuple(row))
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _must_not_be(content: bytes, claimed: str, kinds: Iterable[bytes]) -> None:
    head = content[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for magic in kinds:
        if head.startswith(magic.lower()):
            raise refused(
                f"The file's name says it is {claimed}, but its content is {_MAGIC[magic]}.", _SEND_THE_SPREADSHEET
            )


def _unzip(content: bytes, claimed: str, required_member: str) -> zipfile.ZipFile:
    """The bytes as a zip of the kind claimed, whole and of a safe size. Raises FileRefused when they are not."""
    if content.startswith(_OLD_OR_PROTECTED):
        raise _password_protected(claimed, " or in the old .xls form")
    _must_not_be(content, claimed, _MAGIC.keys() - {_ZIPPED})
    if not content.startswith(_ZIPPED):
        raise refused(
            f"The file's name says it is {claimed}, but its content is something else, such as plain text.",
            "If it is a CSV file, give it the ending .csv; otherwise save it as .xlsx or .ods, and send it again.",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise refused(
                f"The file unpacks to {unpacked // MEGABYTE:,} MB, far more than a return can hold.",
                "Copy the tables alone into a new workbook.",
            )
        names = set(archive.namelist())
        manifest = "META-INF/manifest.xml"
        if (
            any(member.flag_bits & 0x1 for member in members)
            or "encrypted-package" in names
            or (manifest in names and b"encryption-data" in archive.read(manifest))
        ):
            raise _password_protected(claimed)
        broken = archive.testzip()
    except FileRefused:
        raise
    except Exception as error:  # zipfile and its decompressors raise many kinds; each means the same to a person
        raise refused(
            f"The file is {claimed} by its name, but it is damaged; it may have been cut short on its way.", _SAVE_ANEW
        ) from error
    if broken or required_member not in names:
        raise refused(
            f"The file's name says it is {claimed}, but it is another kind of file, or a part of it is damaged.",
            _SAVE_ANEW,
        )
    return archive


def _password_protected(claimed: str, or_else: str = "") -> FileRefused:
    return refused(
        f"The file's name says it is {claimed}, but it is password-protected{or_else}.",
        "Remove the password, save it as .xlsx or .ods, and send it again.",
    )
