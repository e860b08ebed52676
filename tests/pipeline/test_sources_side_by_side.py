"""Three sources that count some of the same staff: the way from one to the next, and who counts where.

The files come from `ahp synth`, which knows what it invented; nothing here is worked out from what was landed.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.home import DBT_PROJECT, Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.store import now

# What the truth calls a step, and what the bridge does.
STEPS = {
    "council_return": "council_return",
    "employed by the NHS": "employed_by_the_nhs",
    "managers and principals": "managers_and_principals",
    "assessors": "assessors",
    "children's services": "childrens_services",
    "agency": "agency",
    "unexplained": "unexplained",
    "skills_for_care: permanent and temporary workers of roles 15, 17 and 36": "skills_for_care",
}
BALANCE = "each_pair_of_the_overlap_ledger_balances"
LEADS_ON = "the_steps_of_the_source_bridge_lead_from_one_total_to_the_next"


@dataclass(frozen=True)
class SideBySide:
    """The invented inputs of one care system, and the tables the rules make of them."""

    inputs: Path
    tables: duckdb.DuckDBPyConnection

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.inputs / "truth.json").read_text(encoding="utf-8"))
        return told

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.tables.execute(query).fetchall()

    def broken(self, test: str) -> list[tuple[Any, ...]]:
        """The rows that break one of dbt's tests, run on these tables."""
        text = (DBT_PROJECT / "tests" / f"{test}.sql").read_text(encoding="utf-8")
        return self.ask(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"marts.\1", text))


