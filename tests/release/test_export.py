"""The regional tables as files: by the rules for publishing spreadsheets, equal to the release, harmless to open."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from opened_workbooks import Cell, Opened, Sheet, faults, opened
from programs import libreoffice
from release_workshop import tamper
from site_workshop import candidate_of, derby, in_force, query, the_collation
from typer.testing import CliRunner

from dagster_project import cli
from dagster_project.export import exporting, ods, sheets, words, xlsx
from dagster_project.export.areas import ALL_AREAS, Area
from dagster_project.export.exporting import book_of, export, read_formats
from dagster_project.export.loose_files import as_csv, as_parquet
from dagster_project.export.sheets import Book, CautionMissing
from dagster_project.export.tables import DATA_QUALITY, TABLES, Asked, Rows
from dagster_project.home import Home
from dagster_project.present import SOURCES
from dagster_project.query import QueryError, latest_release, open_release, run_sql
from dagster_project.release import manifest
from dagster_project.release.building import Candidate
from dagster_project.spreadsheets import as_it_was, runs_as_formula
from dagster_project.verbs import CommandError

EAST_MIDLANDS = Area("adass_region", "ADASS-EM", "East Midlands")
WEST_MIDLANDS = Area("adass_region", "ADASS-WM", "West Midlands")
CAUTION = "Comparing one council with another is unreliable"
FORMULAS = ('=HYPERLINK("http://example.invalid","pay")', "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1")
FRONT = ["Cover", "Contents", "Notes", "Definitions", "Data_quality"]
ASKED = Asked("What", "select 1", ())
WRITERS: dict[str, Callable[[Book], bytes]] = {"book.ods": ods.as_ods, "book.xlsx": xlsx.as_xlsx}


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """The published collation, and after it a night with a return of Derby's own."""
    folder = tmp_path_factory.mktemp("export")
    nights = the_collation(folder)
    nights.put("derby.xlsx", derby("12"))
    nights.night()
    return candidate_of(nights, folder / "candidate")


