"""Opening files: what is read is what a person sees, and what cannot be read safely is refused in words."""

import re
import tracemalloc
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import ModuleType
from xml.sax.saxutils import escape

import openpyxl
import pytest
from fixtures.damaged import (
    FIGURE_18,
    SHEET_1,
    Damaged,
    figure_18,
    ods,
    ods_of,
    ods_row,
    refused_files,
    with_member,
    workbook,
    xlsx_of,
)
from fixtures.old_excel import OldSheet, number, old_workbook, text
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.sources import opening
from dagster_project.sources.catalogue import load_card
from dagster_project.sources.opening import (
    Sheet,
    cell_address,
    excel_files,
    grid,
    old_excel_files,
    open_bytes,
    open_file,
    open_with_remarks,
    zipped,
)
from dagster_project.sources.problems import FileRefused
from dagster_project.sources.reading import read_sheets

CARD = load_card("council_returns")


@pytest.mark.parametrize("damaged", refused_files(), ids=lambda damaged: damaged.name)
def test_a_file_that_cannot_be_used_is_refused_with_its_place_and_what_to_do(damaged: Damaged, tmp_path: Path) -> None:
    path = tmp_path / damaged.name
    path.write_bytes(damaged.content)
    with pytest.raises(FileRefused) as refusal:
        read_sheets(open_file(path, damaged.name), CARD, date(2024, 7, 1))
    (problem,) = refusal.value.problems
    assert damaged.says in problem.message
    assert problem.where == damaged.where
    assert problem.message.endswith(".")
    assert problem.suggestion.endswith(".")
    assert "Jane Doe" not in str(problem.as_dict())


@pytest.mark.parametrize(
    ("row", "column", "address"), [(0, 0, "A1"), (7, 5, "F8"), (0, 25, "Z1"), (1, 26, "AA2"), (0, 702, "AAA1")]
)
def test_a_cell_has_the_address_a_spreadsheet_gives_it(row: int, column: int, address: str) -> None:
    assert cell_address(row, column) == address


def test_a_file_above_the_largest_size_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(opening.LARGEST_FILE_BYTES + 1)
    with pytest.raises(FileRefused, match="The file is 50 MB; a return is never above 50 MB"):
        open_file(path, "large.csv")


def test_the_ending_of_a_name_counts_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "FIG18.CSV"
    path.write_bytes(figure_18())
    assert isinstance(open_file(path, path.name)[0], Sheet)


CELL = "<c><v>{}</v></c>"
ODS_CELL = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'


@pytest.mark.parametrize("kind", [".xlsx", ".xlsm", ".ods", ".xls"])
def test_what_a_person_cannot_see_is_read_and_marked(kind: str) -> None:
    made = {
        ".xlsx": xlsx_of(
            ("Seen", "<row>" + CELL.format(1) + "</row>"),
            (
                "Hidden",
                '<cols><col min="2" max="3" hidden="1"/><col min="5" max="16384" hidden="true"/></cols><sheetData>'
                f'<row hidden="0">{CELL.format(2) * 4}</row><row hidden="1">{CELL.format(3)}</row>'
                f'<row ht="0" customHeight="1">{CELL.format(4)}</row><row hidden="1"/></sheetData>',
            ),
            states=["visible", "hidden"],
        ),
        ".ods": with_member(
            ods_of(
                ("Seen", ods_row(ODS_CELL.format(1))),
                (
                    "Hidden",
                    '<table:table-column/><table:table-column table:number-columns-repeated="2" '
                    'table:visibility="collapse"/><table:table-column/><table:table-column-group table:display="false">'
                    '<table:table-column table:number-columns-repeated="16380"/></table:table-column-group>'
                    + ods_row(*[ODS_CELL.format(2)] * 4)
                    + '<table:table-row table:visibility="filter">'
                    + ODS_CELL.format(3)
                    + '</table:table-row><table:table-row-group table:display="false">'
                    + ods_row(ODS_CELL.format(4))
                    + '</table:table-row-group><table:table-row table:visibility="collapse"/>',
                ),
            ),
            "content.xml",
            lambda xml: (
                xml.replace(
                    b"<office:body>",
                    b'<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
                    b'<style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/>'
                    b'</style:style><style:style style:name="ta2" style:family="table">'
                    b'<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
                    b"<office:body>",
                )
                .replace(b'table:name="Seen"', b'table:name="Seen" table:style-name="ta1"')
                .replace(b'table:name="Hidden"', b'table:name="Hidden" table:style-name="ta2"')
            ),
        ),
        ".xls": old_workbook(
            OldSheet("Seen", [[number(1)]]),
            OldSheet(
                "Hidden",
                [[number(2)] * 4, [number(3)], [number(4)], [None]],
                state=1,
                hidden_rows=[1, 2, 3],
                hidden_columns=[1, 2, 4, 5],
            ),
        ),
    }
    made[".xlsm"] = made[".xlsx"]
    assert open_bytes(made[kind], f"file{kind}") == (
        Sheet("Seen", (("1",),)),
        Sheet("Hidden", (("2", "2", "2", "2"), ("3",), ("4",)), True, frozenset({1, 2}), frozenset({1, 2})),
    )


