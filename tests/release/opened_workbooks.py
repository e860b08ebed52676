"""Workbooks as the files they are: unzipped, their XML read, and judged by the rules for publishing spreadsheets."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree import ElementTree

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
LINK = "{http://www.w3.org/1999/xlink}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}"
SHEETS = "xl/worksheets/"
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
SIGN = re.compile(r"\[(?:x|z|c|u|e|r|p|b|low)\]")


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is text, number, date, formula or empty; `value` is what is kept, not what is shown."""

    kind: str = "empty"
    value: str = ""
    leads_to: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from the first to the last that holds anything, and where its table is marked."""

    rows: list[list[Cell]]
    marked: tuple[str, str] | None = None
    merged: bool = False
    header_rows: int = 0

    @property
    def heading_row(self) -> int:
        """Of the marked table, counted from 0."""
        return int(re.sub(r"\D", "", self.marked[0])) - 1 if self.marked else len(self.rows)

    @property
    def headings(self) -> list[str]:
        return [cell.value for cell in self.rows[self.heading_row]] if self.marked else []

    @property
    def table(self) -> list[list[Cell]]:
        return self.rows[self.heading_row + 1 :]

    @property
    def lines(self) -> list[str]:
        return [row[0].value for row in self.rows[: self.heading_row]]

    def column(self, heading: str) -> list[Cell]:
        return [row[self.headings.index(heading)] for row in self.table]


@dataclass(frozen=True)
class Opened:
    """A whole workbook by the names of its sheets, in their order, and its document properties."""

    sheets: dict[str, Sheet]
    properties: Mapping[str, str]
    languages: set[str] = field(default_factory=set)
    parts: tuple[zipfile.ZipInfo, ...] = ()


def opened(name: str, contents: bytes) -> Opened:
    return open_ods(contents) if name.endswith(".ods") else open_xlsx(contents)


def faults(book: Opened) -> list[str]:
    """What the rules for publishing spreadsheets find wrong, one sentence each."""
    return [fault for name, sheet in book.sheets.items() for fault in _faults(book, name, sheet)]


def _faults(book: Opened, name: str, sheet: Sheet) -> Iterator[str]:
    if not sheet.rows or sheet.rows[0][0].kind != "text" or not sheet.rows[0][0].value:
        yield f"{name}: A1 holds no title."
    if sheet.merged:
        yield f"{name}: cells are merged."
    if " " in name or len(name) > 31:
        yield f"{name}: the name of the sheet has a space or is too long."
    if any(not any(cell.value for cell in row) for row in sheet.rows):
        yield f"{name}: a row is blank."
    for row in sheet.rows[: sheet.heading_row]:
        if any(cell.value for cell in row[1:]):
            yield f"{name}: above the table something stands outside column A."
    for row in sheet.rows:
        for cell in row:
            if cell.kind == "formula":
                yield f"{name}: a formula."
            if cell.kind == "text" and NUMBER.fullmatch(cell.value):
                yield f"{name}: {cell.value} is a number kept as text."
            if cell.leads_to and cell.leads_to not in book.sheets:
                yield f"{name}: a link leads to {cell.leads_to}, which is no sheet."
    if sheet.marked:
        yield from _faults_of_table(name, sheet)
    elif name != "Cover":
        yield f"{name}: no table is marked."


def _faults_of_table(name: str, sheet: Sheet) -> Iterator[str]:
    width, last = len(sheet.headings), f"{_letters(len(sheet.headings))}{len(sheet.rows)}"
    if sheet.header_rows != 1:
        yield f"{name}: {sheet.header_rows} header rows."
    if "" in sheet.headings or len(set(sheet.headings)) != width:
        yield f"{name}: a heading is empty or stands twice."
    if sheet.marked and sheet.marked[1] != last:
        yield f"{name}: the table is marked to {sheet.marked[1]} and reaches to {last}."
    for position, heading in enumerate(sheet.headings):
        cells = [row[position] if position < len(row) else Cell() for row in sheet.table]
        if not any(cell.value for cell in cells) and heading != "Notes":
            yield f"{name}: the column {heading} is blank."
        elif heading != "Notes" and not all(cell.value for cell in cells):
            yield f"{name}: a cell of {heading} is blank."
        if "number" in {cell.kind for cell in cells} and not all(
            cell.kind == "number" or SIGN.fullmatch(cell.value) for cell in cells
        ):
            yield f"{name}: the column {heading} mixes numbers with something else."


def open_ods(contents: bytes) -> Opened:
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        content = ElementTree.fromstring(archive.read("content.xml"))
        styles = ElementTree.fromstring(archive.read("styles.xml"))
        meta = ElementTree.fromstring(archive.read("meta.xml"))
        parts = tuple(archive.infolist())
    ranges = {}
    for marked in content.iter(f"{TABLE}database-range"):
        first, last = marked.attrib[f"{TABLE}target-range-address"].split(":")
        ranges[first.split(".")[0]] = (first.split(".")[1], last.split(".")[1])
    sheets = {
        table.attrib[f"{TABLE}name"]: _ods_sheet(table, ranges.get(table.attrib[f"{TABLE}name"]))
        for table in content.iter(f"{TABLE}table")
    }
    languages = {
        f"{given.attrib[f'{FO}language']}-{given.attrib[f'{FO}country']}"
        for given in styles.iter()
        if f"{FO}language" in given.attrib
    }
    properties = {
        element.tag.partition("}")[2]: element.text or "" for element in meta[0] if element.text and len(element) == 0
    }
    return Opened(sheets, properties, languages, parts)


def _ods_sheet(table: ElementTree.Element, marked: tuple[str, str] | None) -> Sheet:
    header = table.findall(f"{TABLE}table-header-rows/{TABLE}table-row")
    merged = any(
        f"{TABLE}number-columns-spanned" in cell.attrib or cell.tag == f"{TABLE}covered-table-cell"
        for cell in table.iter()
    )
    rows = [[_ods_cell(cell) for cell in row] for row in table.iter(f"{TABLE}table-row")]
    return Sheet(rows, marked, merged, len(header))


def _ods_cell(cell: ElementTree.Element) -> Cell:
    if f"{TABLE}formula" in cell.attrib:
        return Cell("formula", cell.attrib[f"{TABLE}formula"])
    links = [link.attrib[f"{LINK}href"] for link in cell.iter(f"{TEXT}a")]
    leads_to = links[0].removeprefix("#").removesuffix(".A1") if links else ""
    match cell.attrib.get(f"{OFFICE}value-type"):
        case "float":
            return Cell("number", cell.attrib[f"{OFFICE}value"])
        case "date":
            return Cell("date", cell.attrib[f"{OFFICE}date-value"])
        case "string":
            return Cell("text", "\n".join(_ods_text(line) for line in cell.findall(f"{TEXT}p")), leads_to)
        case _:
            return Cell()


def _ods_text(paragraph: ElementTree.Element) -> str:
    blanks = sum(int(space.attrib.get(f"{TEXT}c", "1")) for space in paragraph.iter(f"{TEXT}s"))
    return " " * blanks + "".join(paragraph.itertext())


def open_xlsx(contents: bytes) -> Opened:
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
        infos = tuple(archive.infolist())
    xml = {name: ElementTree.fromstring(part) for name, part in parts.items() if name.endswith((".xml", ".rels"))}
    targets = {rel.attrib["Id"]: rel.attrib["Target"].removeprefix("/xl/") for rel in xml["xl/_rels/workbook.xml.rels"]}
    days = _day_styles(xml["xl/styles.xml"])
    sheets = {}
    for sheet in xml["xl/workbook.xml"].iter(f"{MAIN}sheet"):
        path = f"xl/{targets[sheet.attrib[f'{RELATED}id']]}"
        related = xml.get(f"{SHEETS}_rels/{path.removeprefix(SHEETS)}.rels")
        tables = [rel.attrib["Target"].removeprefix("/") for rel in related or () if "tables" in rel.attrib["Target"]]
        sheets[sheet.attrib["name"]] = _xlsx_sheet(xml[path], [xml[table] for table in tables], days)
    core = {element.tag.partition("}")[2]: element.text or "" for element in xml["docProps/core.xml"]}
    return Opened(sheets, core, {core.get("language", "")}, infos)


def _day_styles(styles: ElementTree.Element) -> set[str]:
    formats = {
        given.attrib["numFmtId"] for given in styles.iter(f"{MAIN}numFmt") if "yyyy" in given.attrib["formatCode"]
    }
    cells = styles.find(f"{MAIN}cellXfs")
    assert cells is not None
    return {str(place) for place, cell in enumerate(cells) if cell.attrib.get("numFmtId") in formats}


def _xlsx_sheet(sheet: ElementTree.Element, tables: list[ElementTree.Element], days: set[str]) -> Sheet:
    links = {
        link.attrib["ref"]: link.attrib["location"].removesuffix("!A1").strip("'")
        for link in sheet.iter(f"{MAIN}hyperlink")
    }
    rows: list[list[Cell]] = []
    for row in sheet.iter(f"{MAIN}row"):
        assert int(row.attrib["r"]) == len(rows) + 1, "a row is left out"
        rows.append([_xlsx_cell(cell, days, links) for cell in row])
    marked = None
    for table in tables:
        first, last = table.attrib["ref"].split(":")
        marked = (first, last)
        assert table.find(f"{MAIN}autoFilter") is None
    # A heading row is one where the table says so, which is also what it is when nothing is said.
    header_rows = sum(int(table.attrib.get("headerRowCount", "1")) for table in tables)
    return Sheet(rows, marked, sheet.find(f"{MAIN}mergeCells") is not None, header_rows)


def _xlsx_cell(cell: ElementTree.Element, days: set[str], links: Mapping[str, str]) -> Cell:
    if cell.find(f"{MAIN}f") is not None:
        return Cell("formula")
    if cell.attrib.get("t") == "inlineStr":
        return Cell("text", "".join(cell.itertext()), links.get(cell.attrib["r"], ""))
    value = cell.findtext(f"{MAIN}v")
    if value is None:
        return Cell()
    assert cell.attrib.get("t") == "n", "a kind of cell that no export writes"
    if cell.attrib.get("s") in days:
        return Cell("date", _day(int(Decimal(value))))
    return Cell("number", value)


def _day(serial: int) -> str:
    from datetime import date, timedelta

    return (date(1899, 12, 30) + timedelta(days=serial)).isoformat()


def _letters(count: int) -> str:
    letters = ""
    while count:
        count, rest = divmod(count - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
