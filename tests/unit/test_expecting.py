"""The publisher's promises: each is broken on purpose once, in a file that breaks nothing else."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.sources import expecting, landing
from dagster_project.sources.catalogue import SourceCard, load_card
from dagster_project.sources.landing import land
from dagster_project.sources.opening import Sheet
from dagster_project.sources.reading import TOTALS_TABLE, LandedCell, Reading
from dagster_project.sources.store import CELL_TABLES, QUARANTINED, Event, cells_frame

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
# A council with two pay scales has two rows, and a total row names its region in place of a council.
for not_promised in (("council_pay", "council_stands_once_in_a_figure"), ("council_totals", "council_is_named")):
    del BREAKS[not_promised]
# A long answer is no known answer either.
BREAKS["council_leadership", "cell_is_not_a_paragraph"] = [
    replace(LEADERSHIP, field="name_as_printed", cell_text="a" * 161)
]
KEPT: dict[str, LandedCell] = {
    "whole": CELL,
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
    assert {path.stem for path in expecting.SUITES_FOLDER.glob("*")} == set(CELL_TABLES)
    for table in CELL_TABLES:
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


def test_the_promises_name_the_figures_and_fields_of_the_card() -> None:
    layout = load_card("council_returns").layouts[0]
    for table in CELL_TABLES:
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


def test_a_check_that_could_not_run_has_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = expecting.suite_of("council_workforce")
    suite["expectations"] = [suite["expectations"][0]]
    suite["expectations"][0]["kwargs"]["column"] = "no_such_column"
    monkeypatch.setattr(expecting, "suite_of", lambda table: suite)
    with pytest.raises(RuntimeError, match="council_workforce: expect_column_values_to_be_in_set could not be run"):
        expecting.check("council_workforce", cells_frame("a", "council_returns", "a.csv", [CELL]))