def test_a_very_hidden_sheet_is_marked_as_hidden() -> None:
    made = xlsx_of(("Lists", "<row>" + CELL.format(1) + "</row>"), states=["veryHidden"])
    assert open_bytes(made, "file.xlsx")[0].is_hidden


@pytest.mark.parametrize("kind", [".xlsx", ".ods", ".xls"])
def test_what_lies_under_merged_cells_is_not_read_and_the_cells_are_named(kind: str) -> None:
    made = {
        ".xlsx": xlsx_of(
            (
                FIGURE_18,
                f'<cols><col min="1" max="1"/></cols><sheetData><row>{CELL.format(1) * 3}</row>'
                f"<row>{CELL.format(2) * 2}</row></sheetData>"
                '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C1"/></mergeCells>',
            )
        ),
        ".ods": ods_of(
            (
                FIGURE_18,
                ods_row("1", "<table:covered-table-cell><text:p>1</text:p></table:covered-table-cell>", "1")
                + ods_row(*["<table:covered-table-cell><text:p>2</text:p></table:covered-table-cell>"] * 2),
            )
        ),
        ".xls": old_workbook(OldSheet(FIGURE_18, [[number(1)] * 3, [number(2)] * 2], merged=[(0, 1, 0, 1)])),
    }
    opened = open_with_remarks(made[kind], f"file{kind}")
    assert opened.sheets[0].rows == (("1", "", "1"),)
    remark = opened.remarks[-1]
    assert len(opened.remarks) == (2 if kind == ".xls" else 1)
    assert remark.message.endswith("was not read: B1, A2, B2.")
    assert remark.where == "sheet 'Figure 18', cell B1"
    assert remark.rule_id == grid.UNUSUAL_FORM


OLD_FORM = "The workbook is saved in the form of Excel before 2007 (.xls); it was read as it stands."


@pytest.mark.parametrize(
    ("content", "name", "remarks"),
    [
        (workbook(), "file.xlsx", []),
        (workbook(), "file.xlsm", []),
        (ods(), "file.ods", []),
        (figure_18(), "file.csv", []),
        (old_workbook(OldSheet("A", [[number(1)]])), "file.xls", [OLD_FORM]),
    ],
    ids=["xlsx", "xlsm", "ods", "csv", "xls"],
)
def test_only_a_file_of_an_unusual_form_is_remarked_on(content: bytes, name: str, remarks: list[str]) -> None:
    opened = open_with_remarks(content, name)
    assert [remark.message for remark in opened.remarks] == remarks
    assert {remark.rule_id for remark in opened.remarks} <= {grid.UNUSUAL_FORM}


def with_macros() -> bytes:
    kept = BytesIO(workbook())
    with zipfile.ZipFile(kept, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macros")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (with_macros(), "file.xlsm"),
        (with_macros(), "file.xlsx"),
        (old_workbook(OldSheet("A", [[number(1)]]), streams="_VBA_PROJECT_CUR"), "file.xls"),
    ],
    ids=["xlsm", "xlsx", "xls"],
)
def test_macros_are_passed_over_with_a_remark(content: bytes, name: str) -> None:
    opened = open_with_remarks(content, name)
    assert opened.remarks[-1].message == (
        "The workbook holds macros. They were neither run nor looked at; what counts is the results that were saved."
    )
    assert len(opened.remarks) == (2 if name == "file.xls" else 1)
    if name != "file.xls":
        assert opened.sheets == open_bytes(workbook(), "file.xlsx")


