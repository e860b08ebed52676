"""The reader of a return, rule by rule: which sheet is which, whose it is and of which day, and what stops it.

What comes of whole files, to the last number, is in test_wild_files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fixtures.returns import (
    ACCEPTED,
    AS_AT,
    CLEAN,
    COVER,
    EQUALITY,
    LEADERSHIP,
    LEARNERS,
    PARTS,
    WORKFORCE,
    Paper,
)

from dagster_project.sources.headings import HEADING_STANDS_WITHIN_ROWS
from dagster_project.sources.landed import RETURN_TOTALS_TABLE, LandedCell, Reading
from dagster_project.sources.opening import Sheet
from dagster_project.sources.problems import FileRefused, Problem
from dagster_project.sources.return_layout import Part, offered, return_layout
from dagster_project.sources.return_reading import looks_like_a_return, read_return

RECEIVED_ON = date(2026, 4, 20)
Change = Callable[[Paper], object]


def sheets(change: Change = lambda paper: None) -> tuple[Sheet, ...]:
    """The sheets of the clean return after a change, as they are opened."""
    paper = Paper(CLEAN)
    change(paper)
    return tuple(Sheet(name, tuple(tuple(map(_text, row)) for row in rows)) for name, rows in paper.grid.items())


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def read(change: Change = lambda paper: None, received_on: date = RECEIVED_ON) -> Reading:
    return read_return(sheets(change), received_on)


def refusal_of(change: Change | tuple[Sheet, ...], received_on: date = RECEIVED_ON) -> tuple[Problem, ...]:
    with pytest.raises(FileRefused) as refusal:
        read_return(change if isinstance(change, tuple) else sheets(change), received_on)
    return refusal.value.problems


def the_refusal_of(change: Change | tuple[Sheet, ...]) -> Problem:
    (problem,) = refusal_of(change)
    assert problem.message.endswith((".", "?"))
    assert problem.suggestion.endswith(".")
    return problem


def cells_of(reading: Reading, part: str, field: str) -> list[LandedCell]:
    return [cell for cell in reading.cells if (cell.figure, cell.field) == (part, field)]


# What a return that is whole gives


def test_the_cover_says_whose_the_return_is_and_of_which_day() -> None:
    reading = read()
    assert (reading.organisation_code, reading.as_at_date) == ("E06000015", AS_AT)
    assert reading.problems == []
    assert reading.documents == ["council_return_2026-03-31"]
    assert {cell.council_as_written for cell in reading.cells} == {"Derby"}


def test_every_cell_of_every_row_and_every_answer_lands_blank_ones_included() -> None:
    reading = read()
    counts = {part: len([cell for cell in reading.cells if cell.figure == part]) for part in PARTS}
    columns = {name: len(part.columns) for name, part in PARTS.items()}
    assert counts == {
        COVER: len(PARTS[COVER].questions),
        WORKFORCE: len(CLEAN.posts) * columns[WORKFORCE],
        LEARNERS: len(CLEAN.learners) * columns[LEARNERS],
        LEADERSHIP: len(PARTS[LEADERSHIP].questions),
        EQUALITY: 60 * columns[EQUALITY],
        ACCEPTED: 0,
    }
    assert any(cell.cell_text == "" for cell in reading.cells)


def test_a_cell_lands_in_the_table_of_its_part_with_its_place() -> None:
    cell = cells_of(read(), WORKFORCE, "fte")[1]
    assert cell.landed_table == "return_workforce"
    assert (cell.cell_text, cell.source_sheet, cell.source_row, cell.source_cell) == ("5.125", WORKFORCE, 8, "M8")


def test_a_day_is_read_where_a_day_is_asked_and_nowhere_else() -> None:
    reading = read(lambda paper: paper.put(WORKFORCE, 2, "grade", "31/03/2026"))
    assert [cell.date_read for cell in cells_of(reading, WORKFORCE, "funding_end_date")] == ["2027-03-31", *[""] * 5]
    assert {cell.date_read for cell in cells_of(reading, WORKFORCE, "grade")} == {""}


def test_a_day_that_cannot_be_read_lands_as_text() -> None:
    reading = read(lambda paper: paper.put(WORKFORCE, 1, "funding_end_date", "ongoing"))
    assert (cells_of(reading, WORKFORCE, "funding_end_date")[0].cell_text, reading.problems) == ("ongoing", [])


def test_a_note_beside_an_answer_lands_with_it() -> None:
    reading = read(lambda paper: paper.rows(COVER)[paper.heading(COVER) + 5].__setitem__(2, "since May"))
    assert [cell.transcription_note for cell in cells_of(reading, COVER, "delivery_model")] == ["since May"]


def test_the_sheets_are_told_from_those_of_a_collation() -> None:
    assert looks_like_a_return(sheets())
    assert not looks_like_a_return((Sheet("Figure 18", (("Council", "Number of OTs", "FTE"), ("Derby", "1", "1"))),))
    assert not looks_like_a_return((Sheet("Workforce", ()),))


def test_one_sheet_of_a_return_is_enough_to_know_it_for_one() -> None:
    for sheet in sheets():
        assert looks_like_a_return((replace(sheet, name=""),)), sheet.name


# Sheets


@pytest.mark.parametrize("name", ["Sheet1", "", "Pay scales", "Workforce 2025 (draft)", "工作"])
def test_a_sheet_is_known_by_its_headings_whatever_it_is_called(name: str) -> None:
    renamed = tuple(replace(sheet, name=name) if sheet.name == WORKFORCE else sheet for sheet in sheets())
    assert len(cells_of(read_return(renamed, RECEIVED_ON), WORKFORCE, "fte")) == len(CLEAN.posts)


def test_two_sheets_of_answers_are_told_apart_by_their_questions() -> None:
    swapped = {COVER: LEADERSHIP, LEADERSHIP: COVER}
    reading = read_return(
        tuple(replace(sheet, name=swapped.get(sheet.name, sheet.name)) for sheet in sheets()), RECEIVED_ON
    )
    assert [cell.source_sheet for cell in cells_of(reading, LEADERSHIP, "principal_ot_grade")] == [COVER]
    assert reading.organisation_code == "E06000015"


@pytest.mark.parametrize("name", ["Read me", "READ ME", "Example", "lists"])
def test_a_sheet_for_people_is_never_read(name: str) -> None:
    reading = read(lambda paper: paper.grid.update({name: paper.grid[WORKFORCE]}))
    assert reading.cells == read().cells
    assert reading.problems == []


def test_a_sheet_of_their_own_is_named_and_left_alone() -> None:
    reading = read(lambda paper: paper.grid.update({"Notes": [["Team", "Heads"], ["North", 3]]}))
    assert [(problem.rule_id, problem.sheet) for problem in reading.problems] == [("sheet_not_read", "Notes")]


def test_a_sheet_that_stands_there_twice_is_refused_with_both_names() -> None:
    problem = the_refusal_of(lambda paper: paper.grid.update({"Copy": paper.grid[LEARNERS]}))
    assert (problem.rule_id, problem.sheet) == ("file_refused", "Copy")
    assert "'Students and apprentices' and 'Copy'" in problem.message


@pytest.mark.parametrize("part", [COVER, WORKFORCE, LEARNERS, LEADERSHIP, EQUALITY])
def test_a_sheet_that_is_missing_is_named_with_those_that_are_there(part: str) -> None:
    problem = the_refusal_of(lambda paper: paper.grid.pop(part))
    assert problem.rule_id == "file_refused"
    assert f"has no sheet '{part}'" in problem.message
    assert all(f"'{other}'" in problem.message for other in PARTS if other != part)


def test_accepted_warnings_may_be_missing() -> None:
    assert read(lambda paper: paper.grid.pop(ACCEPTED)).problems == []


def test_a_sheet_called_as_one_of_the_return_without_its_headings_is_refused() -> None:
    problem = the_refusal_of(
        lambda paper: paper.rows(LEARNERS)[paper.heading(LEARNERS)].__setitem__(slice(0, 3), [""] * 3)
    )
    assert (problem.rule_id, problem.sheet) == ("unknown_header", LEARNERS)
    assert "Learners, Profession, Way of funding, Number, Expected to qualify in" in problem.suggestion


def test_a_sheet_named_like_a_path_is_refused_and_the_path_is_not_repeated() -> None:
    path = r"C:\Users\Jane Doe\return.xlsx"
    renamed = tuple(replace(sheet, name=path) if sheet.name == WORKFORCE else sheet for sheet in sheets())
    problem = the_refusal_of(renamed)
    assert "path on somebody's computer" in problem.message
    assert "Jane" not in str(problem.as_dict())


def test_all_that_is_wrong_is_said_at_once() -> None:
    def change(paper: Paper) -> None:
        paper.put(WORKFORCE, 3, "return_group", None)
        paper.put_heading(LEARNERS, "learner_count", "Heads")
        paper.put(EQUALITY, 1, "characteristic", "Shoe size")
        paper.put(COVER, 0, "council", "Camelot")
        paper.put(COVER, 0, "as_at_date", "soon")

    assert [(problem.rule_id, problem.sheet) for problem in refusal_of(change)] == [
        ("answer_missing", WORKFORCE),
        ("unknown_header", LEARNERS),
        ("answer_not_in_list", EQUALITY),
        ("as_at_date_missing", COVER),
        ("unknown_organisation", COVER),
    ]


# Headings


@pytest.mark.parametrize(
    "part", [part for part in return_layout().parts if part.shape != "answers"], ids=lambda part: part.part
)
def test_a_column_may_bear_any_of_its_names_in_any_letters(part: Part) -> None:
    clean = read()
    for column in part.columns:
        for wording in column.wordings:
            heading = f"  {wording.upper().replace(' ', '  ')}: "
            reading = read(
                lambda paper, column=column, heading=heading: paper.put_heading(part.part, column.field, heading)
            )
            assert reading.cells == clean.cells, heading


@pytest.mark.parametrize("part", [WORKFORCE, LEARNERS, EQUALITY])
def test_every_column_that_is_needed_is_missed_by_name(part: str) -> None:
    for column in PARTS[part].needed_columns:
        problem = the_refusal_of(lambda paper, column=column: paper.put_heading(part, column.field, "Xyzzy"))
        assert problem.rule_id == "unknown_header", column.field
        assert f"The column '{column.heading}' is missing." in problem.message
        assert (problem.sheet, problem.row) == (part, Paper(CLEAN).heading(part) + 1)


def test_a_heading_like_the_missing_one_is_suggested() -> None:
    problem = the_refusal_of(lambda paper: paper.put_heading(WORKFORCE, "fte_vacant", "Vacant F.T.E. (all)"))
    assert "Is it the one headed 'Vacant F.T.E. (all)'?" in problem.message
    problem = the_refusal_of(lambda paper: paper.put_heading(WORKFORCE, "fte_vacant", "Xyzzy"))
    assert "Is it the one" not in problem.message


def test_a_note_may_be_left_out() -> None:
    reading = read(lambda paper: paper.put_heading(WORKFORCE, "note", None))
    assert cells_of(reading, WORKFORCE, "note") == []
    assert reading.problems == []


def test_a_heading_that_stands_twice_is_refused_with_its_cell() -> None:
    problem = the_refusal_of(lambda paper: paper.rows(EQUALITY)[paper.heading(EQUALITY)].append("People"))
    assert (problem.rule_id, problem.cell, problem.value) == ("unknown_header", "E5", "People")


def test_the_heading_stands_within_the_first_rows() -> None:
    def pushed_down(rows: int) -> Change:
        return lambda paper: paper.rows(WORKFORCE).__setitem__(slice(0, 0), [["x"]] * rows)

    above = Paper(CLEAN).heading(WORKFORCE)
    assert len(read(pushed_down(HEADING_STANDS_WITHIN_ROWS - above - 1)).cells) == len(read().cells)
    assert the_refusal_of(pushed_down(HEADING_STANDS_WITHIN_ROWS - above)).rule_id == "unknown_header"


def test_a_second_heading_over_a_further_block_is_no_row() -> None:
    def change(paper: Paper) -> None:
        rows, top = paper.rows(WORKFORCE), paper.heading(WORKFORCE)
        rows[top + 3 : top + 3] = [[], list(rows[top])]

    texts = [cell.cell_text for cell in read(change).cells]
    assert texts == [cell.cell_text for cell in read().cells]


def test_a_second_heading_in_another_order_is_refused() -> None:
    def change(paper: Paper) -> None:
        rows, top = paper.rows(WORKFORCE), paper.heading(WORKFORCE)
        again = list(rows[top])
        again[11], again[12] = again[12], again[11]
        rows[top + 3 : top + 3] = [again]

    problem = the_refusal_of(change)
    assert (problem.rule_id, problem.row) == ("unknown_header", 9)


# Answers


@pytest.mark.parametrize("part", [COVER, LEADERSHIP])
def test_a_question_may_be_put_in_any_of_its_words(part: str) -> None:
    clean = read()
    for question in PARTS[part].questions:
        for wording in question.wordings:

            def change(paper: Paper, question: Any = question, wording: str = wording) -> None:
                index, _ = paper.position(part, 0, question.field)
                paper.rows(part)[index][0] = f" {wording.upper()} "

            assert read(change).cells == clean.cells, wording


def test_a_question_that_is_needed_and_not_there_is_asked_for() -> None:
    for question in PARTS[COVER].questions:
        index, _ = Paper(CLEAN).position(COVER, 0, question.field)

        def change(paper: Paper, index: int = index) -> None:
            paper.rows(COVER).pop(index)

        if question.is_required:
            problem = the_refusal_of(change)
            assert (problem.rule_id, problem.field) == ("answer_missing", question.field)
        else:
            assert [(remark.rule_id, remark.field) for remark in read(change).problems] == [
                ("sheet_not_read", question.field)
            ]


def test_the_same_answer_twice_is_one_answer() -> None:
    reading = read(lambda paper: paper.rows(COVER).append(["Name of council", " DERBY. "]))
    assert [cell.cell_text for cell in cells_of(reading, COVER, "council")] == ["Derby"]


def test_two_different_answers_to_a_question_are_refused_with_both_cells() -> None:
    problem = the_refusal_of(lambda paper: paper.rows(COVER).append(["Age scope", "Children"]))
    assert (problem.rule_id, problem.cell, problem.field) == ("file_refused", "B20", "service_age_scope")
    assert "'Adults' in B10 and 'Children' in B20" in problem.message


def test_an_answer_that_is_needed_and_not_of_the_list_is_refused_with_the_list() -> None:
    problem = the_refusal_of(lambda paper: paper.put(COVER, 0, "service_age_scope", "Grown-ups"))
    assert (problem.rule_id, problem.cell, problem.value) == ("answer_not_in_list", "B10", "Grown-ups")
    assert problem.suggestion == "Choose one of: Adults, Children, All ages."


def test_an_answer_that_may_be_missing_may_be_anything() -> None:
    reading = read(lambda paper: paper.put(COVER, 0, "delivery_model", "By pigeon"))
    assert [cell.cell_text for cell in cells_of(reading, COVER, "delivery_model")] == ["By pigeon"]


def test_a_question_of_their_own_is_named_and_an_answer_without_one_refused() -> None:
    (remark,) = read(lambda paper: paper.rows(COVER).append(["How are you?", "Well"])).problems
    assert (remark.rule_id, remark.cell) == ("column_not_read", "A20")
    problem = the_refusal_of(lambda paper: paper.rows(COVER).append(["", "Well"]))
    assert (problem.rule_id, problem.cell) == ("unknown_header", "B20")


def test_a_line_of_text_among_the_questions_is_no_question() -> None:
    assert read(lambda paper: paper.rows(COVER).append(["Thank you!"])).problems == []


# Rows


@pytest.mark.parametrize(
    ("part", "row", "field", "cell", "says"),
    [
        (WORKFORCE, 3, "return_group", "B9", "'Group' of 'Physiotherapist' is blank"),
        (EQUALITY, 4, "characteristic", "A9", "'Characteristic' of '45 to 54' is blank"),
        (EQUALITY, 4, "category", "B9", "'Answer' is blank"),
        (LEARNERS, 2, "learner_type", "A7", "'Learners' is blank"),
    ],
)
def test_a_row_that_does_not_say_where_it_belongs_is_refused_with_its_name(
    part: str, row: int, field: str, cell: str, says: str
) -> None:
    problem = the_refusal_of(lambda paper: paper.put(part, row, field, None))
    assert (problem.rule_id, problem.sheet, problem.cell) == ("answer_missing", part, cell)
    assert says in problem.message


@pytest.mark.parametrize(("part", "field"), [(WORKFORCE, "return_group"), (LEARNERS, "learner_type")])
def test_every_wording_of_the_list_says_where_a_row_belongs(part: str, field: str) -> None:
    column = PARTS[part].column(field)
    for wording in (*offered(column.choices), offered(column.choices)[0].upper(), f" {offered(column.choices)[0]}. "):
        reading = read(lambda paper, wording=wording: paper.put(part, 1, field, wording))
        assert cells_of(reading, part, field)[0].cell_text == wording
    problem = the_refusal_of(lambda paper: paper.put(part, 1, field, "Somebody else"))
    assert (problem.rule_id, problem.value) == ("answer_not_in_list", "Somebody else")


def test_blank_rows_are_passed_over() -> None:
    reading = read(lambda paper: paper.rows(WORKFORCE).__setitem__(slice(8, 8), [[], [None, ""], []]))
    assert [cell.source_row for cell in cells_of(reading, WORKFORCE, "fte")] == [7, 8, 12, 13, 14, 15]


@pytest.mark.parametrize(
    "name",
    [
        *("Total", "TOTALS", "Grand total", "Sum of all", "Subtotal", "Total FTE in post:"),
        *("Overall total", "Managers total", "Sub-total: senior practitioners", "Occupational therapists - total"),
    ],
)
def test_a_total_is_held_apart_from_the_rows(name: str) -> None:
    def change(paper: Paper) -> None:
        row: list[Any] = [None] * 23
        row[0], row[5], row[11], row[12], row[20] = name, 99, 1239, 1132.6, 4
        paper.rows(WORKFORCE).append(row)

    reading = read(change)
    totals = [cell for cell in reading.cells if cell.landed_table == RETURN_TOTALS_TABLE]
    # Neither pay nor parts of other columns are added up.
    assert [(cell.field, cell.cell_text, cell.council_as_written) for cell in totals] == [
        ("headcount", "1239", name),
        ("fte", "1132.6", name),
    ]
    assert [cell for cell in reading.cells if cell not in totals] == read().cells


def test_a_title_that_only_begins_like_a_total_is_a_row() -> None:
    reading = read(lambda paper: paper.put(WORKFORCE, 6, "job_title", "Totality Coach"))
    assert [cell.cell_text for cell in cells_of(reading, WORKFORCE, "job_title")][-1] == "Totality Coach"


def post(name: str | None, group: str, people: Any, fte: Any, vacant: Any = None, note: str = "") -> list[Any]:
    """A row of Workforce that counts somebody."""
    row: list[Any] = [None] * 23
    row[0], row[1], row[11], row[12], row[17], row[22] = name, group, people, fte, vacant, note
    return row


def with_posts(*posts: list[Any]) -> Change:
    """Workforce holds these rows and no others."""

    def change(paper: Paper) -> None:
        paper.rows(WORKFORCE)[paper.heading(WORKFORCE) + 1 :] = list(posts)

    return change


OT, MANAGERS = offered("return_group")[0], "Managers"


@pytest.mark.parametrize("name", ["All managers", "Therapy leads", None, "7", "Manager (band 8)"])
def test_a_row_with_the_headcount_and_fte_of_all_others_of_its_group_is_taken_for_their_total(name: str | None) -> None:
    rows = [post("Team Manager", MANAGERS, 3, 2.5), post("Service Manager", MANAGERS, 2, "1.75")]
    problem = the_refusal_of(with_posts(*rows, post(name, MANAGERS, 5, 4.25)))
    assert (problem.rule_id, problem.cell, problem.value) == ("file_refused", "A9", name or "")
    assert "of the 2 other rows of its group taken together" in problem.message
    # A total is as well known by its rounded FTE, and wherever it stands.
    assert the_refusal_of(with_posts(post(name, MANAGERS, 5, 4.3), *rows)).cell == "A7"


@pytest.mark.parametrize(
    "rows",
    [
        # Neither headcount nor FTE alone makes a total.
        [post("A", OT, 3, 2.5), post("B", OT, 2, 2), post("C", OT, 5, 4)],
        [post("A", OT, 3, 2.5), post("B", OT, 2, 2), post("C", OT, 6, 4.5)],
        # One other row may well be alike.
        [post("A", OT, 3, 2.5), post("B", OT, 3, 2.5)],
        [post("A", OT, 1, 1, 0), post("B", OT, 0, 0, 1), post("C", OT, 1, 1, 0)],
        # Rows of several groups.
        [post("A", OT, 2, 2), post("B", offered("return_group")[2], 1, 1), post("C", MANAGERS, 1, 1)],
        # Nobody is the total of nobody.
        [post("A", OT, 0, 0, 1), post("B", OT, 0, 0, 2), post("C", OT, 0, 0, 3)],
        [post("A", OT, 1, 1), post("B", OT, 1, 1), post("C", OT, 2, 2, note="not a total: two posts")],
    ],
    ids=str,
)
def test_rows_that_are_no_total_of_each_other_all_count(rows: list[list[Any]]) -> None:
    reading = read(with_posts(*rows))
    assert [cell.cell_text for cell in cells_of(reading, WORKFORCE, "job_title")] == [row[0] for row in rows]
    assert reading.problems == []


def test_vacant_posts_beside_one_post_with_people_have_a_total_that_counts_them() -> None:
    rows = [post("A", OT, 3, 2.5, 0), post("B", OT, 0, 0, 1.5), post("Everybody", OT, 3, 2.5, 1.5)]
    assert the_refusal_of(with_posts(*rows)).cell == "A9"


def test_a_post_whose_title_sounds_like_a_total_is_refused_until_somebody_says_what_it_is() -> None:
    def change(note: str, title: str = "Total Communication Therapist") -> Change:
        return with_posts(post("A", OT, 3, 2.5), post("B", OT, 2, 2), post(title, OT, 1, 1, note=note))

    problem = the_refusal_of(change(""))
    assert (problem.cell, problem.value) == ("A9", "Total Communication Therapist")
    assert (
        "Where it does not, give it a name without 'total', or write 'not a total' in its note." in problem.suggestion
    )
    for reading in (read(change("Not a total")), read(change("", "Communication Therapist"))):
        assert [cell.cell_text for cell in cells_of(reading, WORKFORCE, "headcount")] == ["3", "2", "1"]


@pytest.mark.parametrize(("field", "value"), [("level", "Experienced"), ("grade", "PO2"), ("employer", "Council")])
def test_a_total_without_a_group_that_says_more_than_numbers_is_refused(field: str, value: str) -> None:
    row = post("Total staff", "", 1239, 1132.6)
    row[[column.field for column in PARTS[WORKFORCE].columns].index(field)] = value
    assert the_refusal_of(lambda paper: paper.rows(WORKFORCE).append(row)).value == "Total staff"


@pytest.mark.parametrize(
    ("part", "cells"),
    [
        (WORKFORCE, ["OT locum", "Occupational therapists", 5]),
        (WORKFORCE, ["OT locum", *[None] * 11, "4.5 FTE"]),
        (LEARNERS, ["Two more", None, None, 2]),
        (EQUALITY, ["Sex", "Female", 5]),
        (COVER, ["Council", "Leicester"]),
    ],
)
def test_a_row_above_the_heading_that_counts_is_refused_and_prose_is_not(part: str, cells: list[Any]) -> None:
    problem = the_refusal_of(lambda paper: paper.rows(part).insert(1, cells))
    assert (problem.rule_id, problem.sheet, problem.row) == ("unknown_header", part, 2)
    prose = ["Sent on", "31 March 2026", "for the whole council"]
    assert read(lambda paper: paper.rows(part).insert(1, prose[: 2 if part == COVER else 3])).problems == []


def test_a_row_that_repeats_another_in_every_cell_lands_once_and_is_named() -> None:
    row = post("A", OT, 3, 2.5)
    reading = read(with_posts(row, post("B", OT, 2, 2), row, [*row[:22], "South"], [*row, "", "of our own"]))
    assert [cell.source_row for cell in cells_of(reading, WORKFORCE, "headcount")] == [7, 8, 10, 11]
    repeats = [problem for problem in reading.problems if problem.rule_id == "duplicate_row"]
    assert [(problem.cell, problem.message) for problem in repeats] == [
        ("A9", "Row 9 repeats row 7 in every cell, so it does not count again.")
    ]


def test_an_accepted_warning_may_stand_twice() -> None:
    def change(paper: Paper) -> None:
        paper.rows(ACCEPTED).extend([["W-3F9A2C1D", "Counted twice over", "Manager"]] * 2)

    reading = read(change)
    assert (len(cells_of(reading, ACCEPTED, "reason")), reading.problems) == (2, [])


def test_the_counts_of_answers_have_no_total() -> None:
    problem = the_refusal_of(lambda paper: paper.rows(EQUALITY).append([None, "Total", 1239]))
    assert (problem.rule_id, problem.field) == ("answer_missing", "characteristic")


# What must not be passed on


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("jane.doe@anyshire.gov.uk", "an e-mail address"),
        ("Ask Jane <Jane+x@a-b.co>", "an e-mail address"),
        ("AB123456C", "a National Insurance number"),
        ("ab 12 34 56 c, OT", "a National Insurance number"),
    ],
)
@pytest.mark.parametrize(
    ("part", "row", "field", "cell"),
    [
        (COVER, 0, "return_owner_role", "B7"),
        (LEADERSHIP, 0, "principal_ot_manager_role", "B7"),
        (WORKFORCE, 2, "job_title", "A8"),
        (WORKFORCE, 2, "note", "W8"),
        (LEARNERS, 1, "note", "F6"),
        (EQUALITY, 1, "note", "D6"),
    ],
)
def test_what_identifies_a_person_is_refused_and_not_repeated(
    part: str, row: int, field: str, cell: str, text: str, what: str
) -> None:
    problem = the_refusal_of(lambda paper: paper.put(part, row, field, text))
    assert (problem.rule_id, problem.sheet, problem.cell) == ("person_named", part, cell)
    assert what in problem.message
    assert text not in str(problem.as_dict())


@pytest.mark.parametrize("text", ["OT @ hospital", "see p. 12@", "PO2 30 40 50 B", "ABC123456D"])
def test_what_only_looks_a_little_like_a_person_is_read(text: str) -> None:
    assert cells_of(read(lambda paper: paper.put(WORKFORCE, 2, "note", text)), WORKFORCE, "note")[1].cell_text == text


@pytest.mark.parametrize("path", [r"\\server\share\x", r"C:\Users\Jane\x.xlsx", "/home/jane/x", "see /Users/jane/x"])
@pytest.mark.parametrize(("part", "field"), [(WORKFORCE, "job_title"), (WORKFORCE, "note"), (LEARNERS, "note")])
def test_a_path_on_a_computer_is_refused_with_its_cell(part: str, field: str, path: str) -> None:
    problem = the_refusal_of(lambda paper: paper.put(part, 1, field, path))
    assert problem.rule_id == "file_refused"
    assert "path" in problem.message
    assert problem.cell
    assert "ane" not in str(problem.as_dict())


# Columns that are not read, and what nobody sees


def test_columns_of_their_own_are_named_where_something_stands_in_them() -> None:
    def change(paper: Paper) -> None:
        rows, top = paper.rows(LEARNERS), paper.heading(LEARNERS)
        rows[top] += [None] * (6 - len(rows[top])) + ["Cost centre", None, "Nothing in it"]
        rows[top + 1] += [None] * (6 - len(rows[top + 1])) + ["C100", 99]

    assert [(problem.rule_id, problem.cell, problem.value) for problem in read(change).problems] == [
        ("column_not_read", "G5", "Cost centre"),
        ("column_not_read", "H5", ""),
    ]


def with_column(part: str, heading: str, *values: str) -> Change:
    """A column of its own beyond those of the template."""

    def change(paper: Paper) -> None:
        width = len(PARTS[part].columns)
        for row, text in zip(paper.rows(part)[paper.heading(part) :], (heading, *values), strict=False):
            row += [None] * (width - len(row)) + [text]

    return change


@pytest.mark.parametrize("part", [WORKFORCE, LEARNERS, EQUALITY])
@pytest.mark.parametrize(
    ("heading", "own", "other", "cover"),
    [
        ("Name of council", "derby city", "Leicester", "Derby"),
        ("LOCAL AUTHORITY:", "E06000015", "E06000016", "Derby"),
        ("Organisation", "Derby", "Leicster", "Derby"),
        ("As at", "31/03/2026", "30/09/2025", "31 March 2026"),
        ("Date", "46112", "2026", "31 March 2026"),
    ],
)
def test_a_column_that_names_another_council_or_day_than_the_cover_is_refused(
    part: str, heading: str, own: str, other: str, cover: str
) -> None:
    (remark,) = read(with_column(part, heading, own, "", heading.lower())).problems
    assert (remark.rule_id, remark.value) == ("column_not_read", heading)
    with pytest.raises(FileRefused) as refusal:
        read(with_column(part, heading, own, other))
    (problem,) = refusal.value.problems
    assert (problem.rule_id, problem.sheet, problem.value) == ("file_refused", part, other)
    assert problem.row == Paper(CLEAN).heading(part) + 3
    assert f"The column '{heading}' says '{other}' here, and the cover says {cover}." in problem.message
    assert (refusal.value.organisation_code, refusal.value.as_at_date) == ("E06000015", AS_AT)


def hidden(part: str, **what: Any) -> list[Problem]:
    """The remarks on a return one sheet of which is hidden in part or as a whole."""
    marked = tuple(replace(sheet, **what) if sheet.name == part else sheet for sheet in sheets())
    return read_return(marked, RECEIVED_ON).problems


@pytest.mark.parametrize(
    ("part", "what", "says"),
    [
        (WORKFORCE, {"is_hidden": True}, "The sheet is hidden, and"),
        (WORKFORCE, {"hidden_rows": frozenset({7})}, "Row 8 hidden, and"),
        (WORKFORCE, {"hidden_rows": frozenset({7, 9})}, "Rows 8, 10 hidden, and"),
        (WORKFORCE, {"hidden_columns": frozenset({12})}, "Column M hidden, and"),
        (COVER, {"hidden_rows": frozenset({4})}, "Row 5 hidden, and"),
        (EQUALITY, {"is_hidden": True, "hidden_rows": frozenset({9})}, "The sheet is hidden and row 10 hidden, and"),
    ],
)
def test_what_is_hidden_is_read_and_pointed_out(part: str, what: dict[str, Any], says: str) -> None:
    (problem,) = hidden(part, **what)
    assert (problem.rule_id, problem.sheet) == ("hidden_cells_read", part)
    assert problem.message.startswith(says)


@pytest.mark.parametrize(
    "what", [{"hidden_rows": frozenset({0, 1})}, {"hidden_rows": frozenset({900})}, {"hidden_columns": frozenset({30})}]
)
def test_what_is_hidden_and_not_read_needs_no_word(what: dict[str, Any]) -> None:
    assert hidden(WORKFORCE, **what) == []


# Whose return it is, and of which day


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (None, "names no as-at date"),
        ("31/02/2026", "'31/02/2026' cannot be read as one day"),
        ("03/31/2026", "'03/31/2026' cannot be read as one day"),
        ("31/12/2009", "31 December 2009, and no return is kept for days before 1 January 2010"),
        ("22/04/2026", "22 April 2026, which had not come when the file was received"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_its_cell(written: Any, says: str) -> None:
    problem = the_refusal_of(lambda paper: paper.put(COVER, 0, "as_at_date", written))
    assert (problem.rule_id, problem.cell, problem.field) == ("as_at_date_missing", "B6", "as_at_date")
    assert says in problem.message


@pytest.mark.parametrize("day", [date(2010, 1, 1), RECEIVED_ON, RECEIVED_ON + timedelta(days=1)])
def test_a_day_up_to_the_one_of_receipt_is_taken_and_one_more_for_those_east_of_here(day: date) -> None:
    assert read(lambda paper: paper.put(COVER, 0, "as_at_date", day.isoformat())).as_at_date == day


def test_a_council_that_nobody_knows_is_refused_with_the_nearest() -> None:
    problem = the_refusal_of(lambda paper: paper.put(COVER, 0, "council", "Leicster"))
    assert (problem.rule_id, problem.cell, problem.value) == ("unknown_organisation", "B5", "Leicster")
    assert "on 31 March 2026. The nearest known names are Leicester" in problem.message


def test_a_return_without_a_council_is_refused() -> None:
    problem = the_refusal_of(lambda paper: paper.put(COVER, 0, "council", ""))
    assert (problem.rule_id, problem.cell) == ("unknown_organisation", "B5")


def test_a_former_council_sends_returns_for_its_own_time_only() -> None:
    def as_at(day: str) -> Change:
        def change(paper: Paper) -> None:
            paper.put(COVER, 0, "council", "Northamptonshire")
            paper.put(COVER, 0, "as_at_date", day)

        return change

    assert read(as_at("31/03/2021")).organisation_code == "E10000021"
    assert "on 1 April 2021" in the_refusal_of(as_at("01/04/2021")).message


def test_neither_council_nor_day_leaves_both_to_be_mended() -> None:
    def change(paper: Paper) -> None:
        paper.put(COVER, 0, "council", "")
        paper.put(COVER, 0, "as_at_date", "")

    assert [problem.rule_id for problem in refusal_of(change)] == ["as_at_date_missing", "unknown_organisation"]
