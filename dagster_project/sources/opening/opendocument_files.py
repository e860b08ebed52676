"""OpenDocument spreadsheets (.ods), read from their XML from beginning to end (docs/decisions/0014).

Belongs here: what the elements of a table mean. Does not: drawings, comments and tracked changes, which are no cells.
"""

from __future__ import annotations

import re

from dagster_project.sources.opening.grid import LARGEST_SHEET_COLUMNS, Allowance, Grid, Opened, Sheet, cell_address
from dagster_project.sources.opening.mistaken import password_protected, zip_of_another_kind
from dagster_project.sources.opening.texts import (
    ERROR_VALUES,
    UNKNOWN_ERROR,
    boolean_text,
    clock_text,
    moment_text,
    number_of,
    number_text,
    percentage_text,
    seen,
)
from dagster_project.sources.opening.zipped import Package, safe_parser
from dagster_project.sources.problems import Problem

_CLAIMED = "an OpenDocument spreadsheet (.ods)"
_CONTENT = "content.xml"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_DRAWING = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0 "
_OF_LIBREOFFICE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_SPREADSHEET = f"{_OFFICE}spreadsheet"
_SHEET = f"{_TABLE}table"
_ROW = f"{_TABLE}table-row"
_CELL = f"{_TABLE}table-cell"
_COVERED_CELL = f"{_TABLE}covered-table-cell"
_CELLS = (_CELL, _COVERED_CELL)
_PARAGRAPH = f"{_TEXT}p"
_GROUPS = (f"{_TABLE}table-row-group", f"{_TABLE}table-column-group")
_BOOLEAN_VALUE = f"{_OFFICE}boolean-value"
_DATE_VALUE = f"{_OFFICE}date-value"
_DISPLAY = f"{_TABLE}display"
_FORMULA = f"{_TABLE}formula"
_NAME = f"{_TABLE}name"
_NAME_OF_A_STYLE = f"{_STYLE}name"
_NUMBER_COLUMNS_REPEATED = f"{_TABLE}number-columns-repeated"
_NUMBER_OF_SPACES = f"{_TEXT}c"
_NUMBER_ROWS_REPEATED = f"{_TABLE}number-rows-repeated"
_STRING_VALUE = f"{_OFFICE}string-value"
_STYLE_ELEMENT = f"{_STYLE}style"
_STYLE_NAME = f"{_TABLE}style-name"
_TABLE_COLUMN = f"{_TABLE}table-column"
_TABLE_PROPERTIES = f"{_STYLE}table-properties"
_TIME_VALUE = f"{_OFFICE}time-value"
_VALUE = f"{_OFFICE}value"
_VALUE_TYPE = f"{_OFFICE}value-type"
_VALUE_TYPE_OF_LIBREOFFICE = f"{_OF_LIBREOFFICE}value-type"
_VISIBILITY = f"{_TABLE}visibility"
# What may stand within a sheet or a cell and is not its content.
_NOT_CONTENT = (
    f"{_OFFICE}annotation",
    f"{_OFFICE}annotation-end",
    f"{_OFFICE}forms",
    f"{_TABLE}shapes",
    f"{_TABLE}tracked-changes",
    f"{_TEXT}ruby-text",
)
# The copy LibreOffice keeps of a sheet in another file that formulas look at; a person never sees it.
_STYLE_OF_A_LINKED_SHEET = "ta_extref"
# Stands for white space that is meant, until that of the XML is taken out; XML cannot hold these characters itself.
_WHITE_SPACE = {f"{_TEXT}s": "\0", f"{_TEXT}tab": "\1", f"{_TEXT}line-break": "\2"}
_MEANT = {0: " ", 1: "\t", 2: "\n"}
_LONGEST_WHITE_SPACE = 32_767
_NOT_VISIBLE = ("collapse", "filter")
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")


