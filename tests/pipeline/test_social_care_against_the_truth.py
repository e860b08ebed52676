"""Invented worker records of social care, landed and judged by the warehouse's own rules, against what is true of them.

The files come from `ahp synth`, which knows what it invented; nothing here is worked out from what was landed. The
extracts are judged in one home, and the bulk upload of one council in another, since an extract stands before it.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.store import now

TABLES = (
    "marts.fct_workforce",
    "marts.fct_social_care_posts",
    "marts.workforce_movement",
    "quality.edi_completeness",
    "quality.findings",
    "quality.submissions",
    "intermediate.int_asc_wds__workers",
    "intermediate.int_submissions__rows_accounted",
)
SOURCE = "skills_for_care"
# Job roles of the data set that are AHPs, as its published list names them.
ROLES = {
    "15": ("occupational_therapy", "registered"),
    "17": ("generic_therapy", "registered"),
    "36": ("occupational_therapy", "non_registered"),
}
KINDS = ("valid", "prefer_not_to_say", "not_known", "not_recorded", "invalid")
CLEAN_COUNCIL = "E06000015"
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Judged:
    """What a landing of invented files did, and the tables the rules make of it."""

    inputs: Path
    landing: Landing
    tables: duckdb.DuckDBPyConnection

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.inputs / "truth.json").read_text(encoding="utf-8"))
        return told

    def true(self, table: str) -> list[dict[str, str]]:
        with (self.inputs / "truth" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def ask(self, query: str) -> set[tuple[Any, ...]]:
        rows = self.tables.execute(query).fetchall()
        assert len(set(rows)) == len(rows)
        return set(rows)


def _judged(inputs: Path, home: Home, below: str) -> Iterator[Judged]:
    shutil.copytree(inputs / "landing" / SOURCE / below, home.own_landing / SOURCE / below)
    landing = land(home, expectations=check_lightly)
    with run_rules(home.store, TABLES, now()) as tables:
        yield Judged(inputs, landing, tables)


@pytest.fixture(scope="module")
def extracts(invented_inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    yield from _judged(invented_inputs, Home(tmp_path_factory.mktemp("extracts")), "domain=ASCWDS")


@pytest.fixture(scope="module")
def upload(invented_inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    yield from _judged(invented_inputs, Home(tmp_path_factory.mktemp("upload")), "bulk_upload")


def people_and_fte(true: list[dict[str, str]]) -> set[tuple[Any, ...]]:
    """What the public table must hold of some rows of truth, which are by job role and employment status."""
    workers: Counter[tuple[str, ...]] = Counter()
    hours: defaultdict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in true:
        if row["job_role_code"] in ROLES:
            key = (row["council_code"], row["as_at_date"], row["employer"], *ROLES[row["job_role_code"]])
            workers[key] += int(row["workers"])
            hours[key] += Decimal(row["hours_up_to_37"])
    return {(*key, count, (hours[key] / 37).quantize(FOUR_PLACES, ROUND_HALF_UP)) for key, count in workers.items()}


# The truth counts everybody who is not employed by a council as one.
RELEASED = """
    select
        organisation_code, cast(as_at_date as varchar), if(employer = 'council', 'council', 'independent') as runs,
        profession, registration, sum(headcount), sum(fte)
    from marts.fct_workforce where source = 'skills_for_care'
    group by all
"""
COMPLETENESS = f"""
    select
        organisation_code, cast(as_at_date as varchar), if(employer = 'council', 'council', 'independent') as runs,
        characteristic, sum(n), {", ".join(f"coalesce(sum({kind}), 0)" for kind in KINDS)}, sum(not_asked)
    from quality.edi_completeness where source = 'skills_for_care' and is_all_role_groups
    group by all
