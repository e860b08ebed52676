"""Reading: the same cells whatever the form, headings found or named, rows and addresses as a person counts them."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fixtures.collations import (
    FILES,
    HEADINGS,
    as_published,
    principal_ot_list,
    published_workbook,
    transcribed,
    write_csv,
    write_ods,
    write_xlsx,
)
from fixtures.damaged import unusual_workbook

from dagster_project.sources.catalogue import load_card
from dagster_project.sources.landed import LandedCell, Reading
from dagster_project.sources.opening import Sheet, open_bytes, open_file
from dagster_project.sources.problems import FileRefused, Problem
from dagster_project.sources.reading import read_sheets
from dagster_project.sources.store import COLLATION_TABLES

CARD = load_card("council_returns")
DOCUMENT = "midlands_unlocking_the_potential_2024"
Rows = list[list[str]]


def read(*sheets: Sheet) -> Reading:
    return read_sheets(sheets, CARD, date(2024, 7, 1))


def as_sheet(rows: Rows, name: str = "") -> Sheet:
    return Sheet(name, tuple(tuple(row) for row in rows))


def read_figure(rows: Rows) -> Reading:
    """One figure as its own CSV."""
    return read(as_sheet(rows))


def refusal_of(*sheets: Sheet) -> Problem:
    with pytest.raises(FileRefused) as refusal:
        read(*sheets)
    (problem,) = refusal.value.problems
    return problem


def refusal_of_first(*sheets: Sheet) -> Problem:
    """The first of the problems of a workbook that lacks a sheet besides."""
    with pytest.raises(FileRefused) as refusal:
        read(*sheets)
    return refusal.value.problems[0]


def refusal_of_figure(rows: Rows) -> Problem:
    return refusal_of(as_sheet(rows))


def workbook_sheets(**changed: Rows | None) -> tuple[Sheet, ...]:
    """The published workbook; `figure_18=rows` puts other rows on a sheet, None leaves the sheet out."""
    sheets = published_workbook() | {name.replace("_", " ").title(): rows for name, rows in changed.items()}
    return tuple(as_sheet(rows, name) for name, rows in sheets.items() if rows is not None)


def content(cell: LandedCell) -> tuple[str, ...]:
    """What a cell says, without where it stood in the file. A number has no trailing zeros, as in a spreadsheet."""
    council = cell.council_as_written or cell.continued_council
    text = cell.cell_text
    if re.fullmatch(r"\d+\.\d+", text):
        text = text.rstrip("0").rstrip(".")
    return (cell.landed_table, cell.figure, cell.region_block, council, cell.field, text)


def contents(reading: Reading) -> Counter[tuple[str, ...]]:
    return Counter(content(cell) for cell in reading.cells if cell.figure != "Principal OT list")


@pytest.fixture(scope="module")
def published() -> Counter[tuple[str, ...]]:
    """What the seven figures of the bundled collation say."""
    says: Counter[tuple[str, ...]] = Counter()
    for figure in FILES:
        says += contents(read_figure(transcribed(figure)))
    return says


def _in_file(path: Path) -> Reading:
    return read(*open_file(path, path.name))


FORMS: dict[str, Callable[[Path], list[Path]]] = {
    "csv as published": lambda folder: [write_csv(as_published(figure), folder / f"{figure}.csv") for figure in FILES],
    "csv as transcribed": lambda folder: [write_csv(transcribed(figure), folder / f"{figure}.csv") for figure in FILES],
    "xlsx as published": lambda folder: [write_xlsx(published_workbook(), folder / "all.xlsx")],
    "ods as published": lambda folder: [write_ods(published_workbook(), folder / "all.ods")],
    "xlsx as transcribed": lambda folder: [
        write_xlsx({figure: transcribed(figure) for figure in FILES}, folder / "all.xlsx")
    ],
    "ods as transcribed": lambda folder: [
        write_ods({figure: transcribed(figure) for figure in FILES}, folder / "all.ods")
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_collation_says_the_same(
    form: str, published: Counter[tuple[str, ...]], tmp_path: Path
) -> None:
    says: Counter[tuple[str, ...]] = Counter()
    for path in FORMS[form](tmp_path):
        says += contents(_in_file(path))
    assert says == published


def test_the_bundled_cells_are_all_there(published: Counter[tuple[str, ...]]) -> None:
    assert Counter(said[0] for said in published.elements()) == {
        "council_workforce": 625,
        "council_pipeline": 75,
        "council_pay": 182,
        "council_totals": 56,
    }


def test_a_workbook_of_careless_hands_says_the_same(published: Counter[tuple[str, ...]]) -> None:
    """Title rows, hidden and formatted sheets, an empty column, numbers typed as text, and a sheet of notes."""
    reading = read(*open_bytes(unusual_workbook(), "file.xlsx"))
    assert contents(reading) == published
    assert [(problem.sheet, problem.rule_id) for problem in reading.problems] == [
        ("Notes", "unknown_header"),
        ("", "as_at_date_missing"),
    ]
    assert reading.problems[0].message.startswith("The sheet 'Notes' was not read")


@pytest.mark.parametrize("table", COLLATION_TABLES)
def test_every_landed_table_is_fed_by_the_bundled_collation(table: str) -> None:
    cells = [cell for figure in FILES for cell in read_figure(transcribed(figure)).cells]
    cells += read_figure(principal_ot_list()).cells
    assert any(cell.landed_table == table for cell in cells)


def cell_of(reading: Reading, council: str, field: str) -> LandedCell:
    (cell,) = [cell for cell in reading.cells if cell.council_as_written == council and cell.field == field]
    return cell


def test_a_cell_stands_where_a_spreadsheet_shows_it() -> None:
    rows = transcribed("Figure 18")
    council = rows[7][4]
    cell = cell_of(read_figure(rows), council, "headcount")
    assert (cell.source_row, cell.source_cell, cell.cell_text) == (8, "F8", rows[7][5])
    assert (cell.published_row, cell.source_document, cell.source_sheet) == ("7", DOCUMENT, "Figure 18")


def test_title_rows_blank_rows_and_blank_columns_move_the_address_and_nothing_else() -> None:
    rows = [["", *row] for row in transcribed("Figure 18")]
    width = len(rows[0])
    rows[3:3] = [[""] * width, []]
    moved = read_figure([["Figure 18: occupational therapists"], ["as at June 2024"], [], *rows])
    plain = read_figure(transcribed("Figure 18"))
    assert [content(cell) for cell in moved.cells] == [content(cell) for cell in plain.cells]
    first, last = moved.cells[0], moved.cells[-1]
    assert (first.source_row, first.source_cell) == (5, "G5")
    assert last.source_row == plain.cells[-1].source_row + 5


def test_a_quoted_line_break_counts_as_one_row(tmp_path: Path) -> None:
    rows = transcribed("Figure 18")
    rows[2][-1] = "first line\nsecond line"
    cell = cell_of(_in_file(write_csv(rows, tmp_path / "file.csv")), rows[7][4], "headcount")
    assert cell.source_cell == "F8"


def test_columns_may_stand_in_any_order() -> None:
    rows = transcribed("Figure 20")
    turned = read_figure([row[::-1] for row in rows])
    assert contents(turned) == contents(read_figure(rows))


def test_a_region_only_heading_keeps_the_columns_of_the_block_above() -> None:
    rows = as_published("Figure 23")
    position = rows.index(["West Midlands Councils", "", "", ""])
    cells = read_figure(rows).cells
    assert {cell.region_block for cell in cells if cell.source_row <= position} == {"East Midlands"}
    assert {cell.region_block for cell in cells if cell.source_row > position} == {"West Midlands"}


def test_east_and_west_may_word_their_headings_differently() -> None:
    assert HEADINGS["Figure 19"]["East Midlands"] != HEADINGS["Figure 19"]["West Midlands"]
    assert {cell.region_block for cell in read_figure(as_published("Figure 19")).cells} == {
        "East Midlands",
        "West Midlands",
    }


def test_cyrillic_letters_in_the_published_heading_are_known() -> None:
    rows = [[cell.replace("ОТ", "OT") for cell in row] for row in as_published("Figure 25")]
    assert rows != as_published("Figure 25")
    assert contents(read_figure(rows)) == contents(read_figure(as_published("Figure 25")))


def test_total_rows_land_apart() -> None:
    totals = [cell for cell in read_figure(transcribed("Figure 18")).cells if cell.landed_table == "council_totals"]
    assert {cell.council_as_written for cell in totals} == {"Total East Midlands", "Total West Midlands"}
    assert len(totals) == 10


@pytest.mark.parametrize("form", [transcribed, as_published])
def test_a_second_pay_row_belongs_to_the_council_above(form: Callable[[str], Rows]) -> None:
    continued = [cell for cell in read_figure(form("Figure 25")).cells if not cell.council_as_written]
    assert {cell.continued_council for cell in continued} == {"Wolverhampton City"}
    assert len(continued) == 7


def test_a_nameless_pay_row_never_belongs_to_a_council_of_another_block() -> None:
    rows = as_published("Figure 25")
    position = next(index for index, row in enumerate(rows) if row[0] == "West Midlands Councils")
    rows[position + 1][0] = ""
    nameless = [cell for cell in read_figure(rows).cells if cell.source_row == position + 2]
    assert {(cell.council_as_written, cell.continued_council) for cell in nameless} == {("", "")}


def test_a_nameless_row_of_another_figure_belongs_to_nobody() -> None:
    rows = transcribed("Figure 18")
    rows[2][4] = ""
    nameless = [cell for cell in read_figure(rows).cells if cell.source_row == 3]
    assert {(cell.council_as_written, cell.continued_council) for cell in nameless} == {("", "")}


def renamed(figure: str, old: str, new: str) -> Rows:
    heading, *rows = transcribed(figure)
    assert old in heading
    return [[new if name == old else name for name in heading], *rows]


def test_an_unknown_heading_is_named_with_the_nearest_known_wording() -> None:
    problem = refusal_of_figure(renamed("Figure 18", "fte_vacant_posts", "Vacent posts FTE"))
    assert problem.rule_id == "unknown_header"
    assert problem.message == (
        "The heading 'Vacent posts FTE' is not one of Figure 18. Did you mean 'Vacant posts FTE'?"
    )
    assert (problem.where, problem.value) == ("cell J1", "Vacent posts FTE")


def test_an_unknown_heading_without_a_likeness_is_named_alone() -> None:
    problem = refusal_of_figure(renamed("Figure 18", "transcription_note", "Zzz"))
    assert problem.message == "The heading 'Zzz' is not one of Figure 18."


def test_an_unknown_heading_below_a_title_is_the_one_that_is_named() -> None:
    rows = [["", *row] for row in renamed("Figure 18", "fte_vacant_posts", "Vacent posts FTE")]
    problem = refusal_of_figure([["Figure 18: occupational therapists"], *rows])
    assert (problem.value, problem.where) == ("Vacent posts FTE", "cell K2")


def test_an_unknown_heading_over_several_lines_is_named_whole() -> None:
    rows = as_published("Figure 22")
    rows[1][4] = "seasonal"
    problem = refusal_of_figure(rows)
    assert problem.value == "FTE seasonal funded"
    assert problem.where == "cell E3"


def test_an_unknown_heading_of_the_second_block_is_named() -> None:
    rows = as_published("Figure 18")
    position = next(index for index, row in enumerate(rows) if row[0] == "West Midlands Councils")
    rows[position][2] = "FTE of everyone"
    problem = refusal_of_figure(rows)
    assert (problem.value, problem.where) == ("FTE of everyone", f"cell C{position + 1}")


def test_a_doubled_heading_is_named() -> None:
    problem = refusal_of_figure(renamed("Figure 18", "fte_of_ots", "number_of_ots"))
    assert problem.message == "The heading 'number_of_ots' stands twice in Figure 18."


def test_two_headings_for_one_place_are_named() -> None:
    problem = refusal_of_figure(renamed("Figure 18", "row_order", "region"))
    assert problem.message == "The heading 'region' stands twice in Figure 18."


def test_a_missing_heading_is_named_in_the_published_wording() -> None:
    problem = refusal_of_figure([row[:9] + row[10:] for row in transcribed("Figure 18")])
    assert problem.message == "Figure 18 lacks these headings: 'Vacant posts FTE'."


def test_a_table_without_a_known_heading_is_refused_with_what_stands_there() -> None:
    problem = refusal_of_figure([[], ["Name", "Team"], ["x", "y"]])
    assert problem.message == "None of the rows is a heading that is known here."
    assert problem.value == "Name | Team"


def test_a_heading_is_looked_for_at_the_top_only() -> None:
    problem = refusal_of_figure([["text"]] * 103 + transcribed("Figure 18"))
    assert problem.message == "None of the first 100 rows is a heading that is known here."


def test_headings_without_rows_are_refused() -> None:
    assert "no row stands below them" in refusal_of_figure(transcribed("Figure 18")[:1]).message


def test_a_sheet_named_for_one_figure_may_not_hold_another() -> None:
    problem = refusal_of(
        *workbook_sheets(figure_18=as_published("Figure 22")),
    )
    assert problem.message == "The sheet is named 'Figure 18', but its headings are those of Figure 22."


def test_a_missing_sheet_is_named_with_the_sheets_there_are() -> None:
    problem = refusal_of(*workbook_sheets(figure_21=None))
    assert problem.message.startswith("The workbook has no sheet for Figure 21. Its sheets are: 'Figure 18', ")


def test_a_figure_on_two_sheets_is_refused() -> None:
    problem = refusal_of(*workbook_sheets(), as_sheet(as_published("Figure 18"), "Figure 18 old"))
    assert problem.message.startswith("Figure 18 stands on two sheets, 'Figure 18' and 'Figure 18 old'")


@pytest.mark.parametrize(
    "rows",
    [
        [["Please read"], ["Council officers fill in every sheet."]],
        [["Council", "Region"], ["Derby City", "East Midlands"]],
        [["Council", "Contact", "Note"], ["Derby City", "J", "x"]],
    ],
    ids=["notes", "list for a drop-down", "contacts"],
)
def test_a_sheet_that_is_no_figure_is_passed_over_and_reported(rows: Rows) -> None:
    reading = read(*workbook_sheets(), as_sheet(rows, "Guidance"))
    assert reading.figures == sorted(FILES)
    assert [problem.message for problem in reading.problems if problem.sheet] == [
        "The sheet 'Guidance' was not read: none of its rows is a heading that is known here."
    ]


def test_a_sheet_named_for_a_figure_is_never_passed_over() -> None:
    problem = refusal_of(*workbook_sheets(figure_18=[["Council", "Contact"], ["Derby City", "J"]]))
    assert problem.rule_id == "unknown_header"
    assert problem.sheet == "Figure 18"


def test_every_bad_sheet_of_a_workbook_is_named_at_once() -> None:
    with pytest.raises(FileRefused) as refusal:
        read(
            *workbook_sheets(
                figure_18=renamed("Figure 18", "number_of_ots", "Heads"),
                figure_19=renamed("Figure 19", "council", "Place"),
                figure_23=None,
            )
        )
    assert [problem.sheet for problem in refusal.value.problems] == ["Figure 18", "Figure 19", ""]
    assert "no sheet for Figure 23." in refusal.value.problems[-1].message


def test_an_unknown_document_is_refused_for_want_of_a_date() -> None:
    rows = transcribed("Figure 18")
    rows[3][0] = "report_of_2031"
    problem = refusal_of_figure(rows)
    assert (problem.rule_id, problem.where, problem.value) == ("as_at_date_missing", "row 4", "report_of_2031")


def test_a_file_that_names_no_document_is_read_and_reported() -> None:
    (problem,) = read_figure(as_published("Figure 18")).problems
    assert problem.rule_id == "as_at_date_missing"
    assert problem.message.startswith("The file names neither its document nor a date.")
    assert "as at 2024-06-30" in problem.message
    assert DOCUMENT in problem.suggestion
    assert {cell.source_document for cell in read_figure(as_published("Figure 18")).cells} == {DOCUMENT}


def test_rows_that_name_no_document_are_reported_although_others_do() -> None:
    rows = transcribed("Figure 18")
    rows[3][0] = ""
    (problem,) = read_figure(rows).problems
    assert problem.message.startswith("1 of the file's 27 rows name neither their document nor a date.")


def test_a_row_of_another_figure_is_refused() -> None:
    rows = transcribed("Figure 18")
    rows[3][1] = "Figure 22"
    problem = refusal_of_figure(rows)
    assert problem.message == "The row says it belongs to Figure 22, but the columns are those of Figure 18."
    assert problem.where == "row 4"


@pytest.mark.parametrize("width", [10, 12])
def test_a_ragged_row_of_a_csv_is_refused(width: int) -> None:
    rows = transcribed("Figure 18")
    rows[3] = (rows[3] + [""])[:width]
    problem = refusal_of_figure(rows)
    assert problem.message.startswith(f"The row has {width} cells and its heading has 11")
    assert problem.where == "row 4"


def test_a_value_under_no_heading_is_refused_and_an_empty_column_is_not() -> None:
    rows = [[*row[:6], "", *row[6:]] for row in transcribed("Figure 18")]
    assert contents(read_figure(rows)) == contents(read_figure(transcribed("Figure 18")))
    rows[3][6] = "12"
    problem = refusal_of_figure(rows)
    assert (problem.where, problem.value) == ("cell G4", "12")
    assert "stands under no heading of Figure 18" in problem.message


@pytest.mark.parametrize(
    "path", ["/home/jane/returns/final.xlsx", r"C:\Users\Jane Doe\final.xlsx", r"\\server\share\final.xlsx"]
)
def test_a_path_is_refused_and_not_repeated(path: str) -> None:
    rows = transcribed("Figure 18")
    rows[3][4] = path
    problem = refusal_of_figure(rows)
    assert problem.message.startswith("The cell holds a path on somebody's computer")
    assert problem.where == "cell E4"
    in_heading = refusal_of_figure(renamed("Figure 18", "fte_vacant_posts", path))
    in_name = refusal_of(*workbook_sheets(), as_sheet([["Council", "FTE of OTs"], ["x", "1"]], path))
    for found in (problem, in_heading, in_name):
        assert not any(part in str(found.as_dict()) for part in ("jane", "Doe", "final", "share"))


def test_a_sheet_that_is_read_may_not_be_named_for_a_path() -> None:
    first, *others = workbook_sheets()
    assert refusal_of_first(replace(first, name="/home/jane/x"), *others).message.startswith(
        "The name of a sheet is a path on somebody's computer"
    )


def test_a_block_whose_heading_is_not_recognised_is_not_lost() -> None:
    """The heading of the second block is whole, and must not make the first block pass for a title."""
    rows = as_published("Figure 18")
    rows[0][1] = "Heads"
    assert refusal_of_figure(rows).message.startswith("The heading 'Heads' is not one of Figure 18.")
    rows[0] = ["East", "of", "England"]
    position = next(index for index, row in enumerate(rows) if row[0] == "West Midlands Councils")
    assert refusal_of_figure(rows).message.startswith(
        f"Row 2 stands above the first heading that is known here (row {position + 1})"
    )