NUMBERS = st.decimals(-1_000_000, 1_000_000, places=3)
WORDS = st.text(st.sampled_from("ab Z9£é,;\n<&>'\"%-"), max_size=8)
TABLES = st.lists(st.lists(st.one_of(WORDS, NUMBERS), min_size=1, max_size=5), max_size=6)


@settings(max_examples=60, deadline=None, database=None)
@given(TABLES)
def test_a_table_of_words_and_numbers_reads_the_same_from_every_kind_of_workbook(
    table: list[list[str | Decimal]],
) -> None:
    table = [["council", Decimal("0.1")], *table, [Decimal(7)]]
    made = openpyxl.Workbook()
    for row_number, row in enumerate(table, start=1):
        for column_number, value in enumerate(row, start=1):
            made.active.cell(row_number, column_number, value if isinstance(value, str) else float(value))
    kept = BytesIO()
    made.save(kept)
    old = [[text(value) if isinstance(value, str) else number(float(value)) for value in row] for row in table]
    in_open_document = "".join(ods_row(*map(_ods_cell, row)) for row in table)
    expected = tuple(_without_blank_end(tuple(map(_shown, row))) for row in table)
    for content, name in (
        (kept.getvalue(), "file.xlsx"),
        (old_workbook(OldSheet("Sheet", old)), "file.xls"),
        (ods_of(("Sheet", in_open_document)), "file.ods"),
    ):
        assert open_bytes(content, name) == (Sheet("Sheet", expected),), name


def _shown(value: str | Decimal) -> str:
    return value.strip() if isinstance(value, str) else format(value.normalize() + 0, "f")


def _ods_cell(value: str | Decimal) -> str:
    if isinstance(value, Decimal):
        return ODS_CELL.format(value)
    words = escape(value).replace(" ", "<text:s/>").replace("\n", "<text:line-break/>")
    return f'<table:table-cell office:value-type="string"><text:p>{words}</text:p></table:table-cell>'


def _without_blank_end(row: tuple[str, ...]) -> tuple[str, ...]:
    while row and not row[-1]:
        row = row[:-1]
    return row


SMALL = {
    ".xlsx": xlsx_of((FIGURE_18, f"<row>{CELL.format(13)}{CELL.format(7.85)}</row>")),
    ".ods": ods_of((FIGURE_18, ods_row("Derby City", ODS_CELL.format(7.85)))),
}
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}'


@settings(max_examples=150, deadline=None, database=None)
@given(st.sampled_from([".xlsx", ".ods"]), st.data())
def test_a_workbook_damaged_on_its_way_reads_as_it_was_or_is_refused(kind: str, data: st.DataObject) -> None:
    whole = SMALL[kind]
    position = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from(
            [
                whole[:position],
                whole[:position] + bytes([whole[position] ^ data.draw(st.integers(1, 255))]) + whole[position + 1 :],
                whole[:position] + whole[position + data.draw(st.integers(1, 30)) :],
            ]
        )
    )
    try:
        read = open_bytes(damaged, f"file{kind}")
    except FileRefused:
        return
    assert read == open_bytes(whole, f"file{kind}")


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", 'Costs & "plans" <2024>', "../../etc", "  ", "#REF!"])
@pytest.mark.parametrize("kind", [".xlsx", ".ods", ".xls"])
def test_the_name_of_a_sheet_is_only_a_name(name: str, kind: str) -> None:
    made = {
        ".xlsx": xlsx_of((name, f"<row>{CELL.format(1)}</row>")),
        ".ods": ods_of((name.replace('"', "'"), ods_row("1"))),
        ".xls": old_workbook(OldSheet(name, [[number(1)]])),
    }
    (sheet,) = open_bytes(made[kind], f"file{kind}")
    assert sheet.rows == (("1",),)
    assert sheet.name == (name.replace('"', "'") if kind == ".ods" else name)