@pytest.fixture(scope="module")
def home(candidate: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return in_force(candidate, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def region(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The West Midlands in every format; its tables have missing, doubtful and partial numbers."""
    folder = tmp_path_factory.mktemp("region")
    export(home, "adass_region", "West Midlands", exporting.FORMATS, folder)
    return folder


@pytest.fixture(scope="module")
def workbooks(region: Path) -> dict[str, Opened]:
    return {path.suffix: opened(path.name, path.read_bytes()) for path in region.iterdir() if path.is_file()}


def book(home: Home, area: Area = EAST_MIDLANDS) -> Book:
    release = latest_release(home)
    with open_release(release) as connection:
        return book_of(connection, release, area)


def read_csv(folder: Path, sheet: str) -> list[dict[str, str]]:
    (file,) = folder.glob(f"*-csv/{sheet.lower()}.csv")
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def row_of(sheet: Sheet, area: str, day: str, heading: str = "Area") -> dict[str, Cell]:
    (found,) = [
        row
        for row in (dict(zip(sheet.headings, row, strict=True)) for row in sheet.table)
        if row[heading].value == area and row["As at"].value == day
    ]
    return found


# The rules for publishing spreadsheets


@pytest.mark.parametrize("kind", [".ods", ".xlsx"])
def test_a_workbook_keeps_the_rules_for_publishing_spreadsheets(workbooks: dict[str, Opened], kind: str) -> None:
    assert faults(workbooks[kind]) == []


# A name that is too long is one of the rules to break.
@pytest.mark.filterwarnings("ignore:Title is more than 31 characters")
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ({"title": ""}, "A1 holds no title"),
        ({"name": "N" * 32}, "has a space or is too long"),
        ({"rows": (("Derby", 4), ("", ""))}, "a row is blank"),
        ({"lines": (sheets.Line("What it is."), sheets.Line(""))}, "a row is blank"),
        ({"rows": (("Derby", "4.00"),)}, "4.00 is a number kept as text"),
        ({"rows": (("Derby", 4), ("Rutland", "none"))}, "mixes numbers"),
        ({"rows": (("Derby", 4), ("Rutland", ""))}, "a cell of People is blank"),
        ({"lead_to": ("Nowhere",)}, "a link leads to Nowhere"),
        ({"columns": (sheets.Column("Area", 9), sheets.Column("Area", 9))}, "stands twice"),
    ],
)
def test_a_workbook_that_breaks_a_rule_is_found_out(name: str, broken: dict[str, Any], found: str) -> None:
    columns = (sheets.Column("Area", 20), sheets.Column("People", 10, is_numeric=True))
    sound = sheets.Sheet("Staff", "Staff by area", (sheets.Line("What it is."),), columns, (("Derby", 4),))
    made = Book("A book", "Staff", "Two sheets", exported_at(), (sound,), {})
    assert faults(opened(name, WRITERS[name](made))) == []
    written = WRITERS[name](replace(made, sheets=(replace(sound, **broken),)))
    assert any(found in fault for fault in faults(opened(name, written)))


@pytest.mark.parametrize(
    ("name", "part", "old", "new", "found"),
    [
        ("book.ods", "content.xml", "<table:table-header-rows>", "", "0 header rows"),
        ("book.ods", "content.xml", 'office:value-type="float"', 'table:formula="of:=1"', "a formula"),
        ("book.ods", "content.xml", 'office:value-type="float"', 'table:number-columns-spanned="2"', "merged"),
        ("book.ods", "content.xml", "Staff.B4", "Staff.B3", "is marked to B3"),
        ("book.xlsx", "xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData><mergeCells/>", "merged"),
        ("book.xlsx", "xl/worksheets/sheet1.xml", "<v>4</v>", "<f>1+3</f><v>4</v>", "a formula"),
        ("book.xlsx", "xl/tables/table1.xml", 'ref="A3:B4"', 'ref="A3:B3"', "is marked to B3"),
    ],
)
def test_a_file_that_breaks_a_rule_is_found_out(name: str, part: str, old: str, new: str, found: str) -> None:
    columns = (sheets.Column("Area", 20), sheets.Column("People", 10, is_numeric=True))
    sheet = sheets.Sheet("Staff", "Staff by area", (sheets.Line("What it is."),), columns, (("Derby", 4),))
    written = WRITERS[name](Book("A book", "Staff", "One sheet", exported_at(), (sheet,), {}))
    source, changed = zipfile.ZipFile(io.BytesIO(written)), io.BytesIO()
    with zipfile.ZipFile(changed, "w") as target:
        for inside in source.namelist():
            text = source.read(inside)
            if inside == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode(), 1)
                if old == "<table:table-header-rows>":
                    text = text.replace(b"</table:table-header-rows>", b"", 1)
            target.writestr(inside, text)
    assert any(found in fault for fault in faults(opened(name, changed.getvalue())))


def exported_at() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 4, 2, 2, tzinfo=UTC)


def test_sheets_stand_in_the_order_that_people_expect(workbooks: dict[str, Opened]) -> None:
    for workbook in workbooks.values():
        names = list(workbook.sheets)
        assert names[:5] == FRONT
        assert names[5:10] == [
            "Occupational_therapists",
            "Other_AHPs",
            "Assessors",
            "Senior_practitioners",
            "Managers",
        ]
        assert names[-1] == "Queries"
        contents = workbook.sheets["Contents"]
        assert [cell.value for cell in contents.column("Sheet")] == names[2:]
        assert [cell.leads_to for cell in contents.column("Sheet")] == names[2:]
        titles = [workbook.sheets[name].rows[0][0].value for name in names[2:]]
        assert [cell.value for cell in contents.column("What it holds")] == titles


def test_a_workbook_says_its_language_title_subject_and_who_made_it(workbooks: dict[str, Opened]) -> None:
    for workbook in workbooks.values():
        assert workbook.languages == {"en-GB"}
        assert workbook.properties["language"] == "en-GB"
        assert workbook.properties["title"] == "Allied health professions workforce: West Midlands (ADASS region)"
        assert workbook.properties["subject"] == "Allied health professions workforce of councils in England"
        assert workbook.properties["creator"] == "AHP workforce warehouse"
        assert "2026-04-02T020000Z-aaaaaa" in workbook.properties["description"]


def test_no_pane_is_frozen_and_nothing_is_hidden(region: Path) -> None:
    for path in region.glob("*.*s*"):
        if path.is_file():
            with zipfile.ZipFile(path) as archive:
                text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
            for way in (
                b"<pane",
                b'hidden="1"',
                b'state="hidden"',
                b"collapse",
                b'table:display="false"',
                b"HorizontalSplit",
            ):
                assert way not in text, way


# Equal to the release


def test_every_table_equals_its_csv_its_parquet_and_what_its_own_query_gives(
    home: Home, region: Path, workbooks: dict[str, Opened]
) -> None:
    queries = {row["Sheet"]: row["SQL"] for row in read_csv(region, "Queries")}
    compared = 0
    for name, workbook in workbooks.items():
        for sheet in (table.sheet for table in (DATA_QUALITY, *TABLES) if table.sheet in workbook.sheets):
            rows = read_csv(region, sheet)
            answer = run_sql(home, f"{queries['Run first']};\n{queries[sheet]}")
            assert answer is not None
            released = answer.to_pylist()
            (parquet,) = region.glob(f"*-parquet/{sheet.lower()}.parquet")
            columns = [column for column in rows[0] if column != "notes"]
            assert pyarrow.parquet.read_table(parquet).select(columns).to_pylist() == [
                {column: row[column] for column in columns} for row in released
            ], sheet
            shown = [column for column in rows[0] if words.heading(column) in workbook.sheets[sheet].headings]
            shown = [column for column in shown if not is_status_of_a_number(column, rows[0])]
            assert [words.heading(column) for column in shown] == workbook.sheets[sheet].headings
            assert len(workbook.sheets[sheet].table) == len(rows) == len(released), sheet
            for cells, row, exact in zip(workbook.sheets[sheet].table, rows, released, strict=True):
                for cell, column in zip(cells, shown, strict=True):
                    assert says_the_same(cell, row[column], None if column == "notes" else exact[column]), (
                        name,
                        sheet,
                        column,
                        cell,
                        row[column],
                    )
                    compared += 1
    assert compared > 10_000


def is_status_of_a_number(column: str, row: dict[str, str]) -> bool:
    return column.endswith("_status") and column.removesuffix("_status") in row and column != "value_status"


def says_the_same(cell: Cell, in_csv: str, exact: Any) -> bool:
    """Whether a cell, its twin in the CSV file and the value of the release are one and the same."""
    match exact:
        case None if not in_csv:
            return cell.kind == "empty" or re.fullmatch(r"\[[xzcu]\]", cell.value) is not None
        case None:
            return cell.value == in_csv
        case bool():
            return (cell.value, in_csv) == (("Yes", "true") if exact else ("No", "false"))
        case int() | Decimal():
            return cell.kind == "number" and Decimal(cell.value) == Decimal(in_csv) == exact
        case float():
            return cell.kind == "number" and float(cell.value) == float(in_csv) == exact
        case date():
            return cell.kind == "date" and cell.value == in_csv == exact.isoformat()
        case _:
            return re.sub(r" \[[xzcuerpb]\]$", "", cell.value) == as_it_was(in_csv) == exact


def test_figure_18_stands_in_its_sheet_as_published(home: Home) -> None:
    # Occupational therapists, Figure 18 of the Midlands report, summed by region.
    published = {EAST_MIDLANDS: (323, 263.05, 259.05, 4, 43.12), WEST_MIDLANDS: (271, 250.33, 199.03, 51.3, 33.1)}
    headings = ("Headcount", "FTE", "Permanent FTE", "Temporary FTE", "Vacant FTE")
    for area, numbers in published.items():
        for name, write in WRITERS.items():
            made = book(home, area)
            only = tuple(sheet for sheet in made.sheets if sheet.name == "Occupational_therapists")
            sheet = opened(name, write(replace(made, sheets=only))).sheets["Occupational_therapists"]
            row = row_of(sheet, area.name, "2024-06-30")
            assert [float(row[heading].value) for heading in headings] == list(numbers)
            assert row["Kind of area"].value == "ADASS region"
            assert {row[heading].kind for heading in headings} == {"number"}


def test_the_staff_of_every_group_are_those_of_the_release(candidate: Candidate, home: Home) -> None:
    everything = book(home, ALL_AREAS)
    for table in TABLES[:5]:
        released = query(
            candidate,
            "select geography_code, as_at_date, headcount, fte, fte_permanent, fte_temporary, fte_vacant "
            f"from marts.regional_workforce where return_group = '{table.variables['return_group']}' order by all",
        )
        columns = everything.data[table.sheet].select(
            ["geography_code", "as_at_date", "headcount", "fte", "fte_permanent", "fte_temporary", "fte_vacant"]
        )
        assert sorted(map(str, released)) == sorted(str(tuple(row.values())) for row in columns.to_pylist())
        assert len(released) > 40


def test_a_council_gets_its_own_rows_and_the_totals_of_its_system_and_region_and_no_other_council(home: Home) -> None:
    derby = book(home, Area("council", "E06000015", "Derby"))
    rows = derby.data["Occupational_therapists"].to_pylist()
    assert [(row["area_kind"], row["geography_name"], str(row["as_at_date"]), row["headcount"]) for row in rows] == [
        ("Council", "Derby", "2026-03-31", 12),
        ("Council", "Derby", "2024-06-30", 13),
        ("Integrated care system", "Derby and Derbyshire", "2026-03-31", 12),
        ("Integrated care system", "Derby and Derbyshire", "2024-06-30", 77),
        ("ADASS region", "East Midlands", "2026-03-31", 12),
        ("ADASS region", "East Midlands", "2024-06-30", 323),
    ]
    for name, table in derby.data.items():
        if "organisation_name" in table.column_names:
            assert set(table["organisation_name"].to_pylist()) == {"Derby"}, name


def test_a_region_holds_its_councils_by_name_then_its_systems_and_itself(home: Home) -> None:
    rows = [row for row in book(home).data["Managers"].to_pylist() if str(row["as_at_date"]) == "2024-06-30"]
    councils = [row["geography_name"] for row in rows if row["area_kind"] == "Council"]
    assert councils == sorted(councils)
    assert len(councils) == 11
    assert "North Lincolnshire" in councils
    assert [row["geography_name"] for row in rows if row["area_kind"] == "ADASS region"] == ["East Midlands"]
    assert {row["area_kind"] for row in rows} == {"Council", "Integrated care system", "ADASS region"}


# Caveats, notes, missing numbers


def test_the_caution_and_the_caveats_of_the_release_stand_on_every_sheet_that_needs_them(
    candidate: Candidate, workbooks: dict[str, Opened]
) -> None:
    described = {f"{t['schema']}.{t['name']}": t for t in manifest.read(candidate.folder)["tables"]}
    for workbook in workbooks.values():
        for table in (DATA_QUALITY, *TABLES):
            if table.sheet not in workbook.sheets:
                continue
            above = " ".join(workbook.sheets[table.sheet].lines)
            assert CAUTION in above, table.sheet
            for caveat in (text for about in table.about for text in described[about]["caveats"]):
                other_figure = re.match(r"Figure \d+", caveat) and table.figure and table.figure not in caveat
                said = all(part in above for part in between_names(caveat))
                assert said != bool(other_figure), (table.sheet, caveat)
    assert "Figure 20" in " ".join(workbooks[".ods"].sheets["Assessors"].lines)
    assert "Figure 20" not in " ".join(workbooks[".ods"].sheets["Managers"].lines)


def between_names(caveat: str) -> list[str]:
    """What of a caveat is no name of a table, a column or a value, nor a condition in SQL."""
    plain = re.sub(r" ?\(where [^)]*\)", "", " ".join(caveat.split()))
    return re.split(r"(?:[a-z]+\.)?\b[a-z0-9]+(?:_[a-z0-9]+)+\b(?:\.\w+)?|(?:marts|quality|reference)\.\w+", plain)


def test_notes_and_definitions_hold_no_names_of_columns_rules_or_values(home: Home) -> None:
    """Names of tables stay, since a reader may look them up; the sheet of queries is for those who write SQL."""
    made = {sheet.name: sheet for sheet in book(home).sheets}
    texts = [text for row in made["Notes"].rows for text in row[1:2]]
    texts += [row[2] for row in made["Definitions"].rows]
    texts += [line.text for sheet in made.values() for line in sheet.lines]
    sheet_names = set(made) | {table.sheet for table in TABLES}
    found = {
        name
        for text in texts
        for name in re.findall(r"(?<!the table )\b\w+_\w+\b", str(text))
        if name not in sheet_names and not name.startswith("invented_")
    }
    assert found == set()
    assert len(texts) > 200
    said = " ".join(map(str, texts))
    assert "see the finding “No managers are counted, yet a principal occupational therapist is taken to be" in said
    assert "see “NHS pay is”" in said


def test_columns_and_rules_stand_in_sentences_under_the_words_the_workbook_has_for_them() -> None:
    called = {"fte_ended": "FTE ended", "a_rule": "Something is wrong"}
    said = words.plain("fte_ended adds up; see the finding a_rule, part_time staff and people_0_to_17.", called)
    assert said == "“FTE ended” adds up; see the finding “Something is wrong”, part time staff and people 0 to 17."


def test_without_the_caution_no_table_leaves(candidate: Candidate, tmp_path: Path) -> None:
    tables = [{**table, "caveats": []} for table in manifest.read(candidate.folder)["tables"]]
    with pytest.raises(CautionMissing, match="caution"):
        book(in_force(candidate, tmp_path, tables=tables))


def test_every_sheet_says_where_its_numbers_come_from_and_of_which_day(workbooks: dict[str, Opened]) -> None:
    sheet = workbooks[".ods"].sheets["Occupational_therapists"]
    assert sheet.lines[0] == (
        "Table 1: Occupational therapists, West Midlands (ADASS region), as at 30 June 2024 "
        "(after Figure 18 of the Midlands report)"
    )
    assert any(line.startswith("Source: Council returns, as at 30 June 2024: Unlocking") for line in sheet.lines)
    assert any("the day of publication stands in" in line for line in sheet.lines)
    assert "Coverage as at 30 June 2024: 14 of the 14 councils of West Midlands stand behind its total." in sheet.lines
    assert any("12 of the 14 councils" in line for line in workbooks[".ods"].sheets["Managers"].lines)


def test_a_number_that_is_missing_is_a_sign_and_never_a_zero(workbooks: dict[str, Opened], region: Path) -> None:
    for workbook in workbooks.values():
        sheet = workbook.sheets["Managers"]
        # Figure 22 prints no managers for Worcestershire.
        worcestershire = row_of(sheet, "Worcestershire", "2024-06-30")
        assert [worcestershire[heading].value for heading in ("Headcount", "FTE", "Vacant FTE")] == ["[x]"] * 3
        assert any(line.startswith("Shorthand: ") and "[x] not supplied" in line for line in sheet.lines)
    (row,) = [row for row in read_csv(region, "Managers") if row["geography_name"] == "Worcestershire"]
    assert (row["headcount"], row["headcount_status"]) == ("", "not_supplied")


def test_every_reference_leads_to_a_note_and_every_note_is_referred_to(workbooks: dict[str, Opened]) -> None:
    for workbook in workbooks.values():
        notes = workbook.sheets["Notes"]
        known = [cell.value for cell in notes.column("Note")]
        assert known == [f"[note {number}]" for number in range(1, len(known) + 1)]
        used: dict[str, set[str]] = {}
        for name, sheet in workbook.sheets.items():
            if name in FRONT[:4]:
                continue
            for row in sheet.rows:
                for cell in row:
                    for reference in re.findall(r"\[note \d+\]", cell.value if "References" not in cell.value else ""):
                        used.setdefault(reference, set()).add(name)
        listed = {
            note.value: set(of.value.split(", "))
            for note, of in zip(notes.column("Note"), notes.column("Sheets"), strict=True)
        }
        assert used == listed


def test_a_number_read_with_doubt_says_so_in_a_note(workbooks: dict[str, Opened]) -> None:
    notes = workbooks[".ods"].sheets["Notes"]
    texts = dict(zip([c.value for c in notes.column("Note")], [c.value for c in notes.column("Text")], strict=True))
    coventry = row_of(workbooks[".ods"].sheets["Managers"], "Coventry", "2024-06-30")
    said = [texts[reference] for reference in re.findall(r"\[note \d+\]", coventry["Notes"].value)]
    assert any(text.startswith("Headcount [u]: The number could not be read") for text in said)


def test_every_column_and_every_sign_is_explained(candidate: Candidate, workbooks: dict[str, Opened]) -> None:
    for workbook in workbooks.values():
        definitions = workbook.sheets["Definitions"]
        assert all(len(cell.value) > 10 for cell in definitions.column("Meaning"))
        explained = {cell.value for cell in definitions.column("Heading")}
        for table in (DATA_QUALITY, *TABLES):
            if table.sheet in workbook.sheets:
                assert set(workbook.sheets[table.sheet].headings) <= explained, table.sheet
        cover = " ".join(workbook.sheets["Cover"].lines)
        signs = query(candidate, "select distinct symbol from reference.value_statuses where symbol is not null")
        assert {sign for (sign,) in signs} <= set(words.SHORTHAND)
        assert all(f"{sign} {said}" in cover for sign, said in words.SHORTHAND.items())


def test_invented_numbers_say_so_on_their_sheets_and_on_the_cover(candidate: Candidate, tmp_path: Path) -> None:
    made = book(in_force(candidate, tmp_path, invented_sources=["council_returns"]))
    by_name = {sheet.name: [line.text for line in sheet.lines] for sheet in made.sheets}
    invented = []
    for name, rows in made.data.items():
        says_so = any(line.startswith("Invented numbers, of nobody real") for line in by_name[name])
        assert says_so == ("source" in rows.column_names and "council_returns" in rows["source"].to_pylist()), name
        invented += [name] * says_so
    # The population and what reports print are the only tables that do not come from the councils.
    assert set(made.data) - set(invented) == {"Population", "Published_figures"}
    (said,) = [line for line in by_name["Cover"] if "Invented numbers, of nobody real" in line]
    assert said.endswith(f"Do not quote them. On the sheets {', '.join(invented)}.")
    plain = book(in_force(candidate, tmp_path / "plain"))
    assert not any("Invented" in line.text for sheet in plain.sheets for line in sheet.lines)


# What is left out, and whom to ask


def test_a_workbook_of_an_area_holds_what_reports_print_of_it_and_of_its_parts(home: Home) -> None:
    # The executive summary of the Midlands report prints 49 managers in the East Midlands; Figure 24 is of Nottingham.
    rows = book(home).data["Published_figures"].to_pylist()
    assert {row["geography_name"] for row in rows} == {
        "Derbyshire",
        "East Midlands",
        "Nottingham",
        "Nottingham and Nottinghamshire",
        "Nottinghamshire",
    }
    assert [
        row["value_low"]
        for row in rows
        if row["section"] == "Executive summary" and row["subject_name"] == "Managers, headcount"
    ] == [49]
    south_east = book(home, Area("adass_region", "ADASS-SE", "South East"))
    assert "South East" in south_east.data["Published_figures"]["geography_name"].to_pylist()
    assert "England" in book(home, ALL_AREAS).data["Published_figures"]["geography_name"].to_pylist()


def test_the_cover_says_why_a_table_is_left_out(candidate: Candidate, home: Home, tmp_path: Path) -> None:
    def cover(of: Home, area: Area = EAST_MIDLANDS) -> list[str]:
        return [line.text for line in book(of, area).sheets[0].lines]

    maturity = "How mature organisations judge their integration to be"
    nothing_at_all = "The release holds nothing on these: "
    (said,) = [line for line in cover(home) if maturity in line]
    assert said.startswith(nothing_at_all)
    assert "Numbers that reports print" not in " ".join(cover(home))
    tables = [
        {**table, "rows": 3} if table["name"] in ("fct_maturity", "edi_shares") else table
        for table in manifest.read(candidate.folder)["tables"]
    ]
    with_more = in_force(candidate, tmp_path, tables=tables)
    assert f"Only in the workbook of everything (./ahp export --all): {maturity}." in cover(with_more)
    (said,) = [line for line in cover(with_more) if "Shares of answers" in line]
    assert said.startswith("The release has no rows of this area on these: ")


def test_the_cover_names_whom_to_ask_or_says_that_nobody_is_named(
    candidate: Candidate, home: Home, tmp_path: Path
) -> None:
    def after_the_heading(of: Home) -> str:
        lines = [line.text for line in book(of).sheets[0].lines]
        return lines[lines.index("Whom to ask") + 1]

    named = in_force(candidate, tmp_path, contact="Midlands AHP faculty, faculty@example.nhs.uk")
    assert after_the_heading(named) == "Midlands AHP faculty, faculty@example.nhs.uk"
    assert after_the_heading(home) == "No contact has been set; ask whoever sent you this file."


def test_every_table_is_of_numbered_sheets_or_of_data_quality_and_the_cover_counts_them(home: Home) -> None:
    made = book(home)
    numbered = [sheet.title.split(":")[0] for sheet in made.sheets if sheet.title.startswith("Table ")]
    assert numbered == [f"Table {number}" for number in range(1, len(numbered) + 1)]
    assert list(made.data)[1:] == [s.name for s in made.sheets if s.title.startswith("Table ")]
    said = f"{len(numbered)} numbered tables, one to a sheet, and the sheet Data_quality on what was found in the data."
    assert said in [line.text for line in made.sheets[0].lines]


def test_a_title_names_two_days_and_of_more_the_first_and_the_last(home: Home, candidate: Candidate) -> None:
    titles = {sheet.name: sheet.title for sheet in book(home).sheets}
    assert titles["Managers"].endswith("as at 30 June 2024 and 31 March 2026 (after Figure 22 of the Midlands report)")
    rows = Rows(
        TABLES[0], pyarrow.table({"as_at_date": [date(2024, 6, 30), date(2025, 3, 31), date(2026, 3, 31)]}), ASKED
    )
    maker = sheets._Maker(manifest.read(candidate.folder), EAST_MIDLANDS, {}, [], {})
    assert "as at 3 separate dates, the first 30 June 2024 and the last 31 March 2026" in maker._title(1, rows)


def test_sources_are_named_alike_everywhere() -> None:
    """The query on data quality has their names in SQL, so that every file and the query itself give the same."""
    sql = (Path(exporting.__file__).parent / "queries" / "data_quality.sql").read_text(encoding="utf-8")
    assert dict(re.findall(r"when '(\w+)' then '([^']+)'", sql)) == SOURCES


def test_every_measure_stands_on_one_sheet_and_says_what_each_value_is_of(candidate: Candidate, home: Home) -> None:
    made = book(home, ALL_AREAS).data
    sheets_of_measures = ("Regional_measures", "Pay_measures", "Role_measures")
    rows = {name: made[name].to_pylist() for name in sheets_of_measures}
    assert [(sum(map(len, rows.values())),)] == query(
        candidate, "select count(*) from marts.regional_measures where measure <> 'coverage'"
    )
    assert {str(row["field"]).partition(": ")[0] for row in rows["Role_measures"]} == {"None", "evidence"}
    of_pay = {row["field"] for row in rows["Pay_measures"]}
    assert {"pay year 2023/24", "Entry occupational therapist"} <= of_pay
    assert all(row["measure_name"].startswith(("Councils paying", "Spread")) for row in rows["Pay_measures"])
    assert {str(row["field"]).partition(" as at ")[0] for row in rows["Regional_measures"]} == {"None", "population"}


# Harmless to open


@pytest.fixture
def hostile(candidate: Candidate, tmp_path: Path) -> Home:
    home = in_force(candidate, tmp_path)
    copy = Candidate(candidate.release_id, home.releases / candidate.release_id, candidate.tables)
    texts = ", ".join(f"({place}, '{text}')" for place, text in enumerate(FORMULAS, start=1))
    tamper(
        copy,
        "create temp table hostile (place integer, words varchar); "
        f"insert into hostile values {texts}; "
        "update marts.fct_pay_scale set cell_text = hostile.words, scale_as_written = hostile.words from hostile "
        "where organisation_name = 'Leicester' and source_cell = chr(70 + hostile.place::integer) || '6'; "
        "update quality.findings set message = (select words from hostile where place = 1), "
        "suggestion = 'a' || chr(8238) || 'b' || chr(27) || 'c' where organisation_name = 'Leicester'",
    )
    return home


def test_text_that_looks_like_a_formula_is_text_in_every_format(hostile: Home, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(hostile, "council", "Leicester", exporting.FORMATS, folder)
    dangerous = read_csv(folder, "Pay_scales")
    met = 0
    for row in dangerous:
        for value in row.values():
            assert not runs_as_formula(value), value
            met += value.startswith("'") and runs_as_formula(value[1:])
    assert met >= 6
    for path in folder.iterdir():
        if path.is_file():
            workbook = opened(path.name, path.read_bytes())
            assert faults(workbook) == []
            values = [cell.value for cell in workbook.sheets["Pay_scales"].column("Pay as written")]
            assert FORMULAS[0] in values
            assert "+1+1" in values
            assert workbook.sheets["Findings"].column("What was found")[0] == Cell("text", FORMULAS[0])
            # Signs that turn text around or steer a terminal are written out.
            assert workbook.sheets["Findings"].column("What to do")[0].value == "a\\u202eb\\x1bc"
    (marked,) = folder.glob("*.xlsx")
    with zipfile.ZipFile(marked) as archive:
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


# The same bytes, and nothing overwritten


def test_the_same_release_gives_the_same_bytes(home: Home) -> None:
    first, second = (book(home, Area("council", "E06000015", "Derby")) for _ in range(2))
    for write in (*WRITERS.values(), as_csv, as_parquet):
        assert write(first) == write(second)


def test_files_are_dated_to_the_making_of_the_release_and_named_after_it(region: Path) -> None:
    name = "ahp-region-west-midlands-2026-04-02T020000Z-aaaaaa"
    assert {path.name for path in region.iterdir()} == {
        f"{name}.ods",
        f"{name}.xlsx",
        f"{name}-csv",
        f"{name}-parquet",
    }
    for path in (region / f"{name}.ods", region / f"{name}.xlsx"):
        assert {part.date_time for part in opened(path.name, path.read_bytes()).parts} == {(2026, 4, 2, 2, 0, 0)}
    with zipfile.ZipFile(region / f"{name}.ods") as archive:
        # What tells a file apart comes first and as it is.
        assert (archive.infolist()[0].filename, archive.infolist()[0].compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_a_file_that_somebody_worked_in_is_not_written_over(home: Home, tmp_path: Path) -> None:
    (folder,) = export(home, "council", "Derby", ["csv"], tmp_path).places
    path = folder / "managers.csv"
    as_made, stamp = path.read_bytes(), path.stat().st_mtime_ns
    export(home, "council", "Derby", ["csv"], tmp_path)
    assert path.stat().st_mtime_ns == stamp
    path.write_bytes(b"worked in")
    with pytest.raises(exporting.InTheWay, match="somebody may have worked in it"):
        export(home, "council", "Derby", ["parquet", "csv"], tmp_path)
    assert list(tmp_path.iterdir()) == [folder]
    assert path.read_bytes() == b"worked in"
    export(home, "council", "Derby", ["csv"], tmp_path, replace=True)
    assert path.read_bytes() == as_made


# The verb


@pytest.fixture
def ahp(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    monkeypatch.setenv("AHP_HOME", str(home.root))

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(cli.app, ["export", *arguments, "-o", str(tmp_path / "out")])

    return run


def test_the_verb_writes_an_ods_by_itself_and_says_where(ahp: Callable[..., Any], tmp_path: Path) -> None:
    result = ahp("--ics", "derby and derbyshire")
    assert result.exit_code == 0
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "ahp-ics-derby-and-derbyshire-2026-04-02T020000Z-aaaaaa.ods"
    assert result.stdout.strip() == str(path)
    assert "of Derby and Derbyshire (integrated care system)" in result.stderr


def test_everything_is_one_workbook_and_says_so(ahp: Callable[..., Any], home: Home, tmp_path: Path) -> None:
    result = ahp("--all", "--format", "csv")
    assert result.exit_code == 0
    assert "One workbook for everything" in result.stderr
    (folder,) = (tmp_path / "out").iterdir()
    assert folder.name == "ahp-everything-2026-04-02T020000Z-aaaaaa-csv"
    assert "\nOne workbook for everything: " in (folder / "cover.txt").read_text(encoding="utf-8")
    kinds = {row["area_kind"] for row in read_csv(tmp_path / "out", "Occupational_therapists")}
    assert kinds == {"Council", "Integrated care system", "ADASS region", "ONS region"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--region", "East Midland"), "No ADASS region is called 'East Midland'. Nearest: East Midlands"),
        (("--ics", "Derbyshire"), "Nearest: Derby and Derbyshire."),
        (("--council", "Derbie"), "Nearest: Derbyshire, Derby."),
        (("--region", "London"), "holds nothing of London (ADASS region). Regions with numbers: East Midlands,"),
        ((), "exactly one of --region NAME, --ics NAME, --council NAME or --all"),
        (("--all", "--council", "Derby"), "exactly one of"),
        (("--council", "Derby", "--format", "ods,doc"), "There is no format doc. Choose from ods, xlsx, csv, parquet"),
        (("--council", "Derby", "--format", ","), "No format is named."),
    ],
)
def test_what_cannot_be_exported_is_named_and_nothing_is_written(
    ahp: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = ahp(*arguments)
    assert result.exit_code == 2
    assert said in str(result.exception) + result.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match="could not be made"):
        export(home, "council", "Derby", ["csv"], tmp_path / "file" / "out")


def test_a_release_of_another_version_is_said_to_be_one(candidate: Candidate, tmp_path: Path) -> None:
    home = in_force(candidate, tmp_path)
    folder = home.releases / candidate.release_id
    tamper(Candidate(candidate.release_id, folder, candidate.tables), "drop table marts.fct_leadership")
    with pytest.raises(QueryError, match="made by another version"):
        book(home)


def test_a_council_is_found_by_any_spelling_the_warehouse_knows(ahp: Callable[..., Any], tmp_path: Path) -> None:
    assert ahp("--council", "Derby City Council", "--format", "csv").exit_code == 0
    assert next((tmp_path / "out").iterdir()).name.startswith("ahp-council-derby-2026")


def test_formats_may_be_named_in_any_case_with_spaces_and_more_than_once() -> None:
    assert read_formats(" ODS, .csv,ods") == ("ods", "csv")


def test_an_export_loads_neither_dbt_nor_dagster(home: Home, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from dagster_project.home import Home; "
        "from dagster_project.export.exporting import export; "
        f"export(Home(Path({str(home.root)!r})), 'council', 'Derby', ['csv', 'ods'], Path({str(tmp_path)!r})); "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'dagster', 'dbt', 'great_expectations'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


# What a spreadsheet program makes of them


@pytest.mark.slow
def test_libreoffice_reads_the_same_numbers_from_both_workbooks(region: Path, tmp_path: Path) -> None:
    program = libreoffice()
    for path in (path for path in region.iterdir() if path.is_file()):
        into = tmp_path / path.suffix[1:]
        subprocess.run(
            [
                program,
                f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
                "--headless",
                "--convert-to",
                # Commas, quotes, UTF-8, from the first line, as kept and not as shown, each sheet in its own file.
                "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1",
                "--outdir",
                str(into),
                str(path),
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
        workbook = opened(path.name, path.read_bytes())
        compared = 0
        for name, sheet in workbook.sheets.items():
            saved = list(rows_of(into / f"{path.stem}-{name}.csv"))
            assert len(saved) == len(sheet.rows), name
            for cells, row in zip(sheet.rows, saved, strict=True):
                for cell, text in zip(cells, row, strict=False):
                    if cell.kind == "number":
                        assert float(text) == pytest.approx(float(cell.value), rel=1e-14), (name, cell, text)
                        compared += 1
                    elif cell.kind == "text" and "\n" not in cell.value:
                        assert text == cell.value, name
        assert compared > 3000


def rows_of(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def test_a_table_is_added_by_a_query_and_an_entry() -> None:
    """What the entries name is there, and every query has an entry."""
    folder = Path(exporting.__file__).parent / "queries"
    assert {table.query for table in (DATA_QUALITY, *TABLES)} | {"chosen"} == {file.stem for file in folder.iterdir()}
    assert len({table.sheet for table in TABLES}) == len(TABLES)
    assert all(dataclasses.asdict(table)["about"] for table in TABLES)