def open_opendocument(content: bytes) -> Opened:
    """The sheets of the spreadsheet, hidden ones included. Raises FileRefused as `open_bytes` does."""
    package = Package(content, _CLAIMED)
    if "encrypted-package" in package.names or package.contains("meta-inf/manifest.xml", b"encryption-data"):
        raise password_protected()
    if _CONTENT not in package.names:
        raise zip_of_another_kind(package.names, _CLAIMED)
    reader = _SpreadsheetReader()
    reader.read(package)
    package.must_be_whole()
    return Opened(tuple(reader.sheets), tuple(reader.remarks))


class _SpreadsheetReader:
    """The spreadsheet row by row: the whole tree of a long sheet would fill the memory."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.remarks: list[Problem] = []
        self._allowance = Allowance()
        self._within: list[str] = []
        self._passed_over = 0
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._grid = Grid("", self._allowance)
        self._is_hidden = False
        self._groups: list[bool] = []
        self._hidden_columns: list[tuple[int, int]] = []
        self._columns = 0
        self._row_index = 0
        self._row: dict[str, str] = {}
        self._texts: list[str] = []
        self._blanks = 0
        self._looked_at = 0
        self._cell: dict[str, str] = {}
        self._paragraphs: list[str] = []
        self._parts: list[str] = []

    def read(self, package: Package) -> None:
        """Raises FileRefused for a damaged file or cell, and for a formula without a result."""
        self._parser = safe_parser(self._start, self._end)
        package.parse(_CONTENT, self._parser)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._passed_over:
            self._passed_over += 1
            return
        if name in _CELLS:
            self._looked_at += 1
            self._cell = attributes
            self._paragraphs = []
        elif self._is_not_content(name, attributes):
            self._passed_over = 1
            self._parser.CharacterDataHandler = None
            return
        elif name == _PARAGRAPH and self._within[-1] in _CELLS:
            self._parts = []
            self._parser.CharacterDataHandler = self._parts.append
        elif name in _WHITE_SPACE:
            self._parts.append(_WHITE_SPACE[name] * _count(attributes, _NUMBER_OF_SPACES, _LONGEST_WHITE_SPACE))
        elif name == _ROW:
            self._row = attributes
            self._texts = []
            self._blanks = 0
            self._looked_at = 1
        elif name == _TABLE_COLUMN:
            self._start_column(attributes)
        elif name in _GROUPS:
            self._groups.append(attributes.get(_DISPLAY) == "false")
        elif name == _SHEET:
            self._start_sheet(attributes)
        elif name == _STYLE_ELEMENT:
            self._style = attributes.get(_NAME_OF_A_STYLE, "")
        elif name == _TABLE_PROPERTIES and attributes.get(_DISPLAY) == "false":
            self._hidden_styles.add(self._style)
        self._within.append(name)

    def _end(self, name: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
            if not self._passed_over and _PARAGRAPH in self._within:
                self._parser.CharacterDataHandler = self._parts.append
            return
        self._within.pop()
        if name == _PARAGRAPH and self._within[-1] in _CELLS:
            self._parser.CharacterDataHandler = None
            self._paragraphs.append(_paragraph("".join(self._parts)))
        elif name in _CELLS:
            self._end_cell(is_covered=name == _COVERED_CELL)
        elif name == _ROW:
            repeats = _count(self._row, _NUMBER_ROWS_REPEATED)
            is_hidden = any(self._groups) or self._row.get(_VISIBILITY) in _NOT_VISIBLE
            self._grid.add_row(self._row_index, self._texts, self._looked_at, repeats=repeats, is_hidden=is_hidden)
            self._row_index += repeats
        elif name in _GROUPS:
            self._groups.pop()
        elif name == _SHEET:
            self.sheets.append(self._grid.sheet(is_hidden=self._is_hidden, hidden_columns=self._hidden_columns))
            self.remarks += self._grid.remarks

    def _is_not_content(self, name: str, attributes: dict[str, str]) -> bool:
        if name == _SHEET:
            # A table within a cell or within a link to another program is no sheet.
            return self._within[-1] != _SPREADSHEET or attributes.get(_STYLE_NAME) == _STYLE_OF_A_LINKED_SHEET
        return name in _NOT_CONTENT or name.startswith(_DRAWING)

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        self._grid = Grid(attributes.get(_NAME, ""), self._allowance)
        self._is_hidden = attributes.get(_STYLE_NAME) in self._hidden_styles
        self._groups, self._hidden_columns = [], []
        self._columns = self._row_index = 0

    def _start_column(self, attributes: dict[str, str]) -> None:
        repeats = _count(attributes, _NUMBER_COLUMNS_REPEATED)
        if any(self._groups) or attributes.get(_VISIBILITY) in _NOT_VISIBLE:
            self._hidden_columns.append((self._columns, self._columns + repeats - 1))
        self._columns += repeats

    def _end_cell(self, is_covered: bool) -> None:
        column = len(self._texts) + self._blanks
        repeats = _count(self._cell, _NUMBER_COLUMNS_REPEATED)
        try:
            text = self._text()
        except (ValueError, LookupError) as error:
            raise self._grid.damaged(
                "this cell does not hold what it says it holds", cell=cell_address(self._row_index, column)
            ) from error
        if is_covered and text:
            # What lies under a merged cell is not seen.
            self._grid.add_covered(self._row_index, column)
            text = ""
        if not text:
            # A formula whose result is an empty text was worked out; its cell has a type or an empty paragraph.
            has_result = _VALUE_TYPE in self._cell or self._paragraphs
            if _FORMULA in self._cell and not has_result:
                self._grid.add_not_worked_out(self._row_index, column)
            self._blanks += repeats
            return
        if column + repeats > LARGEST_SHEET_COLUMNS:
            raise self._grid.too_wide(self._row_index)
        self._texts += [""] * self._blanks + [text] * repeats
        self._blanks = 0

    def _text(self) -> str:
        kind = self._cell.get(_VALUE_TYPE)
        shown = seen("\n".join(self._paragraphs))
        if self._cell.get(_VALUE_TYPE_OF_LIBREOFFICE) == "error":
            return shown if shown in ERROR_VALUES else UNKNOWN_ERROR
        # Neither an error nor TRUE is the number that may be saved with it.
        if shown in ERROR_VALUES or shown in ("TRUE", "FALSE"):
            return shown
        if kind == "percentage":
            return percentage_text(number_of(self._cell[_VALUE]))
        if kind in ("float", "currency"):
            number = number_text(number_of(self._cell[_VALUE]))
            # The sign is a word of the format here, as in 50"%".
            return f"{number}%" if "%" in shown else number
        if kind == "date":
            return moment_text(self._cell[_DATE_VALUE])
        if kind == "time":
            return _duration_text(self._cell[_TIME_VALUE])
        if kind == "boolean":
            return boolean_text(self._cell[_BOOLEAN_VALUE])
        return shown or seen(self._cell.get(_STRING_VALUE, ""))


def _paragraph(gathered: str) -> str:
    """Line breaks and repeated blanks in the XML are only its own layout; those that are meant are elements."""
    if gathered.isprintable() and "  " not in gathered:
        return gathered
    return re.sub("[ \t\r\n]+", " ", gathered).translate(_MEANT)


def _count(attributes: dict[str, str], name: str, most: int | None = None) -> int:
    """Raises ValueError for what is no number of repetitions."""
    count = int(attributes.get(name, 1))
    if count < 1 or (most is not None and count > most):
        raise ValueError(f"{name} is {count}")
    return count


def _duration_text(saved: str) -> str:
    parts = _DURATION.fullmatch(saved)
    if parts is None:
        raise ValueError(f"'{saved}' is no time")
    sign, days, hours, minutes, seconds = parts.groups(default="0")
    whole_minutes = (int(days) * 24 + int(hours)) * 60 + int(minutes)
    milliseconds = whole_minutes * 60_000 + round(float(seconds.replace(",", ".")) * 1000)
    return clock_text(-milliseconds if sign == "-" else milliseconds)