def test_formatting_without_content_is_passed_over() -> None:
    def change(made: openpyxl.Workbook) -> None:
        for row in range(1, 2000):
            made[FIGURE_18].cell(row, 60).number_format = "0.00"
        made[FIGURE_18].cell(300_000, 1).number_format = "0.00"

    assert open_bytes(workbook(change), "file.xlsx") == open_bytes(workbook(), "file.xlsx")


def formatted_to_the_edge(rows: int) -> bytes:
    """A sheet of one number and many empty cells that are only formatted."""
    cells = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{column}{row}" s="0"/>' for column in "ABCDEFGHIJ") + "</row>"
        for row in range(2, rows)
    )
    return xlsx_of((FIGURE_18, f'<row r="1">{CELL.format(13)}</row>{cells}'))


def test_empty_formatted_cells_take_no_memory() -> None:
    content = formatted_to_the_edge(20_000)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        unpacked = archive.getinfo(SHEET_1).file_size
    tracemalloc.start()
    (sheet,) = open_bytes(content, "file.xlsx")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sheet.rows == (("13",),)
    assert unpacked > 4_000_000
    assert most < 4_000_000


def test_a_sheet_whose_stated_size_is_the_whole_sheet_reads_as_what_it_holds() -> None:
    made = with_member(
        workbook(), SHEET_1, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml)
    )
    assert b"A1:XFD1048576" in zipfile.ZipFile(BytesIO(made)).read(SHEET_1)
    assert open_bytes(made, "file.xlsx") == open_bytes(workbook(), "file.xlsx")


@pytest.mark.parametrize("kind", [".xlsx", ".ods", ".xls"])
@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("LARGEST_FILLED_CELLS", "more than 20 filled cells"),
        ("LARGEST_CELLS_LOOKED_AT", "more than 20 formatted cells"),
        ("LARGEST_TEXT_CHARACTERS", "more than 20 characters of text"),
        ("LARGEST_SHEET_ROWS", "cells below row 20"),
    ],
)
def test_a_sheet_no_person_filled_is_refused(limit: str, says: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        ".xlsx": workbook(),
        ".ods": ods(),
        ".xls": old_workbook(OldSheet(FIGURE_18, [[number(row)] for row in range(40)])),
    }
    monkeypatch.setattr(grid, limit, 20)
    with pytest.raises(FileRefused, match=says) as refusal:
        open_bytes(made[kind], f"file{kind}")
    assert refusal.value.problems[0].where == f"sheet '{FIGURE_18}'"


def test_the_limits_are_those_of_a_workbook_and_not_of_each_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    made = xlsx_of(*((f"Sheet {number}", f"<row>{CELL.format(1) * 8}</row>") for number in range(3)))
    monkeypatch.setattr(grid, "LARGEST_FILLED_CELLS", 20)
    with pytest.raises(FileRefused, match="more than 20 filled cells"):
        open_bytes(made, "file.xlsx")


@pytest.mark.parametrize(
    ("module", "limit", "content", "name"),
    [
        (zipped, "LARGEST_READ_BYTES", workbook(), "file.xlsx"),
        (zipped, "LARGEST_UNPACKED_BYTES", workbook(), "file.xlsx"),
        (zipped, "LARGEST_READ_BYTES", ods(), "file.ods"),
        (excel_files, "LARGEST_TEXTS_BYTES", SMALL[".xlsx"], "file.xlsx"),
    ],
)
def test_parts_that_unpack_to_too_much_are_refused_unread(
    module: ModuleType, limit: str, content: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 20)
    with pytest.raises(FileRefused, match="far more than a return can hold"):
        open_bytes(content, name)


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        (SHEET_1, SHEET.format("<a>" * 300)),
        (SHEET_1, SHEET.format("<sheetData>" + "<row>" * 300)),
        (SHEET_1, SHEET.format("<sheetData><row>" + "<c>" * 20_000)),
        ("xl/sharedStrings.xml", "<a>" * 300),
        ("xl/styles.xml", "<a>" * 300),
        ("xl/workbook.xml", "<workbook>" + "<a>" * 300),
        ("content.xml", "<a>" * 300),
        ("content.xml", '<a xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0">' + "<o:annotation>" * 300),
    ],
)
def test_a_part_that_nests_without_end_is_refused_before_it_fills_the_memory(part: str, xml: str) -> None:
    kind = ".ods" if part == "content.xml" else ".xlsx"
    with pytest.raises(FileRefused, match=r"goes on without end|no return is so wide"):
        open_bytes(with_member(SMALL[kind], part, lambda _: xml.encode()), f"file{kind}")


