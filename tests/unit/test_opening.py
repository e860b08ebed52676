"""Opening files: what is read is what a person sees, and what cannot be read safely is refused in words."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from fixtures.damaged import (
    FIGURE_18,
    Damaged,
    figure_18,
    ods_of,
    ods_row,
    refused_files,
    with_member,
    workbook,
    workbook_with,
)

from dagster_project.sources import opening
from dagster_project.sources.catalogue import load_card
from dagster_project.sources.opening import Sheet, cell_address, open_bytes, open_file
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


def rows_of(content: bytes, name: str = "file.csv") -> tuple[tuple[str, ...], ...]:
    return open_bytes(content, name)[0].rows


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_a_csv_reads_the_same_with_any_line_ending_and_a_byte_order_mark(line_end: str) -> None:
    text = figure_18().decode().replace("\r\n", "\n")
    assert rows_of(b"\xef\xbb\xbf" + text.replace("\n", line_end).encode()) == rows_of(text.encode())


def test_a_row_of_a_csv_has_the_number_a_spreadsheet_gives_it() -> None:
    assert rows_of(b'council\n\n"Derby\nCity"\n\nLeicester\n') == (
        ("council",),
        (),
        ("Derby\nCity",),
        (),
        ("Leicester",),
    )


def test_a_pound_sign_in_utf8_is_kept() -> None:
    assert rows_of("council,entry\nDerby,£30\u00a0000\n".encode())[1] == ("Derby", "£30\u00a0000")


def cell_of_workbook(value: object, number_format: str | None = None) -> str:
    return open_bytes(workbook_with("B2", value, number_format), "file.xlsx")[0].rows[1][1]


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (13, None, "13"),
        (7.85, None, "7.85"),
        (0.1 + 0.2, None, "0.3"),
        (1 / 3, None, "0.333333333333333"),
        (1e-7, None, "0.0000001"),
        (123456789012, None, "123456789012"),
        ("13", "@", "13"),
        (" 13 ", None, "13"),
        (True, None, "TRUE"),
        (date(2024, 7, 13), None, "2024-07-13"),
        (datetime(2024, 7, 13, 9, 30), None, "2024-07-13T09:30:00"),
        (0.5, "0%", "50%"),
        (0.07, "0.0%", "7%"),
        (30000, '"£"#,##0', "30000"),
        ("Derby_x000D_\nCity", None, "Derby\nCity"),
        ("#N/A yet", None, "#N/A yet"),
    ],
)
def test_a_cell_of_a_workbook_reads_as_a_person_sees_it(value: object, number_format: str | None, seen: str) -> None:
    assert cell_of_workbook(value, number_format) == seen


def test_a_formula_reads_as_its_saved_result_also_when_that_is_an_empty_text() -> None:
    saved = workbook_with("B2", "=6+7")
    part = "xl/worksheets/sheet1.xml"
    thirteen = with_member(saved, part, lambda xml: xml.replace(b"<f>6+7</f><v />", b"<f>6+7</f><v>13</v>"))
    assert rows_of(thirteen, "file.xlsx")[1][1] == "13"
    nothing = with_member(
        saved,
        part,
        lambda xml: xml.replace(b'<c r="B2"><f>6+7</f><v />', b'<c r="B2" t="str"><f>6+7</f><v></v>'),
    )
    assert nothing != saved
    assert rows_of(nothing, "file.xlsx")[1][1] == ""


def ods_cell(xml: str) -> str:
    return rows_of(ods_of((FIGURE_18, ods_row("first", xml, "last"))), "file.ods")[0][1]


@pytest.mark.parametrize(
    ("attributes", "inside", "seen"),
    [
        ('office:value-type="float" office:value="7.85"', "<text:p>7.9</text:p>", "7.85"),
        ('office:value-type="percentage" office:value="0.5"', "<text:p>50%</text:p>", "50%"),
        ('office:value-type="date" office:date-value="2024-07-13"', "<text:p>13 Jul</text:p>", "2024-07-13"),
        ('office:value-type="date" office:date-value="2024-07-13T00:00:00"', "", "2024-07-13"),
        ('office:value-type="boolean" office:boolean-value="true"', "<text:p>WAHR</text:p>", "TRUE"),
        ('table:formula="of:=TRUE()" office:value-type="float" office:value="1"', "<text:p>TRUE</text:p>", "TRUE"),
        ('table:formula="of:=&quot;&quot;"', "<text:p/>", ""),
        ('office:value-type="string"', '<text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p>', "a  b\nc"),
        ('office:value-type="string"', "<text:p>Derby<text:line-break/>City</text:p>", "Derby\nCity"),
        ('office:value-type="string"', "<text:p>1<text:span>3</text:span>!</text:p>", "13!"),
        ('office:value-type="string" office:string-value="13"', "", "13"),
        (
            'office:value-type="string"',
            "<office:annotation><text:p>check this</text:p></office:annotation><text:p>n/a</text:p>",
            "n/a",
        ),
    ],
)
def test_a_cell_of_an_opendocument_spreadsheet_reads_as_a_person_sees_it(
    attributes: str, inside: str, seen: str
) -> None:
    assert ods_cell(f"<table:table-cell {attributes}>{inside}</table:table-cell>") == seen


def test_repeated_and_merged_cells_and_rows_keep_their_places() -> None:
    sheet = ods_of(
        (
            FIGURE_18,
            '<table:table-row table:number-rows-repeated="2"/>'
            + ods_row('<table:table-cell table:number-columns-repeated="1500"/>', "far")
            + '<table:table-header-rows><table:table-row table:number-rows-repeated="2">'
            '<table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p>'
            "</table:table-cell></table:table-row></table:table-header-rows>"
            + ods_row("a", "<table:covered-table-cell><text:p>hidden</text:p></table:covered-table-cell>", "b")
            + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
            'table:style-name="ce1" table:number-columns-repeated="16384"/></table:table-row>',
        )
    )
    rows = rows_of(sheet, "file.ods")
    assert rows == ((), (), (*[""] * 1500, "far"), ("x", "x"), ("x", "x"), ("a", "", "b"))


def test_the_hidden_copy_of_a_linked_file_is_not_a_sheet() -> None:
    linked = ods_of(("'file:///home/jane/other.ods'#$Sheet1", ods_row("x")), (FIGURE_18, ods_row("y")))
    style = b'<table:table table:style-name="ta_extref" '
    linked = with_member(linked, "content.xml", lambda xml: xml.replace(b"<table:table ", style, 1))
    assert [sheet.name for sheet in open_bytes(linked, "file.ods")] == [FIGURE_18]


def test_formatting_without_content_is_passed_over() -> None:
    def change(made: openpyxl.Workbook) -> None:
        for row in range(1, 2000):
            made[FIGURE_18].cell(row, 60).number_format = "0.00"
        made[FIGURE_18].cell(300_000, 1).number_format = "0.00"

    assert open_bytes(workbook(change), "file.xlsx") == open_bytes(workbook(), "file.xlsx")


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("LARGEST_SHEET_CELLS", "more than 20 filled cells"),
        ("LARGEST_SHEET_CELLS_LOOKED_AT", "more than 20 formatted cells"),
        ("LARGEST_SHEET_ROWS", "more than 20 rows"),
    ],
)
def test_a_sheet_no_person_filled_is_refused(limit: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, limit, 20)
    with pytest.raises(FileRefused, match=says) as refusal:
        open_bytes(workbook(), "file.xlsx")
    assert refusal.value.problems[0].where == f"sheet '{FIGURE_18}'"


def test_a_workbook_whose_sheets_the_reader_does_not_know_is_not_called_blank() -> None:
    without_sheets = with_member(
        workbook(), "xl/workbook.xml", lambda xml: xml[: xml.index(b"<sheets>")] + xml[xml.index(b"</sheets>") + 9 :]
    )
    with pytest.raises(FileRefused, match=r"holds no sheet that can be read|damaged"):
        open_bytes(without_sheets, "file.xlsx")


def test_the_ending_of_a_name_counts_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "FIG18.CSV"
    path.write_bytes(figure_18())
    assert isinstance(open_file(path, path.name)[0], Sheet)
