"""Excel workbooks (.xlsx, .xlsm), read part by part from their XML (docs/decisions/0014).

Belongs here: what the parts of such a workbook mean. Does not: macros and links to other files, which are never
followed.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from xml.parsers import expat

from dagster_project.sources.opening.grid import (
    LARGEST_SHEET_COLUMNS,
    MEGABYTE,
    Allowance,
    Block,
    Grid,
    Opened,
    cell_address,
    remark,
)
from dagster_project.sources.opening.mistaken import is_protected, password_protected, zip_of_another_kind
from dagster_project.sources.opening.texts import (
    ERROR_VALUES,
    UNKNOWN_ERROR,
    boolean_text,
    built_in_format,
    formatted_text,
    moment_text,
    number_of,
    seen,
)
from dagster_project.sources.opening.zipped import Package, must_be_within_reason, safe_parser

MACROS_NOT_LOOKED_AT = remark(
    "The workbook holds macros. They were neither run nor looked at; what counts is the results that were saved.",
    "Nothing to do when the cells show the right numbers. Better send a workbook without macros (.xlsx).",
)
# These are kept in memory until all sheets are read.
LARGEST_TEXTS_BYTES = 30 * MEGABYTE
MOST_MERGED_BLOCKS = 100_000
_CLAIMED = "an Excel workbook (.xlsx)"
# As almost everybody saves a workbook, and as 'Strict Open XML'.
_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_YES = ("1", "true")
_ESCAPED_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BLOCK = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")


def open_excel(content: bytes) -> Opened:
    """The sheets of the workbook, hidden ones included; charts are none. Raises FileRefused as `open_bytes` does."""
    if is_protected(content):
        raise password_protected()
    package = Package(content, _CLAIMED)
    workbook = _read_workbook(package)
    allowance = Allowance()
    sheets, remarks = [], [MACROS_NOT_LOOKED_AT] if _holds_macros(package) else []
    for listed in workbook.sheets:
        reader = _SheetReader(workbook, Grid(listed.name, allowance))
        reader.read(package, listed.part)
        sheet = reader.grid.sheet(
            is_hidden=listed.is_hidden, hidden_columns=reader.hidden_columns, merged=reader.merged
        )
        sheets.append(replace(sheet, is_1904=workbook.is_1904))
        remarks += reader.grid.remarks
    package.must_be_whole()
    return Opened(tuple(sheets), tuple(remarks))


def _holds_macros(package: Package) -> bool:
    return any(name.endswith("/vbaproject.bin") or "/macrosheets/" in name for name in package.names)


@dataclass(frozen=True)
class _ListedSheet:
    name: str
    part: str
    is_hidden: bool


@dataclass
class _Workbook:
    """What the sheets of a workbook share."""

    is_1904: bool = False
    sheets: list[_ListedSheet] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=lambda: ["General"])


@dataclass(frozen=True)
class _Relation:
    kind: str
    part: str


def _read_workbook(package: Package) -> _Workbook:
    main = next((to.part for to in _relations(package, "").values() if to.kind == "officeDocument"), "")
    if "xl/workbook.xml" in package.names and not main:
        raise package.damaged()
    if main not in package.names or not main.endswith(".xml"):
        raise zip_of_another_kind(package.names, _CLAIMED)
    relations = _relations(package, main)
    workbook = _Workbook()
    root = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal root
        element = _local(name)
        root = root or element
        if root != "workbook":
            raise zip_of_another_kind(package.names, _CLAIMED)
        if element == "workbookPr":
            workbook.is_1904 = attributes.get("date1904") in _YES
        elif element == "sheet":
            to = relations[next(value for key, value in attributes.items() if key.endswith("/relationships id"))]
            if to.kind == "worksheet":
                is_hidden = attributes.get("state", "visible") != "visible"
                workbook.sheets.append(_ListedSheet(attributes["name"], to.part, is_hidden))

    package.parse(main, safe_parser(start))
    for to in relations.values():
        if to.kind == "sharedStrings":
            workbook.texts = _shared_texts(package, to.part)
        elif to.kind == "styles":
            workbook.formats = _formats(package, to.part)
    return workbook


def _relations(package: Package, part: str) -> dict[str, _Relation]:
    """What a part leads to, by identifier; '' stands for the file as a whole. Parts are named in small letters."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, _Relation] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"].replace("\\", "/")))
            kind = attributes["Type"].rpartition("/")[2]
            found[attributes["Id"]] = _Relation(kind, target.lstrip("/").casefold())

    if path in package.names:
        package.parse(path, safe_parser(start))
    return found


