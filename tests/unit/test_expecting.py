"""The publisher's promises: each is broken on purpose once, in a file that breaks nothing else.

They are checked in two ways, with Great Expectations and without, which must come to the same.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.sources import expecting, landing
from dagster_project.sources.catalogue import SourceCard, load_card
from dagster_project.sources.landed import TOTALS_TABLE, LandedCell, Reading
from dagster_project.sources.landing import land
from dagster_project.sources.opening import Sheet
from dagster_project.sources.return_layout import Part, return_layout
from dagster_project.sources.store import (
    CELL_TABLES,
    COLLATION_TABLES,
    LANDED_TABLES,
    PUBLISHED_TABLES,
    QUARANTINED,
    Event,
    cells_frame,
)

CELL = LandedCell(
    landed_table="council_workforce",
    source_document="midlands_unlocking_the_potential_2024",
    figure="Figure 18",
    region_block="East Midlands",
    council_as_written="Derby City",
    continued_council="",
    field="headcount",
    cell_text="13",
    source_sheet="Figure 18",
    source_row=2,
    source_cell="F2",
    published_row="1",
    transcription_note="",
)
PIPELINE = replace(CELL, landed_table="council_pipeline", figure="Figure 23", field="students")
PAY = replace(CELL, landed_table="council_pay", figure="Figure 25", field="entry_ot", cell_text="£30,000 to £35,000")
LEADERSHIP = replace(
    CELL, landed_table="council_leadership", figure="Principal OT list", field="principal_ot_present", cell_text="yes"
)
TOTAL = replace(CELL, landed_table="council_totals", council_as_written="Total East Midlands")
WHOLE = (CELL, PIPELINE, PAY, LEADERSHIP, TOTAL)
SURVEY = replace(
    CELL,
    landed_table="employer_standards",
    source_document="lga_employer_standards_ot_2023_24",
    figure="Scores by standard",
    region_block="National",
    council_as_written="",
    field="score_2023_24",
    cell_text="76",
)
LEVEL = replace(
    SURVEY,
    landed_table="maturity",
    source_document="aligns_south_east_2025",
    figure="Table 13",
    field="emerging",
    cell_text="[Green arrow from Emerging to Maturing]",
)
PUBLISHED = (SURVEY, LEVEL)
RETURNED = tuple(
    replace(
        CELL,
        landed_table=table,
        source_document="council_return_2026-03-31",
        figure=part,
        region_block="",
        council_as_written=council,
        field=field,
        source_sheet=part,
    )
    for table, part, field, council in (
        ("return_answers", "Cover", "council", "Derby City"),
        ("return_workforce", "Workforce", "headcount", "Derby City"),
        ("return_learners", "Students and apprentices", "learner_count", "Derby City"),
        ("return_equality", "Equality", "people", "Derby City"),
        ("return_acceptances", "Accepted warnings", "reason", "Derby City"),
        ("return_totals", "Workforce", "headcount", "Total"),
    )
)

# What each expectation must find, and must be the only one to find.
BREAKS: dict[tuple[str, str], list[LandedCell]] = {
    (cell.landed_table, name): broken
    for cell in WHOLE
    for name, broken in {
        "figure_is_one_of_this_table": [replace(cell, figure="Figure 99")],
        "field_is_known": [replace(cell, field="age")],
        "region_is_named": [replace(cell, region_block="")],
        "cell_is_not_a_paragraph": [replace(cell, cell_text="a" * 161)],
        "council_is_named": [replace(cell, council_as_written="")],
        "council_stands_once_in_a_figure": [cell, replace(cell, source_row=3, source_cell="F3")],
    }.items()
} | {
    ("council_pay", "pay_cell_is_money_or_a_word"): [replace(PAY, cell_text="£-!")],
    ("council_leadership", "principal_ot_answer_is_known"): [replace(LEADERSHIP, cell_text="perhaps")],
    ("council_totals", "total_names_its_region"): [replace(TOTAL, council_as_written="Total")],
}
BREAKS |= {
    (cell.landed_table, name): broken
    for cell in RETURNED
    for name, broken in {
        "part_is_one_of_this_table": [replace(cell, figure="Read me")],
        "field_is_known": [replace(cell, field="age")],
        "cell_is_not_a_page": [replace(cell, cell_text="a" * 1001)],
        "council_is_named": [replace(cell, council_as_written="")],
        "day_is_named": [replace(cell, source_document="council_return_")],
        "cell_stands_once": [cell, cell],
    }.items()
}
SCORE_FIELDS = (
    *("score_2022_23", "score_2023_24", "share_2023_24", "all_2022", "all_2021", "adults_2022", "adults_2021"),
    "national_2022_23",
)
LEVEL_FIELDS = ("pre_emerging", "emerging", "developing", "maturing")
BREAKS |= {
    (cell.landed_table, name): broken
    for cell in PUBLISHED
    for name, broken in {
        "figure_is_one_of_this_table": [replace(cell, figure="Figure 99")],
        "field_is_known": [replace(cell, field="mood")],
        "cell_stands_once": [cell, cell],
    }.items()
} | {
    ("employer_standards", "cell_is_not_a_paragraph"): [replace(SURVEY, field="row_name", cell_text="a" * 301)],
    ("employer_standards", "row_is_named"): [replace(SURVEY, field="row_name", cell_text="")],
    ("employer_standards", "change_2023_24_is_a_number_or_a_dash"): [
        replace(SURVEY, field="change_2023_24", cell_text="down")
    ],
    ("employer_standards", "respondents_2023_24_is_a_number_or_a_dash"): [
        replace(SURVEY, field="respondents_2023_24", cell_text="about 50")
    ],
    **{
        ("employer_standards", f"{field}_is_a_number_or_a_dash"): [replace(SURVEY, field=field, cell_text="good")]
        for field in SCORE_FIELDS
    },
    ("maturity", "cell_is_not_a_paragraph"): [replace(LEVEL, field="activity", cell_text="a" * 301)],
    ("maturity", "organisation_is_named"): [replace(LEVEL, field="organisation", cell_text="")],
    ("maturity", "dimension_is_one_of_five"): [replace(LEVEL, field="dimension", cell_text="6")],
    **{
        ("maturity", f"{field}_is_a_mark"): [replace(LEVEL, field=field, cell_text="nearly there")]
        for field in LEVEL_FIELDS
    },
}
# A council with two pay scales has two rows, and a total row names its region in place of a council.
for not_promised in (("council_pay", "council_stands_once_in_a_figure"), ("council_totals", "council_is_named")):
    del BREAKS[not_promised]
# A long answer is no known answer either.
BREAKS["council_leadership", "cell_is_not_a_paragraph"] = [
    replace(LEADERSHIP, field="name_as_printed", cell_text="a" * 161)
]
KEPT: dict[str, LandedCell] = {
    **{f"whole {cell.landed_table}": cell for cell in (*WHOLE, *PUBLISHED, *RETURNED)},
    **{
        f"score {number}": replace(SURVEY, cell_text=text)
        for number, text in enumerate(
            ("", "-", "Insufficient data", "18 per cent", "85 ↓", "69 =", "75/76", "101", "74.5")
        )
    },
    **{f"mark {number}": replace(LEVEL, cell_text=text) for number, text in enumerate(("", "→", "x", "No data"))},
    "change": replace(SURVEY, field="change_2023_24", cell_text="+2"),
    "respondents": replace(SURVEY, field="respondents_2023_24", cell_text="1,544"),
    "long answer": replace(RETURNED[0], field="return_owner_role", cell_text="a" * 1000),
    "pay continued": replace(PAY, council_as_written="", continued_council="Wolverhampton City"),
    "pay without": replace(PAY, cell_text="n/a"),
    "pay blank": replace(PAY, cell_text=""),
    "name of a scale": replace(PAY, field="scale", cell_text="N.J.C."),
    "name of a person": replace(LEADERSHIP, field="name_as_printed", cell_text="Derby"),
}


def suites() -> Iterator[tuple[str, dict[str, Any]]]:
    for table in CELL_TABLES:
        yield from ((table, expectation) for expectation in expecting.suite_of(table)["expectations"])


PROMISES = {(table, expectation["meta"]["name"]): expectation for table, expectation in suites()}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Event]:
    """What became of one file for each break and for each thing that is allowed, all landed in one night."""
    home = Home(tmp_path_factory.mktemp("home"))
    folder = home.own_landing / "council_returns"
    folder.mkdir(parents=True)
    cells = {".".join(key): broken for key, broken in BREAKS.items()} | {name: [cell] for name, cell in KEPT.items()}
    for name in cells:
        (folder / f"{name}.csv").write_text(name, encoding="utf-8")

    def read(sheets: tuple[Sheet, ...], card: SourceCard, received_on: date) -> Reading:
        return Reading(cells=cells[sheets[0].rows[0][0]])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "read_sheets", read)
        done = land(home)
    return {Path(event.file_name).stem: event for event in [*done.accepted, *done.refused]}


def test_every_landed_table_has_a_suite_and_every_suite_a_table() -> None:
    assert {path.stem for path in expecting.SUITES_FOLDER.glob("*")} == set(LANDED_TABLES)
    for table in LANDED_TABLES:
        assert expecting.suite_of(table)["name"] == table


def test_a_table_without_a_suite_is_no_landed_table() -> None:
    with pytest.raises(FileNotFoundError):
        expecting.suite_of("submissions")


def test_every_promise_is_broken_here_once() -> None:
    assert BREAKS.keys() == PROMISES.keys()
    assert len(PROMISES) == sum(1 for _ in suites()), "two expectations of a table have one name"


@pytest.mark.parametrize(("table", "name"), PROMISES, ids=lambda part: part)
def test_a_promise_says_what_is_wrong_and_what_to_do(table: str, name: str) -> None:
    promise = PROMISES[table, name]
    with (PROJECT_ROOT / "seeds/reference/finding_rules.csv").open(encoding="utf-8", newline="") as file:
        rules = {row["rule_id"] for row in csv.DictReader(file)}
    assert promise["severity"] in ("critical", "warning")
    assert promise["meta"]["rule_id"] in rules
    assert promise["meta"]["message"].endswith(".")
    assert promise["meta"]["suggestion"].endswith(".")


@pytest.mark.parametrize(("table", "name"), PROMISES, ids=lambda part: part)
def test_a_broken_promise_is_found_and_named(table: str, name: str, events: dict[str, Event]) -> None:
    promise, event, broken = PROMISES[table, name], events[f"{table}.{name}"], BREAKS[table, name]
    is_critical = promise["severity"] == "critical"
    assert event.outcome == (QUARANTINED if is_critical else "accepted")
    assert [problem["message"] for problem in event.problems] == [promise["meta"]["message"]] * len(broken)
    for problem, cell in zip(event.problems, broken, strict=True):
        assert problem["rule_id"] == promise["meta"]["rule_id"]
        assert (problem["sheet"], problem["row"], problem["cell"]) == (
            cell.source_sheet,
            cell.source_row,
            cell.source_cell,
        )
        assert problem["value"] == cell.cell_text[:200]
    failed = {check["expectation"]: check["failed"] for check in event.checks if check["failed"]}
    assert failed == {name: len(broken)}
    assert all(check["evaluated"] == len(broken) for check in event.checks)


@pytest.mark.parametrize("name", KEPT)
def test_what_is_allowed_is_not_remarked_on(name: str, events: dict[str, Event]) -> None:
    assert events[name].problems == []
    assert events[name].outcome == "accepted"


def test_the_promises_of_a_collation_name_the_figures_and_fields_of_the_card() -> None:
    layout = load_card("council_returns").layouts[0]
    for table in COLLATION_TABLES:
        figures = [
            figure
            for figure in layout.figures
            if figure.landed_table == table
            or (table == TOTALS_TABLE and figure.landed_table in ("council_workforce", "council_pipeline"))
        ]
        promised = PROMISES[table, "figure_is_one_of_this_table"]["kwargs"]["value_set"]
        assert set(promised) == {figure.figure for figure in figures}
        promised = PROMISES[table, "field_is_known"]["kwargs"]["value_set"]
        assert set(promised) == {field for figure in figures for field in figure.value_fields}


@pytest.mark.parametrize("table", PUBLISHED_TABLES)
def test_the_promises_of_a_survey_name_the_tables_and_fields_of_the_card(table: str) -> None:
    figures = load_card(table).layouts[0].figures
    promised = PROMISES[table, "figure_is_one_of_this_table"]["kwargs"]["value_set"]
    assert set(promised) == {figure.figure for figure in figures}
    promised = PROMISES[table, "field_is_known"]["kwargs"]["value_set"]
    assert set(promised) == {field for figure in figures for field in figure.value_fields}


def fields_of(part: Part) -> set[str]:
    asked = part.questions if part.shape == "answers" else part.columns
    return {entry.field for entry in asked}


@pytest.mark.parametrize("table", return_layout().landed_tables)
def test_the_promises_of_a_return_name_the_parts_and_fields_of_the_layout(table: str) -> None:
    parts = [part for part in return_layout().parts if part.landed_table == table]
    assert set(PROMISES[table, "part_is_one_of_this_table"]["kwargs"]["value_set"]) == {part.part for part in parts}
    assert set(PROMISES[table, "field_is_known"]["kwargs"]["value_set"]) == set().union(*map(fields_of, parts))


def test_the_promises_of_the_totals_of_returns_name_parts_and_fields_that_are_summed() -> None:
    parts = PROMISES["return_totals", "part_is_one_of_this_table"]["kwargs"]["value_set"]
    fields = set(PROMISES["return_totals", "field_is_known"]["kwargs"]["value_set"])
    assert fields <= set().union(*(fields_of(return_layout().part(part)) for part in parts))
    assert {part.part for part in return_layout().parts if fields & fields_of(part)} == set(parts)


# Both ways of checking.

BOTH = pytest.mark.parametrize("run", [expecting.check, expecting.check_lightly])
Run = Callable[[str, pl.DataFrame], list[expecting.Outcome]]


def landed_rows(submissions: dict[str, list[LandedCell]]) -> pl.DataFrame:
    return pl.concat(cells_frame(name, "council_returns", f"{name}.csv", cells) for name, cells in submissions.items())


@pytest.mark.parametrize("whole", [*WHOLE, *PUBLISHED, *RETURNED], ids=lambda cell: cell.landed_table)
def test_both_ways_find_the_same_in_what_breaks_every_promise(whole: LandedCell) -> None:
    table = whole.landed_table
    submissions = {name: broken for (of_table, name), broken in BREAKS.items() if of_table == table}
    landed = landed_rows({"whole": [whole], **submissions})
    lightly = expecting.check_lightly(table, landed)
    assert lightly == expecting.check(table, landed)
    assert [outcome.expectation for outcome in lightly] == [name for of_table, name in PROMISES if of_table == table]
    for outcome in lightly:
        assert {name for name, _ in outcome.broken} == {outcome.expectation}
        assert len(outcome.broken) == len(submissions[outcome.expectation])


@BOTH
@pytest.mark.parametrize("table", CELL_TABLES)
def test_neither_way_finds_anything_in_what_breaks_no_promise(table: str, run: Run) -> None:
    kept = {name: [cell] for name, cell in KEPT.items() if cell.landed_table == table}
    outcomes = run(table, landed_rows(kept))
    assert outcomes
    assert [outcome.expectation for outcome in outcomes if outcome.broken] == []


PAY_WORDS = r"^\s*$|\d|^(?i:n/?a|none|\?)$|^[A-Za-z ]+$"
EVERY_KIND: list[tuple[str, dict[str, Any], str]] = [
    ("expect_column_values_to_be_in_set", {"column": "figure", "value_set": ["Figure 18", "", "é"]}, ""),
    ("expect_column_values_to_be_in_set", {"column": "cell_text", "value_set": ["?", "nan"]}, 'field=="headcount"'),
    ("expect_column_values_to_be_between", {"column": "source_row", "min_value": 3}, 'field=="headcount"'),
    ("expect_column_values_to_be_between", {"column": "source_row", "max_value": 7}, ""),
    ("expect_column_values_to_be_between", {"column": "source_row", "min_value": 2, "max_value": 6.5}, ""),
    ("expect_column_value_lengths_to_be_between", {"column": "cell_text", "min_value": 1}, ""),
    ("expect_column_value_lengths_to_be_between", {"column": "cell_text", "max_value": 2}, 'field != "scale"'),
    ("expect_column_value_lengths_to_be_between", {"column": "figure", "min_value": 1, "max_value": 3}, ""),
    ("expect_column_values_to_match_regex", {"column": "cell_text", "regex": PAY_WORDS}, 'field!="scale"'),
    ("expect_column_values_to_match_regex", {"column": "figure", "regex": r"^[A-Za-z ]+$"}, ""),
    ("expect_column_values_to_match_regex", {"column": "figure", "regex": r"(?i:kelvin|s)|\w\d"}, ""),
    ("expect_column_values_to_not_be_null", {"column": "cell_text"}, ""),
    ("expect_column_values_to_not_be_null", {"column": "figure"}, 'council_as_written==""'),
    ("expect_compound_columns_to_be_unique", {"column_list": ["submission_id", "figure", "field"]}, ""),
    ("expect_compound_columns_to_be_unique", {"column_list": ["figure", "cell_text"]}, 'field!="scale"'),
]


def suite_of_every_kind(table: str) -> dict[str, Any]:
    return {
        "name": table,
        "expectations": [
            {
                "type": kind,
                "kwargs": details | ({"row_condition": condition, "condition_parser": "pandas"} if condition else {}),
                "severity": "warning",
                "meta": {"name": f"promise {number}", "rule_id": "rule", "message": "Wrong.", "suggestion": "Mend."},
            }
            for number, (kind, details, condition) in enumerate(EVERY_KIND)
        ],
    }


# Where ways of reading text differ: nothing at all, line ends, digits and spaces of other scripts, letters that fold.
TEXTS = st.text(max_size=4) | st.sampled_from(
    (
        *(
            None,
            "",
            " ",
            "scale",
            "headcount",
            "Figure 18",
            "é",
            "A b",
            "xxx",
            "n/a",
            "NONE",
            "?",
            "nan",
            "None",
            "<NA>",
        ),
        *("?\n", "abc\n", "a\nb", "\x0b", "\u2028", "\u00a0", "\u0663", "a\u0663", "kelvin", "\u212aelvin", "\u017f"),
    )
)
SCHEMA = cells_frame("", "", "", []).schema
ROWS = st.fixed_dictionaries(
    {name: TEXTS for name, kind in SCHEMA.items() if kind == pl.String}
    | {"submission_id": st.sampled_from(["a", "b"]), "source_row": st.integers(1, 9)}
)
BLANK = dict.fromkeys(SCHEMA, None) | {"submission_id": "a", "source_row": 1}


# A failure is shown as it was met: making it smaller would run Great Expectations some hundred times.
@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@example([BLANK, BLANK])
@given(st.lists(ROWS, min_size=1, max_size=12))
def test_both_ways_find_the_same_in_whatever_is_landed(rows: list[dict[str, Any]]) -> None:
    landed = pl.DataFrame(rows, schema=SCHEMA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expecting, "suite_of", suite_of_every_kind)
        assert expecting.check_lightly("any", landed) == expecting.check("any", landed)


def test_every_kind_of_expectation_in_the_suites_is_compared() -> None:
    assert {expectation["type"] for _, expectation in suites()} <= {kind for kind, _, _ in EVERY_KIND}


def one_expectation(**changes: Any) -> dict[str, Any]:
    suite = expecting.suite_of("council_workforce")
    suite["expectations"] = [suite["expectations"][0] | changes]
    return suite


@BOTH
def test_a_check_that_could_not_run_has_not_passed(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    suite = one_expectation(kwargs={"column": "no_such_column", "value_set": ["a"]})
    monkeypatch.setattr(expecting, "suite_of", lambda table: suite)
    with pytest.raises(RuntimeError, match="council_workforce: expect_column_values_to_be_in_set could not be run"):
        run("council_workforce", landed_rows({"a": [CELL]}))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "figure", "type_": "str"}},
        {"kwargs": {"column": "figure", "value_set": ["a"], "mostly": 0.5}},
        {"kwargs": {"column": "figure", "value_set": ["a"], "row_condition": "field>1", "condition_parser": "pandas"}},
        {
            "kwargs": {
                "column": "figure",
                "value_set": ["a"],
                "row_condition": 'field=="a"',
                "condition_parser": "spark",
            }
        },
        {"type": "expect_column_value_lengths_to_be_between", "kwargs": {"column": "figure"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "source_row"}},
    ],
    ids=["kind", "share of rows", "form of condition", "parser of condition", "no length", "no bound"],
)
def test_what_only_great_expectations_knows_is_refused_and_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    suite = one_expectation(**changes)
    monkeypatch.setattr(expecting, "suite_of", lambda table: suite)
    with pytest.raises(RuntimeError, match="could not be run"):
        expecting.check_lightly("council_workforce", landed_rows({"a": [CELL]}))