"""


def answers(true: list[dict[str, str]]) -> set[tuple[Any, ...]]:
    return {
        (
            row["council_code"],
            row["as_at_date"],
            row["employer"],
            row["characteristic"],
            *(int(row[kind]) for kind in ("people", *KINDS, "not_asked")),
        )
        for row in true
        if row["population"] == "allied_health"
    }


def test_every_worker_that_was_invented_is_landed_or_counted_as_out_of_scope(extracts: Judged) -> None:
    assert extracts.landing.refused == []
    assert [event.problems for event in extracts.landing.accepted if event.problems] == []
    invented = {
        file["path"]: file["rows"]
        for file in extracts.told["files"]
        if file["source"] == SOURCE and "domain=ASCWDS" in file["path"]
    }
    assert {
        event.source_file: sum(event.rows.values()) + event.rows_out_of_scope for event in extracts.landing.accepted
    } == invented
    assert extracts.ask("""
        select
            sum(rows_landed),
            sum(rows_published + rows_superseded + rows_held_back + rows_out_of_scope)
        from intermediate.int_submissions__rows_accounted
    """) == {(sum(invented.values()),) * 2}
    assert extracts.ask("select distinct status from quality.submissions") == {("accepted",)}


def test_people_and_fte_are_the_true_ones(extracts: Judged) -> None:
    true = people_and_fte(extracts.true("asc_wds_headcount"))
    assert len(true) > 40
    assert extracts.ask(RELEASED) == true


def test_permanent_and_other_fte_are_the_true_ones_of_a_council_without_faults(extracts: Judged) -> None:
    true: defaultdict[tuple[str, bool], Decimal] = defaultdict(Decimal)
    for row in extracts.true("asc_wds_headcount"):
        if (row["council_code"], row["employer"], row["job_role_code"]) == (CLEAN_COUNCIL, "council", "15"):
            true[row["as_at_date"], row["employment_status_code"] == "190"] += Decimal(row["hours_up_to_37"])
    assert extracts.ask(f"""
        select cast(as_at_date as varchar), fte_permanent, fte_temporary
        from marts.fct_workforce
        where
            organisation_code = '{CLEAN_COUNCIL}' and employer = 'council' and registration = 'registered'
            and profession = 'occupational_therapy'
    """) == {
        (day, *((true[day, part] / 37).quantize(FOUR_PLACES, ROUND_HALF_UP) for part in (True, False)))
        for day in {day for day, _ in true}
    }


def test_completeness_of_every_characteristic_is_exact_to_the_record(extracts: Judged) -> None:
    true = answers(extracts.true("asc_wds_edi"))
    assert len(true) > 150
    assert extracts.ask(COMPLETENESS) == true


def test_people_who_answered_everything_are_counted_and_answers_are_as_old_as_they_are(extracts: Judged) -> None:
    def of_enough(table: str) -> list[dict[str, str]]:
        return [row for row in extracts.true(table) if row["population"] == "allied_health" and group(row) in enough]

    def group(row: dict[str, str]) -> tuple[str, ...]:
        return row["council_code"], row["as_at_date"], row["employer"]

    # Of fewer than ten people neither is shown; who is not employed by a council is divided further than the truth is.
    enough = {
        group(row)
        for row in extracts.true("asc_wds_edi_people")
        if row["population"] == "allied_health" and int(row["people"]) >= 10 and row["employer"] == "council"
    }
    complete = {
        (*group(row), int(row["people"]), int(row["person_complete"])) for row in of_enough("asc_wds_edi_people")
    }
    assert len(complete) >= 10
    assert any(people != whole for *_, people, whole in complete)
    assert complete == extracts.ask("""
        select distinct organisation_code, cast(as_at_date as varchar), employer, n, person_complete
        from quality.edi_completeness
        where source = 'skills_for_care' and employer = 'council' and is_all_role_groups and n >= 10
    """)
    # An answer whose day cannot be right makes the age of all of them a least one.
    ages = {
        (
            *group(row),
            row["characteristic"],
            *((float(row["median_days"]), "dated") if is_dated else (None, "at_least")),
        )
        for row in of_enough("asc_wds_edi_ages")
        for is_dated in [row["saved_after_the_day"] == "0"]
    }
    assert {status for *_, status in ages} == {"dated", "at_least"}
    assert len(ages) >= 50
    assert ages == extracts.ask("""
        select
            organisation_code, cast(as_at_date as varchar), employer, characteristic,
            if(answer_age_status = 'dated', answer_age_days, null), answer_age_status
        from quality.edi_completeness
        where
            source = 'skills_for_care' and employer = 'council' and is_all_role_groups and n >= 10
            and answer_age_status <> 'not_asked'
    """)


def test_vacancies_are_the_true_ones(extracts: Judged) -> None:
    true = {
        (
            row["council_code"],
            row["as_at_date"],
            row["employer"],
            int(row["workplaces"]),
            int(row["vacancies"]),
            int(row["vacancies_of_occupational_therapists"]),
        )
        for row in extracts.true("asc_wds_vacancies")
    }
    assert (
        extracts.ask("""
        select
            organisation_code, cast(as_at_date as varchar), if(employer = 'council', 'council', 'independent') as runs,
            sum(workplaces) filter (job_role_code is null), sum(posts_vacant) filter (job_role_code is null),
            sum(posts_vacant) filter (job_role_code = '15')
        from marts.fct_social_care_posts
        group by all
    """)
        == true
    )


def test_who_came_and_went_is_exact_for_the_councils_own_staff_and_for_others_in_its_area(extracts: Judged) -> None:
    """The truth tells workers apart by the number of their record, the warehouse by the person; here nobody changes
    employer, so both say the same. The truth counts everybody who is not employed by a council as one.
    """
    true = {
        (
            row["council_code"],
            row["employer"],
            row["earlier_extract"],
            row["later_extract"],
            *(int(row[count]) for count in ("joiners", "leavers", "stayers")),
        )
        for row in extracts.true("asc_wds_movements")
        if row["population"] == "allied_health"
    }
    assert len(true) == 15
    assert {employer for _, employer, *_ in true} == {"council", "independent"}
    assert sum(leavers for *_, leavers, _ in true) > 10
    assert true == extracts.ask("""
        select
            organisation_code, if(employer = 'council', 'council', 'independent') as runs, cast(from_date as varchar),
            cast(to_date as varchar), sum(joiners), sum(leavers), sum(stayers)
        from marts.workforce_movement where source = 'skills_for_care'
        group by all
    """)
    # Everybody who goes leaves the system, nobody's extract is missing, and changes of role cannot be known.
    assert extracts.ask("""
        select distinct
            leavers_from_the_system = leavers, is_gap, organisations_missing, moved_to_other_roles,
            moved_from_other_roles
        from marts.workforce_movement
    """) == {(True, False, 0, None, None)}


def test_the_bulk_upload_gives_the_same_people_fte_and_answers_as_the_extract(upload: Judged) -> None:
    assert upload.landing.refused == []
    day = max(row["as_at_date"] for row in upload.true("asc_wds_headcount"))

    def own(table: str) -> list[dict[str, str]]:
        return [
            row
            for row in upload.true(table)
            if (row["council_code"], row["as_at_date"], row["employer"]) == (CLEAN_COUNCIL, day, "council")
        ]

    people = people_and_fte(own("asc_wds_headcount"))
    assert len(people) == 3
    assert upload.ask(RELEASED) == people
    assert upload.ask(COMPLETENESS) == answers(own("asc_wds_edi"))
    assert upload.ask("select rule_id from quality.findings") == set()


# What was planted, who must say so and of which field.
FOUND_BY = {
    "edi_blank_block": {("edi_incomplete", "race")},
    "edi_not_known_block": {("edi_incomplete", "disability")},
    "edi_default_value": {("edi_default_value", "sex")},
    # Answers that are gone are missing too.
    "edi_overwritten": {("edi_overwritten", "nationality"), ("edi_incomplete", "nationality")},
    "unknown_code_status": {("unknown_code", "employment_status")},
    "unknown_code_job_role": {("unknown_code", "main_job_role")},
}
# Too few among all answers to make a finding of their own, or no fault at all; what they come to is counted above.
COUNTED_ONLY = {"unknown_code_ethnicity", "birth_date_missing", "retired_code_job_role"}


def planted(judged: Judged) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for fault in judged.told["faults"]:
        if fault["source"] == SOURCE:
            found.setdefault(fault["kind"], set()).update(
                (fault["organisation_code"], day) for day in fault["as_at_dates"]
            )
    return found


def test_every_kind_of_planted_fault_is_looked_at(extracts: Judged) -> None:
    assert planted(extracts).keys() == FOUND_BY.keys() | COUNTED_ONLY


def test_findings_name_every_planted_fault_by_rule_organisation_day_and_field_and_nothing_else(
    extracts: Judged,
) -> None:
    expected = {
        (rule, council, day, field)
        for kind, places in planted(extracts).items()
        for rule, field in FOUND_BY.get(kind, ())
        for council, day in places
    }
    assert len(expected) > 20
    found = extracts.tables.execute(f"""
        select distinct rule_id, organisation_code, cast(as_at_date as varchar), field
        from quality.findings where source = '{SOURCE}'
    """).fetchall()
    assert expected == set(found)
    assert CLEAN_COUNCIL not in {council for _, council, *_ in found}


def test_workers_whose_job_role_is_not_known_are_held_back_and_not_lost(extracts: Judged) -> None:
    lines = {
        (row["as_at_date"], int(row["line"]))
        for row in extracts.true("planted_rows")
        if row["kind"] == "unknown_code_job_role"
    }
    assert lines
    assert lines == extracts.ask("""
        select cast(as_at_date as varchar), source_row
        from intermediate.int_asc_wds__workers
        where not is_known_job_role
    """)


def test_files_with_something_wrong_do_what_the_truth_says(invented_inputs: Path, tmp_path: Path) -> None:
    told = json.loads((invented_inputs / "truth.json").read_text(encoding="utf-8"))
    faulty = [file for file in told["faulty_files"] if file["source"] == SOURCE]
    assert faulty
    home = Home(tmp_path / "home")
    for file in faulty:
        target = home.own_landing / SOURCE / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(invented_inputs / file["path"], target)
    landing = land(home, expectations=check_lightly)
    assert {file["must"] for file in faulty} == {"refused"}
    assert len(landing.refused) == len(faulty)
    assert landing.accepted == []