def _shared_texts(package: Package, part: str) -> list[str]:
    """The texts that cells refer to by number."""
    texts: list[str] = []
    gatherer = _TextGatherer()

    def start(name: str, attributes: dict[str, str]) -> None:
        gatherer.start(_local(name))

    def end(name: str) -> None:
        element = _local(name)
        gatherer.end(element)
        if element == "si":
            texts.append(gatherer.taken())

    parser = safe_parser(start, end)
    gatherer.parser = parser
    package.parse(part, parser, LARGEST_TEXTS_BYTES)
    return texts


def _formats(package: Package, part: str) -> list[str]:
    """The number format of each style that cells refer to by number."""
    own: dict[int, str] = {}
    numbers: list[int] = []
    within: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        element = _local(name)
        if element == "numFmt":
            own[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif element == "xf" and within[-1] == "cellXfs":
            numbers.append(int(attributes.get("numFmtId", 0)))
        within.append(element)

    def end(name: str) -> None:
        within.pop()

    package.parse(part, safe_parser(start, end))
    return [own.get(number) or built_in_format(number) for number in numbers] or ["General"]


class _TextGatherer:
    """The text of one string: its runs one after the other, without the readings printed above them."""

    parser: expat.XMLParserType

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._is_reading_aid = False

    def start(self, element: str) -> None:
        if element == "rPh":
            self._is_reading_aid = True
        elif element == "t" and not self._is_reading_aid:
            self.parser.CharacterDataHandler = self._parts.append

    def end(self, element: str) -> None:
        if element == "rPh":
            self._is_reading_aid = False
        elif element == "t":
            self.parser.CharacterDataHandler = None

    def taken(self) -> str:
        """The text gathered since the last one was taken."""
        text, self._parts = _unescaped("".join(self._parts)), []
        return text


class _SheetReader:
    """One worksheet, read once from beginning to end: values, formulas without one, and what is hidden.

    Cells are looked at by the million when a sheet is formatted to its edge, so an empty one costs next to nothing.
    """

    def __init__(self, workbook: _Workbook, grid: Grid) -> None:
        self.grid = grid
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[Block] = []
        self._workbook = workbook
        self._gatherer = _TextGatherer()
        self._row_number = 0
        self._row_name = ""
        self._row_is_hidden = False
        self._texts: list[str] = []
        self._looked_at = 0
        self._depth = self._elements = 0
        self._reference = ""
        self._cell: dict[str, str] = {}
        self._saved: list[str] = []
        self._has_formula = self._has_value = False

    def read(self, package: Package, part: str) -> None:
        """Fills the grid. Raises FileRefused for a damaged part or cell."""
        self._parser = self._gatherer.parser = safe_parser(self._start_root)
        package.parse(part, self._parser)

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        if element != "worksheet" or namespace not in _NAMESPACES:
            raise self.grid.damaged("what should be a worksheet is none")
        self._row, self._c, self._v, self._f, self._t, self._reading, self._col, self._merge = (
            f"{namespace} {element}" for element in ("row", "c", "v", "f", "t", "rPh", "col", "mergeCell")
        )
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._c:
            self._looked_at += 1
            if self._looked_at > LARGEST_SHEET_COLUMNS:
                raise self.grid.too_wide(self._row_number - 1)
            self._cell = attributes
            self._reference = attributes.get("r") or self._next_reference()
            self._has_formula = self._has_value = False
            return
        self._depth += 1
        self._elements += 1
        must_be_within_reason(self._depth, self._elements)
        if name == self._v:
            self._has_value = True
            self._saved = []
            self._parser.CharacterDataHandler = self._saved.append
        elif name == self._row:
            self._start_row(attributes)
        elif name == self._f:
            self._has_formula = True
        elif name == self._t or name == self._reading:
            self._has_value = True
            self._gatherer.start(_local(name))
        elif name == self._col:
            if attributes.get("hidden") in _YES or attributes.get("width") == "0":
                self.hidden_columns.append((int(attributes["min"]) - 1, int(attributes["max"]) - 1))
                if len(self.hidden_columns) > LARGEST_SHEET_COLUMNS:
                    raise self.grid.damaged("it hides more columns than a sheet has")
        elif name == self._merge:
            self.merged.append(self._block(attributes["ref"]))
            if len(self.merged) > MOST_MERGED_BLOCKS:
                raise self.grid.damaged(f"it has more than {MOST_MERGED_BLOCKS:,} blocks of merged cells")

    def _end(self, name: str) -> None:
        if name == self._c:
            if self._has_value or self._has_formula:
                self._end_cell()
            return
        self._depth -= 1
        if name == self._v:
            self._parser.CharacterDataHandler = None
        elif name == self._row:
            looked_at, self._looked_at = self._looked_at + 1, 0
            self.grid.add_row(self._row_number - 1, self._texts, looked_at, is_hidden=self._row_is_hidden)
        elif name == self._t or name == self._reading:
            self._gatherer.end(_local(name))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row_number = int(attributes.get("r", self._row_number + 1))
        if self._row_number < 1:
            raise self.grid.damaged(f"a row is numbered {self._row_number}")
        self._row_name = str(self._row_number)
        self._row_is_hidden = attributes.get("hidden") in _YES or attributes.get("ht") == "0"
        self._texts = []
        self._reference = ""

    def _end_cell(self) -> None:
        saved, self._saved = "".join(self._saved), []
        kind = self._cell.get("t", "n")
        column = self._column(self._reference)
        try:
            text = self._text(kind, saved)
        except (ValueError, LookupError) as error:
            raise self.grid.damaged(
                f"this cell holds '{saved[:50]}', which is not a value of its kind", cell=self._reference
            ) from error
        # A formula whose result is an empty text was worked out; its cell says that it holds text.
        if self._has_formula and not text and not saved and kind != "str":
            self.grid.add_not_worked_out(self._row_number - 1, column)
        if not text:
            return
        self._texts.extend([""] * (column + 1 - len(self._texts)))
        if self._texts[column]:
            raise self.grid.damaged("this cell stands in it twice", cell=self._reference)
        self._texts[column] = text

    def _text(self, kind: str, saved: str) -> str:
        if kind == "inlineStr":
            return self._gatherer.taken()
        if not saved.strip():
            return ""
        if kind == "n":
            code = self._workbook.formats[int(self._cell.get("s", 0))]
            return _number_text(saved, code, self._workbook.is_1904)
        if kind == "s":
            number = int(saved)
            if number < 0:
                raise LookupError("texts are numbered from nought")
            return self._workbook.texts[number]
        if kind == "str":
            return _unescaped(saved)
        if kind == "b":
            return boolean_text(saved)
        if kind == "e":
            return saved if saved in ERROR_VALUES else UNKNOWN_ERROR
        if kind == "d":
            return moment_text(saved)
        raise ValueError(f"'{kind}' is no kind of cell")

    def _next_reference(self) -> str:
        """The address of a cell that is saved without one."""
        column = self._column(self._reference) + 1 if self._reference else 0
        return cell_address(self._row_number - 1, column)

    def _column(self, reference: str) -> int:
        letters = reference.removesuffix(self._row_name)
        column = _COLUMNS.get(letters)
        if column is None:
            if not re.fullmatch("[A-Z]{1,3}", letters):
                raise self.grid.damaged(f"the cell {reference} stands in row {self._row_name}", row=self._row_number)
            column = _COLUMNS[letters] = _column_index(letters)
        if column >= LARGEST_SHEET_COLUMNS:
            raise self.grid.too_wide(self._row_number - 1)
        return column

    def _block(self, reference: str) -> Block:
        corners = _BLOCK.fullmatch(reference)
        if corners is None:
            raise self.grid.damaged(f"'{reference}' is no block of merged cells")
        first_column, first_row, last_column, last_row = corners.groups()
        return Block(
            int(first_row) - 1,
            _column_index(first_column),
            int(last_row or first_row) - 1,
            _column_index(last_column or first_column),
        )


# The same few numbers stand in most cells of most returns.
@lru_cache(maxsize=50_000)
def _number_text(saved: str, code: str, is_1904: bool) -> str:
    return formatted_text(number_of(saved), code, is_1904=is_1904)


# Filled as sheets are read: the letters of columns are few, and the cells are many.
_COLUMNS: dict[str, int] = {}


def _column_index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _unescaped(text: str) -> str:
    """A text as it is seen; characters that XML cannot hold are saved by their numbers, as in '_x000D_'.

    Raises ValueError for half a character.
    """
    if "_x" in text:
        text = _ESCAPED_CHARACTER.sub(lambda found: chr(int(found[1], 16)), text).replace("\0", "")
        text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    return seen(text)
