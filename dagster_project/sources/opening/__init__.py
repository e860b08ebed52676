"""From a file's bytes to sheets of text, cell for cell as a person sees them.

Belongs here: file kinds, encodings, and what is safe to open. Does not: knowing what a heading or a value means.
A cell's text is what was typed: numbers at the 15 digits a spreadsheet shows, dates in ISO form, blank as ''.
What cannot be read for certain is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from dagster_project.sources.opening.csv_files import open_csv
from dagster_project.sources.opening.excel_files import open_excel
from dagster_project.sources.opening.grid import MEGABYTE, Opened, Sheet, cell_address
from dagster_project.sources.opening.mistaken import SAVE_AS_A_WORKBOOK, kind_not_read
from dagster_project.sources.opening.old_excel_files import open_old_excel
from dagster_project.sources.opening.opendocument_files import open_opendocument
from dagster_project.sources.opening.texts import ERROR_VALUES
from dagster_project.sources.problems import FileRefused, Problem, refused

__all__ = [
    "ERROR_VALUES",
    "LARGEST_FILE_BYTES",
    "MEGABYTE",
    "Opened",
    "Sheet",
    "cell_address",
    "load_bytes",
    "open_bytes",
    "open_file",
    "open_with_remarks",
]

LARGEST_FILE_BYTES = 50 * MEGABYTE
_READERS: dict[str, Callable[[bytes], Opened]] = {
    ".csv": open_csv,
    ".xlsx": open_excel,
    ".xlsm": open_excel,
    ".ods": open_opendocument,
    ".xls": open_old_excel,
}


def open_file(path: Path, file_name: str) -> tuple[Sheet, ...]:
    """The sheets of a file. Raises FileRefused and OSError as `load_bytes` and `open_bytes` do."""
    return open_bytes(load_bytes(path, file_name), file_name)


def load_bytes(path: Path, file_name: str) -> bytes:
    """The bytes of a file that may be opened here.

    Raises FileRefused for a kind that is not read and for a file that is empty or too large, and OSError when the
    system does not give the bytes.
    """
    _reader(file_name)
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
    """The sheets of a file, by the ending of its name; a CSV is one sheet without a name.

    Raises FileRefused when the file is of another kind than its name says, not readable as text, damaged, or holds
    a formula error or a formula that was never worked out.
    """
    return open_with_remarks(content, file_name).sheets


def open_with_remarks(content: bytes, file_name: str) -> Opened:
    """The sheets of a file, and what its sender should know of how they were read. Raises as `open_bytes` does."""
    opened = _reader(file_name)(content)
    if not opened.sheets:
        raise refused("The workbook holds no sheet that can be read.", f"Check the file. {SAVE_AS_A_WORKBOOK}")
    if all(sheet.is_blank for sheet in opened.sheets):
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
        for sheet in opened.sheets
        for row_index, row in enumerate(sheet.rows)
        if not ERROR_VALUES.isdisjoint(row)
        for column_index, cell in enumerate(row)
        if cell in ERROR_VALUES
    ]
    if errors:
        raise FileRefused(*errors)
    return opened


def _reader(file_name: str) -> Callable[[bytes], Opened]:
    kind = PurePath(file_name).suffix.lower()
    if kind not in _READERS:
        raise kind_not_read(kind)
    return _READERS[kind]