@pytest.mark.parametrize(
    ("module", "limit", "part", "xml", "says"),
    [
        (zipped, "MOST_ELEMENTS", SHEET_1, SHEET.format("<x/>" * 50 + "</worksheet>"), "goes on without end"),
        (zipped, "MOST_ELEMENTS", "xl/sharedStrings.xml", "<sst>" + "<si/>" * 50 + "</sst>", "goes on without end"),
        (zipped, "LARGEST_TAG_BYTES", SHEET_1, "<" + "a" * 400_000, "damaged"),
        (
            excel_files,
            "MOST_MERGED_BLOCKS",
            SHEET_1,
            SHEET.format(
                '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C1:D1"/>' * 6 + "</mergeCells></worksheet>"
            ),
            "more than 5 blocks of merged cells",
        ),
        (
            grid,
            "LARGEST_CELLS_LOOKED_AT",
            SHEET_1,
            SHEET.format(
                "<sheetData><row><c><v>1</v></c></row></sheetData>"
                '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
            ).replace("<row>", "<row/>" * 2 + "<row>"),
            "more than 5 formatted cells",
        ),
        (
            grid,
            "LARGEST_CELLS_LOOKED_AT",
            SHEET_1,
            SHEET.format(
                "<cols>" + '<col min="1" max="16384" hidden="1"/>' * 9 + "</cols>"
                "<sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"
            ),
            "more than 5 formatted cells",
        ),
    ],
)
def test_a_part_made_to_take_for_ever_is_refused(
    module: ModuleType, limit: str, part: str, xml: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 30 if limit == "MOST_ELEMENTS" else 5)
    with pytest.raises(FileRefused, match=says):
        open_bytes(with_member(SMALL[".xlsx"], part, lambda _: xml.encode()), "file.xlsx")


def test_more_hidden_columns_than_a_sheet_has_are_refused() -> None:
    xml = SHEET.format("<cols>" + '<col min="1" max="1" hidden="1"/>' * 16_385 + "</cols></worksheet>")
    with pytest.raises(FileRefused, match="hides more columns than a sheet has"):
        open_bytes(with_member(SMALL[".xlsx"], SHEET_1, lambda _: xml.encode()), "file.xlsx")


def test_a_part_compressed_as_no_spreadsheet_program_does_is_refused() -> None:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(FileRefused, match="compressed in a way that no spreadsheet program uses"):
        open_bytes(kept.getvalue(), "file.xlsx")


def test_an_old_workbook_is_refused_at_a_smaller_size_since_it_is_not_compressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(old_excel_files, "LARGEST_OLD_WORKBOOK_BYTES", 20)
    with pytest.raises(FileRefused, match=r"more than is read of the old \.xls form"):
        open_bytes(old_workbook(OldSheet("A", [[number(1)]])), "file.xls")


def test_a_file_within_a_workbook_is_not_unpacked() -> None:
    kept = BytesIO(workbook())
    with zipfile.ZipFile(kept, "a") as archive:
        archive.writestr("xl/embeddings/Workbook.xlsx", workbook(lambda made: made.active.append(["not to be seen"])))
    assert open_bytes(kept.getvalue(), "file.xlsx") == open_bytes(workbook(), "file.xlsx")


def test_a_workbook_whose_sheets_the_reader_does_not_know_is_not_called_blank() -> None:
    without_sheets = with_member(
        workbook(), "xl/workbook.xml", lambda xml: xml[: xml.index(b"<sheets>")] + xml[xml.index(b"</sheets>") + 9 :]
    )
    with pytest.raises(FileRefused, match="holds no sheet that can be read"):
        open_bytes(without_sheets, "file.xlsx")
