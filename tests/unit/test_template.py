"""The return workbook a council fills in: its sheets, what its cells accept and say, and what stands in it already."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from dagster_project.returns.template import CouncilNotKnown, fill, write_template
from dagster_project.returns.template_cells import put
from dagster_project.returns.template_style import LONGEST_LINE
from dagster_project.returns.template_validation import (
    LONGEST_ERROR,
    LONGEST_PROMPT,
    LONGEST_TITLE,
    NUMBER_KINDS,
    NUMBER_WORDS,
)
from dagster_project.returns.template_words import words
from dagster_project.sources.councils import councils_on
from dagster_project.sources.opening import open_bytes
from dagster_project.sources.return_layout import (
    SEEDS,
    Part,
    Question,
    ReturnColumn,
    edi_categories,
    normalise_answer,
    offered,
    return_layout,
)
from dagster_project.sources.return_reading import read_return

COUNCIL, AS_AT, EARLIER_AS_AT = "Derbyshire", date(2026, 3, 31), date(2025, 3, 31)
EARLIER = {
    "Cover": [
        {
            "council": "Derbyshire County Council",
            "as_at_date": "2025-03-31",
            "return_owner_role": "Workforce Manager",
            "service_age_scope": "All ages",
            "academic_year": "2024/25",
        }
    ],
    "Workforce": [
        {
            "job_title": "Occupational Therapist",
            "return_group": "Occupational therapists",
            "grade": "6-7",
            "pay_minimum": "35001.50",
            "pay_supplement": "none",
            "headcount": "12",
            "fte": "10.4",
            "fte_vacant": "cannot quantify",
            "funding_end_date": "2027-03-31",
            "note": "=1+1",
        },
        {"job_title": "Team Manager", "return_group": "Managers", "headcount": "", "fte": "?"},
    ],
    "Students and apprentices": [
        {"learner_type": "Degree apprentices", "learner_count": "3", "qualifying_year": "2028"}
    ],
    "Leadership": [{"principal_ot_in_post": "Yes", "principal_ot_grade": "PO7"}],
    "Equality": [{"characteristic": "Race", "category": "White", "people": "40", "note": "from payroll"}],
}
LAYOUT = return_layout()
PARTS = {part.part: part for part in LAYOUT.parts}


@cache
def empty() -> bytes:
    return write_template(COUNCIL, AS_AT)


@cache
def prefilled() -> bytes:
    return write_template(COUNCIL, AS_AT, EARLIER, EARLIER_AS_AT)


def opened(workbook: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook))


def heading_row(sheet: Worksheet, part: Part) -> int:
    return next(row for row in range(1, 30) if sheet.cell(row, 1).value == part.columns[0].heading)


def open_cells(sheet: Worksheet) -> list[Cell]:
    return [cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked]


def cell_of(sheet: Worksheet, part: Part, field: str, row: int = 1) -> Cell:
    position = [column.field for column in part.columns].index(field) + 1
    return sheet.cell(heading_row(sheet, part) + row, position)


def answer_to(workbook: Workbook, part: Part, field: str) -> Cell:
    sheet = workbook[part.part]
    asked = next(question.question for question in part.questions if question.field == field)
    row = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == asked)
    return sheet.cell(row, 2)


def validations(sheet: Worksheet) -> dict[str, DataValidation]:
    return {
        sheet.cell(row, column).coordinate: validation
        for validation in sheet.data_validations.dataValidation
        for block in validation.sqref.ranges
        for row, column in (cell for cells in block.rows for cell in cells)
    }


def asked_in_every_cell(workbook: Workbook) -> Iterator[tuple[Cell, ReturnColumn | Question, DataValidation]]:
    for part in LAYOUT.parts:
        sheet = workbook[part.part]
        rules = validations(sheet)
        for cell in open_cells(sheet):
            asked: ReturnColumn | Question = part.columns[cell.column - 1]
            if part.shape == "answers" and asked.field == "answer":
                asked = part.question_of_wording[normalise_answer(str(sheet.cell(cell.row, 1).value))]
            yield cell, asked, rules[cell.coordinate]


def listed(workbook: Workbook, validation: DataValidation) -> list[str]:
    name, _, cells = str(validation.formula1).partition("!")
    return [str(cell.value) for (cell,) in workbook[name][cells.replace("$", "")]]


def contrast(first: str, second: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[-6:][start : start + 2], 16) / 255 for start in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_sheets_stand_in_order_and_the_lists_are_hidden() -> None:
    workbook = opened(empty())
    names = [part.part for part in LAYOUT.parts]
    assert workbook.sheetnames == ["Read me", *names, "Example", "Lists"]
    assert workbook["Lists"].sheet_state == "hidden"
    assert workbook.active is workbook["Read me"]
    assert {"Read me", "Example", "Lists"} == set(LAYOUT.sheets_not_read)


@pytest.mark.parametrize("part", LAYOUT.parts, ids=lambda part: part.part)
def test_the_headings_of_a_sheet_are_those_of_the_layout(part: Part) -> None:
    sheet = opened(empty())[part.part]
    row = heading_row(sheet, part)
    assert [cell.value for cell in sheet[row]] == [column.heading for column in part.columns]
    assert sheet["A1"].value == part.part
    introduction = " ".join(str(sheet.cell(above, 1).value) for above in range(2, row))
    assert introduction == f"{part.introduction} {words().where_help_is}"


def test_questions_and_counted_rows_are_printed_in_the_order_of_the_layout() -> None:
    workbook = opened(empty())
    for part in LAYOUT.parts:
        sheet = workbook[part.part]
        below = range(heading_row(sheet, part) + 1, sheet.max_row + 1)
        if part.shape == "answers":
            assert [sheet.cell(row, 1).value for row in below] == [question.question for question in part.questions]
        if part.shape == "counts":
            printed = [(sheet.cell(row, 1).value, sheet.cell(row, 2).value) for row in below]
            labels = dict(zip(edi_categories(), offered("edi_characteristic"), strict=True))
            assert printed == [(labels[code], label) for code, each in edi_categories().items() for label in each]


@pytest.mark.parametrize(
    ("name", "rows"), [("Workforce", 60), ("Students and apprentices", 20), ("Accepted warnings", 20)]
)
def test_rows_stand_ready_to_be_filled(name: str, rows: int) -> None:
    assert len({cell.row for cell in open_cells(opened(empty())[name])}) == rows


@pytest.mark.parametrize("workbook", [empty, prefilled])
def test_there_are_no_merged_cells_formulas_links_or_macros(workbook: Callable[[], bytes]) -> None:
    content = workbook()
    for sheet in opened(content).worksheets:
        assert not sheet.merged_cells.ranges
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type in ("f", "e")]
        # Nothing is named but the heading that is printed on every page.
        assert set(sheet.defined_names) == set()
    assert not opened(content).defined_names
    members = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert not [name for name in members if "external" in name.lower() or "vba" in name.lower()]


def test_every_sheet_with_a_table_has_exactly_one_marked_for_screen_readers() -> None:
    workbook = opened(empty())
    for name in workbook.sheetnames[:-1]:
        sheet = workbook[name]
        (table,) = sheet.tables.values()
        first, _ = table.ref.split(":")
        assert sheet[first].value == table.tableColumns[0].name
        assert table.autoFilter is None
    part = PARTS["Workforce"]
    sheet = workbook["Workforce"]
    assert sheet.tables["Workforce"].ref == f"A{heading_row(sheet, part)}:W{heading_row(sheet, part) + 60}"


def test_every_cell_to_fill_in_says_what_to_put() -> None:
    helps = {column.field: column.help for part in LAYOUT.parts for column in part.columns if column.help}
    met = 0
    for cell, asked, rule in asked_in_every_cell(opened(empty())):
        assert rule.showInputMessage, cell.coordinate
        assert rule.prompt.startswith(asked.help or helps[asked.field])
        assert 0 < len(rule.promptTitle) <= LONGEST_TITLE
        assert 20 <= len(rule.prompt) <= LONGEST_PROMPT
        assert len(rule.error or "") <= LONGEST_ERROR
        assert len(rule.errorTitle or "") <= LONGEST_TITLE
        met += 1
    assert met > 1700


def test_every_choice_has_a_drop_down_of_the_answers_offered() -> None:
    workbook = opened(empty())
    met: set[str] = set()
    for cell, asked, rule in asked_in_every_cell(workbook):
        if asked.choices:
            assert (rule.type, rule.showDropDown) == ("list", False), cell.coordinate
            assert tuple(listed(workbook, rule)) == offered(asked.choices)
            assert rule.errorStyle == ("stop" if asked.is_required else "warning")
            met.add(asked.choices)
    assert met == {asked.choices for part in LAYOUT.parts for asked in (*part.questions, *part.columns)} - {
        "",
        "edi_characteristic",
    }


def test_the_council_is_chosen_from_all_councils_there_are() -> None:
    workbook = opened(empty())
    cell = answer_to(workbook, PARTS["Cover"], "council")
    rule = validations(workbook["Cover"])[cell.coordinate]
    assert (rule.type, rule.errorStyle, cell.value) == ("list", "stop", COUNCIL)
    assert listed(workbook, rule) == [council.organisation_name for council in councils_on(AS_AT)]
    assert len(listed(workbook, rule)) == 153


def test_numbers_days_and_years_are_checked_in_every_prepared_row() -> None:
    kinds: dict[str, set[tuple[str, str]]] = {}
    for cell, asked, rule in asked_in_every_cell(opened(empty())):
        kinds.setdefault(asked.kind, set()).add((str(rule.type), str(rule.errorStyle)))
        assert rule.showErrorMessage == (asked.kind != "text")
        if asked.kind in NUMBER_KINDS:
            # Relative to the first cell of its range, so that every row checks itself.
            first = str(rule.sqref).partition(":")[0]
            assert f"ISNUMBER({first})" in rule.formula1
            assert (f"INT({first})" in rule.formula1) == (asked.kind == "count")
            assert all(f'TRIM({first})="{word}"' in rule.formula1 for word in NUMBER_WORDS)
            assert cell.coordinate in rule.sqref
        if asked.kind == "year":
            assert (rule.formula1, rule.formula2) == ("2000", "2100")
    assert kinds["count"] == kinds["fte"] == kinds["money"] == {("custom", "stop")}
    assert kinds["date"] == {("date", "stop"), ("date", "warning")}
    assert kinds["year"] == {("whole", "warning")}
    assert kinds["text"] == {("None", "None")}


def test_the_words_a_number_cell_takes_are_known_to_the_warehouse() -> None:
    with (SEEDS / "value_words.csv").open(encoding="utf-8", newline="") as file:
        known = {row["text_normalised"]: row["value_kind"] for row in csv.DictReader(file)}
    assert len({known[word] for word in NUMBER_WORDS}) == len(NUMBER_WORDS)


def test_only_cells_to_fill_in_are_open_and_no_sheet_has_a_password() -> None:
    workbook = opened(empty())
    for sheet in workbook.worksheets:
        protection = sheet.protection
        assert protection.sheet
        assert not protection.password
        assert not protection.hashValue
        # An attribute that is set forbids; these are allowed.
        assert {protection.formatColumns, protection.formatRows, protection.selectLockedCells} == {False}
        part = PARTS.get(sheet.title)
        if part is None:
            assert not open_cells(sheet)
            continue
        first = heading_row(sheet, part) + 1
        printed = {"answers": 1, "counts": 2, "rows": 0}[part.shape]
        assert {(cell.row, cell.column) for cell in open_cells(sheet)} == {
            (row, column)
            for row in range(first, sheet.max_row + 1)
            for column in range(printed + 1, len(part.columns) + 1)
        }
    assert not workbook.security.lockStructure


def test_the_properties_say_what_the_workbook_is() -> None:
    properties = opened(empty()).properties
    assert properties.title == "Allied health professional workforce return: Derbyshire, 31 March 2026"
    assert properties.language == "en-GB"
    assert "31 March 2026" in str(properties.subject)
    assert properties.created == properties.modified == datetime(2026, 3, 31)


def test_every_sheet_opens_at_its_top_with_the_heading_in_sight_and_prints_as_wide_as_the_paper() -> None:
    workbook = opened(empty())
    for sheet in workbook.worksheets[:-1]:
        assert {selection.activeCell for selection in sheet.sheet_view.selection} == {"A1"}
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        part = PARTS.get(sheet.title)
        if part:
            row = heading_row(sheet, part)
            assert str(sheet.freeze_panes)[1:] == str(row + 1)
            assert sheet.print_title_rows == f"${row}:${row}"


def test_text_is_large_and_dark_enough_to_read() -> None:
    workbook = opened(prefilled())
    met = 0
    for sheet in workbook.worksheets[:-1]:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            ink = cell.font.color.rgb if cell.font.color and cell.font.color.type == "rgb" else "000000"
            paper = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else "FFFFFF"
            assert cell.font.sz >= 11
            assert contrast(ink, paper) >= 7, cell.coordinate
            met += 1
    assert met > 600


def test_the_guidance_defines_every_column_and_question() -> None:
    sheet = opened(empty())["Read me"]
    rows = [tuple(str(cell.value or "") for cell in row) for row in sheet.iter_rows(max_col=3)]
    defined = {(name, label): text for name, label, text in rows if text}
    for part in LAYOUT.parts:
        for asked in part.questions:
            assert asked.help in defined[part.part, asked.question]
        for column in part.columns:
            if part.shape == "rows" or column.kind == "count":
                assert column.help in defined[part.part, column.heading]
    assert defined["Cover", "Ages served"].endswith("One of: Adults; Children; All ages. Always needed.")
    text = " ".join(row[0] for row in rows)
    for promised in ("ahp check", "Never write anybody's name", "cannot quantify", "NHS-employed", "Unprotect Sheet"):
        assert promised in text


def test_every_line_of_the_guidance_fits_on_a_screen() -> None:
    lines = [line for topic in words().guidance for line in topic.lines]
    assert len(lines) > 30
    assert max(map(len, lines)) <= LONGEST_LINE


def test_the_example_follows_the_rules_it_shows() -> None:
    example = words().example
    part = PARTS[example.part]
    assert "does not exist" in example.title
    for row in example.rows:
        number = {field: Decimal(text) for field, text in row.items() if text.replace(".", "", 1).isdigit()}
        for field, text in row.items():
            column = part.column(field)
            assert not column.choices or text in offered(column.choices)
            assert column.kind not in NUMBER_KINDS or field in number or text in NUMBER_WORDS
        if {"fte", "fte_permanent", "fte_temporary"} <= number.keys():
            assert number["fte"] == number["fte_permanent"] + number["fte_temporary"]
        if {"fte", "headcount"} <= number.keys():
            assert number["fte"] <= number["headcount"]
        for whole, some in (
            ("fte", "fte_agency"),
            ("headcount", "headcount_seconded"),
            ("headcount", "headcount_top_of_band"),
        ):
            assert number.get(some, 0) <= number.get(whole, 0) or whole not in number
        assert number.get("pay_minimum", 0) <= number.get("pay_maximum", 0)
        assert all(row[column.field] for column in part.columns if column.is_required)


def test_the_same_arguments_give_the_same_bytes_whatever_the_time() -> None:
    assert write_template(COUNCIL, AS_AT, EARLIER, EARLIER_AS_AT) == prefilled()
    members = zipfile.ZipFile(io.BytesIO(prefilled())).infolist()
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}


def test_a_council_may_be_named_as_people_name_it() -> None:
    workbook = opened(write_template("derbyshire county council", AS_AT))
    assert answer_to(workbook, PARTS["Cover"], "council").value == "Derbyshire"


def test_a_council_nobody_knows_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(
        CouncilNotKnown, match=r"No council was called 'Darbyshire' on 31 March 2026. Did you mean .*Derby"
    ):
        write_template("Darbyshire", AS_AT)


def test_a_name_like_no_council_is_refused_with_what_to_do() -> None:
    with pytest.raises(CouncilNotKnown, match="Give its name as in the list of councils"):
        write_template("Xyzzy", AS_AT)


def test_an_earlier_return_without_a_day_is_called_the_one_before() -> None:
    sheet = opened(write_template(COUNCIL, AS_AT, EARLIER))["Equality"]
    assert any("of the return sent before this one" in str(row[0].value) for row in sheet.iter_rows(max_row=8))


def test_what_was_sent_earlier_stands_in_the_workbook_as_it_was() -> None:
    workbook = opened(prefilled())
    sheet, part = workbook["Workforce"], PARTS["Workforce"]
    values = {field: cell_of(sheet, part, field).value for field in EARLIER["Workforce"][0]}
    assert values == {
        "job_title": "Occupational Therapist",
        "return_group": "Occupational therapists",
        "grade": "6-7",
        "pay_minimum": 35001.5,
        "pay_supplement": "none",
        "headcount": 12,
        "fte": 10.4,
        "fte_vacant": "cannot quantify",
        "funding_end_date": datetime(2027, 3, 31),
        "note": "=1+1",
    }
    assert cell_of(sheet, part, "fte", row=2).value == "?"
    assert cell_of(sheet, part, "headcount", row=2).value is None
    assert answer_to(workbook, PARTS["Cover"], "service_age_scope").value == "All ages"
    assert answer_to(workbook, PARTS["Leadership"], "principal_ot_grade").value == "PO7"
    learners = workbook["Students and apprentices"], PARTS["Students and apprentices"]
    assert cell_of(*learners, "qualifying_year").value == 2028


def test_counts_sent_earlier_stand_beside_their_answer() -> None:
    sheet = opened(prefilled())["Equality"]
    filled = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=8) if row[2].value or row[3].value]
    assert filled == [("Race", "White", 40, "from payroll")]


def test_a_line_divides_the_groups_of_counts_whatever_was_sent_earlier() -> None:
    earlier = {"Equality": [{"characteristic": "Disability", "category": "Disabled", "people": "4"}]}
    sheet = opened(write_template(COUNCIL, AS_AT, earlier, EARLIER_AS_AT))["Equality"]
    rows = list(sheet.iter_rows(min_row=heading_row(sheet, PARTS["Equality"]) + 1))
    begins = [row for above, row in itertools.pairwise(rows) if above[0].value != row[0].value]
    assert len(begins) == len(edi_categories()) - 1
    assert {cell.border.top.style for row in begins for cell in row} == {"medium"}


def test_numbers_and_days_sent_earlier_are_marked_and_the_sheet_says_so() -> None:
    workbook = opened(prefilled())
    marked = {
        (sheet.title, cell.value)
        for sheet in workbook.worksheets
        for cell in open_cells(sheet)
        if cell.font.i and cell.fill.fill_type == "solid"
    }
    assert marked == {
        ("Workforce", 35001.5),
        ("Workforce", "none"),
        ("Workforce", 12),
        ("Workforce", 10.4),
        ("Workforce", "cannot quantify"),
        ("Workforce", datetime(2027, 3, 31)),
        ("Workforce", "?"),
        ("Students and apprentices", 3),
        ("Students and apprentices", 2028),
        ("Equality", 40),
    }
    for part in LAYOUT.parts:
        sheet = workbook[part.part]
        above = " ".join(str(sheet.cell(row, 1).value) for row in range(1, heading_row(sheet, part)))
        says_so = "in italics are those of the return as at 31 March 2025 and must be checked one by one" in above
        assert says_so == any(name == part.part for name, _ in marked)


def test_council_and_day_are_always_the_new_ones() -> None:
    workbook = opened(prefilled())
    day = answer_to(workbook, PARTS["Cover"], "as_at_date")
    assert (day.value, day.font.i, day.number_format) == (datetime(2026, 3, 31), False, "dd/mm/yyyy")
    assert answer_to(workbook, PARTS["Cover"], "council").value == "Derbyshire"


def test_what_is_not_asked_any_more_is_left_out() -> None:
    earlier = {
        "Workforce": [{"source_row": "9"}, {"job_title": "Assessor", "shoe_size": "9"}],
        "Equality": [{"characteristic": "Age", "category": "Older than time", "people": "1"}],
        "Cover": [{"favourite_colour": "Blue"}],
    }
    workbook = opened(write_template(COUNCIL, AS_AT, earlier, EARLIER_AS_AT))
    part = PARTS["Workforce"]
    assert cell_of(workbook["Workforce"], part, "job_title").value == "Assessor"
    assert [cell.value for cell in open_cells(workbook["Workforce"]) if cell.value] == ["Assessor"]
    assert not [cell for cell in open_cells(workbook["Equality"]) if cell.value]


def test_a_long_earlier_return_leaves_room_for_more_rows() -> None:
    earlier = {"Workforce": [{"job_title": f"Therapist {number}"} for number in range(75)]}
    sheet = opened(write_template(COUNCIL, AS_AT, earlier))["Workforce"]
    rows = {cell.row for cell in open_cells(sheet)}
    assert len(rows) == 95
    assert validations(sheet).keys() == {cell.coordinate for cell in open_cells(sheet)}


@pytest.mark.parametrize("is_earlier", [True, False])
def test_text_like_a_formula_stays_text(is_earlier: bool) -> None:
    texts = ["=1+1", "+44 1629", "-x", "@SUM(A1)", '=HYPERLINK("x")', "#N/A", "#REF!"]
    fields = ["job_title", "headcount", "funding_end_date", "return_group"]
    values = {"Workforce": [dict.fromkeys(fields, text) for text in texts]}
    workbook = opened(write_template(COUNCIL, AS_AT, values, EARLIER_AS_AT) if is_earlier else fill(empty(), values))
    for field in fields:
        for row, text in enumerate(texts, start=1):
            cell = cell_of(workbook["Workforce"], PARTS["Workforce"], field, row)
            assert (cell.value, cell.data_type) == (text, "s")
            # The mark that keeps it text when somebody edits the cell.
            assert cell.quotePrefix == (not text.startswith("#"))


def test_a_number_put_in_place_of_such_text_is_a_number() -> None:
    content = fill(fill(empty(), {"Workforce": [{"fte": "=1"}]}), {"Workforce": [{"fte": "1"}]})
    cell = cell_of(opened(content)["Workforce"], PARTS["Workforce"], "fte")
    assert (cell.value, cell.quotePrefix) == (1, False)


@given(st.text(max_size=40), st.sampled_from(PARTS["Workforce"].columns))
def test_no_text_whatever_becomes_a_formula_or_an_error(text: str, column: ReturnColumn) -> None:
    sheet = openpyxl.Workbook().worksheets[0]
    put(sheet.cell(1, 1), text, column)
    assert sheet.cell(1, 1).data_type in ("n", "s", "d")


def test_a_filled_workbook_holds_numbers_days_and_words_each_as_such() -> None:
    example = {**words().example.rows[0], "job_title": "7"}
    content = fill(
        empty(),
        {
            "Cover": [{"delivery_model": "A mix of these", "as_at_date": "30/09/2026"}],
            "Workforce": [{}, example],
            "Equality": [{"characteristic": "Sex", "category": "Female", "people": "0"}],
            "Accepted warnings": [{"finding_reference": "W-3F9A2C1D", "reason": "Two posts moved."}],
        },
    )
    workbook = opened(content)
    sheet, part = workbook["Workforce"], PARTS["Workforce"]
    kinds = {field: type(cell_of(sheet, part, field, row=2).value) for field in example}
    assert kinds == {
        field: {"count": int, "date": datetime}.get(
            part.column(field).kind, (float if "." in text else int) if text.replace(".", "", 1).isdigit() else str
        )
        for field, text in example.items()
        if field != "job_title"
    } | {"job_title": str}
    assert not any(cell_of(sheet, part, field, row=1).value for field in example)
    assert answer_to(workbook, PARTS["Cover"], "as_at_date").value == datetime(2026, 9, 30)
    assert [row[2].value for row in workbook["Equality"].iter_rows() if row[2].value == 0] == [0]
    assert validations(sheet).keys() == validations(opened(empty())["Workforce"]).keys()
    assert sheet.protection.sheet


def test_filling_touches_only_the_cells_named_and_can_empty_one() -> None:
    content = fill(prefilled(), {"Workforce": [{"headcount": "13", "note": ""}]})
    sheet, part = opened(content)["Workforce"], PARTS["Workforce"]
    assert cell_of(sheet, part, "headcount").value == 13
    assert cell_of(sheet, part, "note").value is None
    assert cell_of(sheet, part, "fte").value == 10.4
    assert cell_of(sheet, part, "job_title", row=2).value == "Team Manager"


def test_a_file_can_be_filled_too(tmp_path: Path) -> None:
    path = tmp_path / "return.xlsx"
    path.write_bytes(empty())
    values = {"Leadership": [{"ahp_lead_in_post": "No"}]}
    assert fill(path, values) == fill(empty(), values)


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"Payroll": [{"a": "b"}]}, KeyError, "Payroll"),
        ({"Workforce": [{"shoe_size": "9"}]}, KeyError, "Workforce does not ask for shoe_size"),
        (
            {"Workforce": [{"headcount": "1"}] * 61},
            ValueError,
            "Workforce has no cell to fill in for headcount in row 6",
        ),
        ({"Equality": [{"characteristic": "Age", "category": "Old", "people": "1"}]}, ValueError, "has no row for"),
    ],
)
def test_values_without_a_cell_are_refused(values: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        fill(empty(), values)


def test_a_workbook_that_is_not_of_the_layout_is_refused() -> None:
    other = openpyxl.Workbook()
    content = io.BytesIO()
    other.save(content)
    with pytest.raises(ValueError, match="The workbook has no sheet Workforce"):
        fill(content.getvalue(), {"Workforce": [{"fte": "1"}]})
    other.worksheets[0].title = "Workforce"
    other.save(content)
    with pytest.raises(ValueError, match="The sheet Workforce has no row with the headings of Workforce"):
        fill(content.getvalue(), {"Workforce": [{"fte": "1"}]})


def test_a_filled_workbook_is_read_by_the_night_and_the_example_is_not() -> None:
    values = {
        "Cover": [{"service_age_scope": "Adults"}],
        "Workforce": [words().example.rows[0]],
        "Students and apprentices": [{"learner_type": "Students on placement", "learner_count": "cannot quantify"}],
    }
    reading = read_return(open_bytes(fill(empty(), values), "return.xlsx"), date(2026, 4, 20))
    assert (reading.organisation_code, reading.as_at_date) == ("E10000007", AS_AT)
    texts = {(cell.figure, cell.field): cell.cell_text for cell in reading.cells if cell.cell_text}
    for name, rows in values.items():
        for field, text in rows[0].items():
            assert texts[name, field] == text
    assert sum(1 for cell in reading.cells if cell.field == "job_title") == 1
    assert not reading.problems