@pytest.fixture(scope="module")
def store(invented_inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything of one day, landed together; earlier extracts say nothing of it."""
    home = Home(tmp_path_factory.mktemp("side_by_side") / "home")
    day = max(row["as_at_date"] for row in _rows(invented_inputs / "truth" / "source_bridge.csv"))
    told = json.loads((invented_inputs / "truth.json").read_text(encoding="utf-8"))
    for file in told["files"]:
        if file["as_at_date"] == day and "bulk_upload" not in file["path"]:
            place = home.own_landing / file["path"]
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(invented_inputs / "landing" / file["path"], place)
    landing = land(home, expectations=check_lightly)
    assert not landing.refused
    assert len({event.source for event in landing.accepted}) == 3
    return home.store


@pytest.fixture(scope="module")
def side_by_side(store: Path, invented_inputs: Path) -> Iterator[SideBySide]:
    wanted = ["marts.source_bridge", "marts.overlap_ledger", "marts.fct_workforce", "quality.findings"]
    with run_rules(store, wanted, now()) as tables:
        yield SideBySide(invented_inputs, tables)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_step_from_a_return_to_skills_for_care_is_as_large_as_in_truth(side_by_side: SideBySide) -> None:
    true = {
        (row["council_code"], date.fromisoformat(row["as_at_date"]), STEPS[row["step"]]): int(row["headcount"])
        for row in _rows(side_by_side.inputs / "truth" / "source_bridge.csv")
    }
    found = {
        (code, day, step): int(value)
        for code, day, step, value in side_by_side.ask(
            "select geography_code, as_at_date, step, value from marts.source_bridge "
            "where geography_type = 'council' and measure = 'headcount'"
        )
    }
    assert len({code for code, _, _ in true}) > 1
    assert {key: found[key] for key in true} == true
    # What the truth has no step for explains nothing.
    assert {found[code, day, step] for code, day, _ in true for step in ("seniors", "date")} == {0}


def test_therapists_and_vacant_fte_of_each_council_are_as_in_truth(side_by_side: SideBySide) -> None:
    truth = side_by_side.inputs / "truth"
    returned = _rows(truth / "council_returns.csv")
    day = max(row["as_at_date"] for row in returned)
    true: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in returned:
        true[row["council_code"], "vacancies", "council_return"] += Decimal(row["fte_vacant"])
    councils = {code for code, _, _ in true}
    for row in _rows(truth / "asc_wds_headcount.csv"):
        counts = (
            row["as_at_date"] == day
            and row["employer"] == "council"
            and row["employment_status_code"] in ("190", "191")
        )
        step = {"15": "skills_for_care_occupational_therapists", "17": "other_ahps", "36": "therapy_assistants"}.get(
            row["job_role_code"]
        )
        if counts and step and row["council_code"] in councils:
            people = int(row["workers"])
            true[row["council_code"], "headcount", step] += people if row["job_role_code"] == "15" else -people
    found = {
        (code, measure, step): value
        for code, measure, step, value in side_by_side.ask(
            "select geography_code, measure, step, value from marts.source_bridge where geography_type = 'council'"
        )
    }
    assert len(true) == 4 * len(councils)
    assert {key: found[key] for key in true} == dict(true)


def test_a_care_system_is_the_sum_of_its_councils_and_ends_with_what_its_trusts_count(side_by_side: SideBySide) -> None:
    councils = dict(
        side_by_side.ask(
            "select step, sum(value) from marts.source_bridge "
            "where geography_type = 'council' and measure = 'headcount' group by step"
        )
    )
    system = dict(
        side_by_side.ask(
            "select step, value from marts.source_bridge where geography_type = 'ics' and measure = 'headcount'"
        )
    )
    assert {step: system[step] for step in councils} == councils
    day = max(row["as_at_date"] for row in _rows(side_by_side.inputs / "truth" / "source_bridge.csv"))
    in_trusts = sum(
        int(row["people"])
        for row in _rows(side_by_side.inputs / "truth" / "esr_edi.csv")
        if row["as_at_date"] == day
        and row["population"] == "allied_health_in_post"
        and row["characteristic"] == "sex"
        and row["organisation_code"] in _trusts_of_the_system(side_by_side)
    )
    assert system["nhs_extracts"] == in_trusts > 0


def _trusts_of_the_system(side_by_side: SideBySide) -> set[str]:
    return {
        code
        for (code,) in side_by_side.ask(
            "select distinct organisation_code from marts.fct_workforce where source = 'esr'"
        )
    }


def test_who_counts_where_is_as_in_truth_and_nobody_counts_twice(side_by_side: SideBySide) -> None:
    ledger = {
        (council, trust, entry): people
        for council, trust, entry, people in side_by_side.ask(
            "select council_code, nhs_organisation_code, entry, people from marts.overlap_ledger"
        )
    }
    overlaps = side_by_side.told["overlaps"]
    assert {(council, trust) for council, trust, _ in ledger} == {
        (overlap["council_code"], overlap["organisation_code"]) for overlap in overlaps
    }
    for overlap in overlaps:
        pair = overlap["council_code"], overlap["organisation_code"]
        paid_by_council = min(overlap["people_in_extract"], overlap["people_in_return"])
        assert {entry: people for (*other, entry), people in ledger.items() if tuple(other) == pair} == {
            "in_return": overlap["people_in_return"] + overlap["secondees"],
            "in_extract": overlap["people_in_extract"] + overlap["secondees"],
            "counted_by_council": -paid_by_council,
            "left_out_of_nhs": -paid_by_council,
            "counted_by_nhs": -overlap["secondees"],
            "left_out_of_council": -overlap["secondees"],
            "unmatched_in_return": paid_by_council - overlap["people_in_return"],
            "unmatched_in_extract": paid_by_council - overlap["people_in_extract"],
        }


def test_only_staff_who_do_not_agree_on_both_sides_are_a_warning(side_by_side: SideBySide) -> None:
    found = side_by_side.ask(
        "select organisation_name, severity from quality.findings where rule_id = 'overlap_nhs_employed' order by all"
    )
    assert found == sorted(
        (overlap["council"], "info" if overlap["people_in_extract"] == overlap["people_in_return"] else "warning")
        for overlap in side_by_side.told["overlaps"]
    )


def test_a_difference_below_the_share_that_is_stated_is_no_finding(side_by_side: SideBySide) -> None:
    assert side_by_side.ask("select * from quality.findings where rule_id = 'sources_differ'") == []
    unexplained = side_by_side.ask(
        "select max(abs(value)) from marts.source_bridge where step = 'unexplained' and geography_type = 'council'"
    )
    assert unexplained[0][0] == 3


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        (BALANCE, "update marts.overlap_ledger set people = people + 1 where entry = 'counted_by_nhs'"),
        (BALANCE, "delete from marts.overlap_ledger where entry = 'left_out_of_nhs'"),
        (LEADS_ON, "update marts.source_bridge set value = value + 1 where step = 'agency'"),
        (LEADS_ON, "update marts.source_bridge set value = value - 1 where step = 'nhs_extracts'"),
    ],
)
def test_a_ledger_that_does_not_balance_and_steps_that_do_not_add_up_stop_the_night(
    side_by_side: SideBySide, test: str, fault: str
) -> None:
    assert side_by_side.broken(test) == []
    side_by_side.tables.execute("begin")
    side_by_side.tables.execute(fault)
    try:
        assert side_by_side.broken(test)
    finally:
        # The tables are those of all tests here.
        side_by_side.tables.execute("rollback")
