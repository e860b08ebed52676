"""Invented extracts of staff in post, landed and judged by the warehouse's own rules, against what is true of them.

The extracts come from `ahp synth`, which knows what it invented; nothing here is worked out from what was landed.
"""

from __future__ import annotations

import csv
import json
import shutil
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
    "marts.workforce_movement",
    "marts.workforce_turnover",
    "quality.edi_completeness",
    "quality.edi_shares",
    "quality.findings",
    "intermediate.int_esr__assignments",
    "intermediate.int_submissions__rows_accounted",
)
UNKNOWN_ORGANISATION = "XZZ"
IN_POST = "allied_health_in_post"
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Judged:
    """The invented inputs, what their landing did, and the tables the rules make of it."""

    inputs: Path
    landing: Landing
    tables: duckdb.DuckDBPyConnection

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.inputs / "truth.json").read_text(encoding="utf-8"))
        return told

    def true(self, table: str, **chosen: str) -> list[dict[str, str]]:
        """Rows of a table of truth, but for the organisation that nobody knows."""
        with (self.inputs / "truth" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return [
                row
                for row in csv.DictReader(file)
                if row["organisation_code"] != UNKNOWN_ORGANISATION
                and all(row[name] == value for name, value in chosen.items())
            ]

    def ask(self, query: str) -> set[tuple[Any, ...]]:
        return set(self.tables.execute(query).fetchall())


@pytest.fixture(scope="module")
def judged(invented_inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    home = Home(tmp_path_factory.mktemp("home"))
    shutil.copytree(invented_inputs / "landing" / "esr", home.own_landing / "esr")
    landing = land(home, expectations=check_lightly)
    with run_rules(home.store, TABLES, now()) as tables:
        yield Judged(invented_inputs, landing, tables)


def test_every_row_that_was_invented_is_landed_and_accounted_for(judged: Judged) -> None:
    invented = sum(file["rows"] for file in judged.told["files"] if file["source"] == "esr")
    assert judged.landing.rows["esr_assignments"] == invented
    assert not judged.landing.refused
    assert all(not event.rows_refused for event in judged.landing.accepted)
    ((landed, gone),) = judged.ask("""
        select
            sum(rows_landed),
            sum(rows_published + rows_superseded + rows_held_back + rows_out_of_scope)
        from intermediate.int_submissions__rows_accounted
    """)
    assert landed == gone == invented


def test_people_and_fte_of_every_profession_are_the_true_ones(judged: Judged) -> None:
    true = {
        (row["organisation_code"], row["as_at_date"], row["profession"], int(row["headcount"]), row["fte"])
        for row in judged.true("esr_headcount", population="in_post", counted_by="profession")
        if row["profession"] != "none"
    }
    assert len(true) > 200
    assert true == judged.ask("""
        select
            organisation_code, cast(as_at_date as varchar), profession, count(distinct person_key),
            cast(sum(fte) as varchar)
        from intermediate.int_esr__assignments
        where is_ahp and is_counted and is_known_organisation
        group by all
    """)


def test_the_public_table_holds_the_true_people_and_fte_of_every_role(judged: Judged) -> None:
    # Some job roles contradict the title; the words of the title decide then, and they are true.
    assert any(fault["kind"] == "miscoded_staff_group" for fault in judged.told["faults"])
    true = {
        (
            row["organisation_code"],
            row["as_at_date"],
            row["profession"],
            row["role_code"],
            int(row["headcount"]),
            Decimal(row["fte"]).quantize(FOUR_PLACES, ROUND_HALF_UP),
        )
        for row in judged.true("esr_headcount", population="in_post", counted_by="profession and role_code")
        if row["profession"] != "none"
    }
    released = judged.ask("""
        select organisation_code, cast(as_at_date as varchar), profession, role_code, headcount, fte
        from marts.fct_workforce where source = 'esr'
    """)
    assert len(true) > 500
    assert released == true


KINDS = ("valid", "prefer_not_to_say", "not_known", "not_recorded", "invalid", "not_asked")
COUNTED = "n, " + ", ".join(f"coalesce({kind}, 0)" for kind in KINDS)


def answers(row: dict[str, str]) -> tuple[Any, ...]:
    return (
        row["organisation_code"],
        row["as_at_date"],
        row["characteristic"],
        *(int(row[kind]) for kind in ("people", *KINDS)),
    )


def test_completeness_of_every_characteristic_is_exact_to_the_person(judged: Judged) -> None:
    true = {answers(row) for row in judged.true("esr_edi", population=IN_POST)}
    assert len(true) > 200
    assert len({characteristic for _, _, characteristic, *_ in true}) == 10
    assert true == judged.ask(f"""
        select organisation_code, cast(as_at_date as varchar), characteristic, {COUNTED}
        from quality.edi_completeness where source = 'esr' and is_all_role_groups
    """)


def test_completeness_is_exact_in_every_role_group_too(judged: Judged) -> None:
    groups = {"practitioner", "senior", "leadership", "non_registered", "none"}
    true = {
        (group, *answers(row)) for group in groups for row in judged.true("esr_edi", population=f"{IN_POST} {group}")
    }
    assert {group for group, *_ in true} == groups
    assert len(true) > 800
    assert true == judged.ask(f"""
        select coalesce(role_group, 'none'), organisation_code, cast(as_at_date as varchar), characteristic, {COUNTED}
        from quality.edi_completeness where source = 'esr' and not is_all_role_groups
    """)


def test_the_rate_of_lost_answers_is_that_of_the_people_who_had_given_one(judged: Judged) -> None:
    ((code, day),) = planted(judged)["edi_overwritten"]
    ((answered, lost, rate),) = judged.ask(f"""
        select answered_before, overwritten, round(overwritten_pct, 6)
        from quality.edi_completeness
        where
            source = 'esr' and is_all_role_groups and characteristic = 'religion_or_belief'
            and organisation_code = '{code}' and as_at_date = '{day}'
    """)
    # Three people in five are planted, of all who were there the month before, whatever they had answered.
    assert 0 < lost < answered
    assert rate == pytest.approx(60, abs=10)
    assert rate == round(100 * lost / answered, 6)
    first = min(row["as_at_date"] for row in judged.true("esr_edi"))
    assert judged.ask(f"""
        select distinct answered_before, overwritten_pct from quality.edi_completeness
        where source = 'esr' and as_at_date = '{first}' and characteristic = 'sex'
    """) == {(0, None)}


def test_people_who_answered_everything_and_the_score_are_exact(judged: Judged) -> None:
    complete = {
        (row["organisation_code"], row["as_at_date"]): (int(row["people"]), int(row["person_complete"]))
        for row in judged.true("esr_edi_people", population=IN_POST)
    }
    recorded: dict[tuple[str, str], list[float]] = {}
    for row in judged.true("esr_edi", population=IN_POST):
        # Nationality is a part of race.
        if int(row["not_asked"]) == 0 and row["characteristic"] != "nationality":
            share = (int(row["valid"]) + int(row["prefer_not_to_say"])) / int(row["people"])
            recorded.setdefault((row["organisation_code"], row["as_at_date"]), []).append(share)
    true = {(*key, *complete[key], round(100 * min(shares), 6)) for key, shares in recorded.items()}
    assert len(true) > 15
    assert any(people != whole for *_, people, whole, _ in true)
    assert true == judged.ask("""
        select distinct organisation_code, cast(as_at_date as varchar), n, person_complete, round(score_pct, 6)
        from quality.edi_completeness where source = 'esr' and is_all_role_groups
    """)


# Answers as the invented extracts write them, with the characteristic and the category that each of them is.
WRITTEN = {
    ("sex", "Female"): "female",
    ("sex", "Male"): "male",
    ("disability", "Yes"): "disabled",
    ("disability", "No"): "not_disabled",
}


def test_the_bounds_of_a_share_hold_the_true_one_and_no_small_count_is_shown(judged: Judged) -> None:
    latest = max(row["as_at_date"] for row in judged.true("esr_edi"))
    true = judged.true("esr_edi", population=IN_POST, as_at_date=latest)
    staff = {(row["organisation_code"], row["characteristic"]): (int(row["people"]), int(row["valid"])) for row in true}
    people = {
        (row["organisation_code"], row["characteristic"], WRITTEN[row["characteristic"], row["value"]]): int(
            row["people"]
        )
        for row in judged.true("esr_edi_answers", population=IN_POST, as_at_date=latest)
        if (row["characteristic"], row["value"]) in WRITTEN
    }
    shown = judged.ask(f"""
        select organisation_code, characteristic, category, share_lowest_pct, share_highest_pct
        from quality.edi_shares
        where characteristic in ('sex', 'disability') and share_lowest_pct is not null and as_at_date = '{latest}'
    """)
    assert len(shown) > 4
    for organisation, characteristic, category, lowest, highest in shown:
        counted = people[organisation, characteristic, category]
        everybody, valid = staff[organisation, characteristic]
        assert counted > 7
        assert lowest <= 100 * counted / everybody <= highest
        assert lowest >= 100 * (counted - 4) / everybody
        assert highest <= 100 * (counted + 4 + everybody - valid) / everybody


def test_nothing_hidden_can_be_worked_out_from_what_is_shown(judged: Judged) -> None:
    """Of every characteristic none or several answers are hidden, and together more people than one small count."""
    groups = judged.ask("""
        select
            organisation_code, characteristic, any_value(completeness.valid),
            count(*) filter (share_status = 'hidden'), sum(people_rounded), count(people_rounded)
        from quality.edi_shares
        inner join quality.edi_completeness as completeness
            using (source, organisation_code, characteristic, as_at_date)
        where source = 'esr' and completeness.is_all_role_groups
        group by all
    """)
    hiding = [group for group in groups if group[3]]
    assert hiding
    for *_, valid, hidden, rounded, shown in hiding:
        assert hidden >= 2
        # Each number shown is within two of the true one.
        assert valid - (rounded or 0) + 2 * shown > 7


def test_who_came_and_went_is_exact_and_a_missing_month_is_a_gap(judged: Judged) -> None:
    true = {
        (
            row["organisation_code"],
            row["later_extract"],
            row["months_between"] != "1",
            int(row["joiners"]),
            int(row["leavers"]),
            int(row["stayers"]),
        )
        for row in judged.true("esr_movements", population=IN_POST)
    }
    assert any(is_gap for _, _, is_gap, *_ in true)
    assert true == judged.ask("""
        select
            organisation_code, cast(to_date as varchar), is_gap, sum(joiners + moved_from_other_roles),
            sum(leavers + moved_to_other_roles), sum(stayers)
        from marts.workforce_movement
        group by all
    """)


def test_who_left_for_another_organisation_is_told_from_who_left_the_system(judged: Judged) -> None:
    """Where an organisation sent nothing for the second day, nobody can say who left the system, and nobody does."""
    sent = {(row["organisation_code"], row["as_at_date"]) for row in judged.true("esr_edi")}
    organisations = {code for code, _ in sent}
    true = {
        (
            row["organisation_code"],
            row["later_extract"],
            int(row["leavers_to_another_organisation"])
            if all((code, row["later_extract"]) in sent for code in organisations)
            else None,
        )
        for row in judged.true("esr_movements", population=IN_POST)
    }
    counts = [count for *_, count in true]
    assert None in counts
    assert sum(count or 0 for count in counts) > 0
    assert true == judged.ask("""
        select
            organisation_code, cast(to_date as varchar),
            if(count(leavers_from_the_system) = count(*), sum(leavers - leavers_from_the_system), null)
        from marts.workforce_movement
        group by all
    """)


# What was planted, who must say so and of which field.
FOUND_BY = {
    "miscoded_staff_group": {("role_contradiction", "position_title"), ("role_contradiction", "staff_group")},
    # The occupation code stays that of registered staff beside Band 3.
    "miscoded_band": {("role_contradiction", "position_title"), ("role_contradiction", "band_of_occupation_code")},
    # One of those chosen is a consultant, and the code put in its place is none of consultants.
    "miscoded_occupation_code": {
        ("role_contradiction", "occupation_code"),
        ("role_contradiction", "level_of_title_and_occupation_code"),
    },
    "miscoded_support_code": {("role_contradiction", "occupation_code")},
    "registration_missing": {("role_contradiction", "registration_number")},
    "registration_of_another_profession": {("role_contradiction", "registration_number")},
    "registration_of_non_registered": {("role_contradiction", "registration_number")},
    "fte_over_one": {("person_fte_above_one", "contracted_wte")},
    "unknown_organisation": {("unknown_organisation", "organisation")},
    "edi_blank_block": {("edi_incomplete", "race")},
    "edi_default_value": {("edi_default_value", "sexual_orientation")},
    # Answers that are gone are missing too.
    "edi_overwritten": {("edi_overwritten", "religion_or_belief"), ("edi_incomplete", "religion_or_belief")},
    "duplicate_row": {("duplicate_row", "assignment_number")},
    "month_missing": {("extract_missing", "as_at_date")},
}
# Too few among all answers to make a finding, or no fault at all: the count of answers in which each shows.
COUNTED_ONLY = {
    "birth_date_blank": ("age", "not_recorded"),
    "birth_date_impossible": ("age", "invalid"),
    "edi_invalid": ("race", "invalid"),
    "edi_not_asked": ("marriage_and_civil_partnership", "not_asked"),
    "edi_refused": ("disability", "prefer_not_to_say"),
}
# Judged with a council's return beside the extract, in test_sources_side_by_side.
BESIDE_A_RETURN = {"overlap_nhs_employed", "overlap_nhs_employed_unmatched", "overlap_secondee"}


def planted(judged: Judged) -> dict[str, set[tuple[str, str]]]:
    """Every kind of fault with the organisations and days of the extracts that show it; a missing month is seen in the
    next one.
    """
    sent = {(row["organisation_code"], row["as_at_date"]) for row in judged.true("esr_edi")}
    found: dict[str, set[tuple[str, str]]] = {}
    for fault in judged.told["faults"]:
        if fault["source"] != "esr":
            continue
        code, days = fault["organisation_code"], set(fault["as_at_dates"])
        if fault["kind"] == "month_missing":
            days = {min(day for sender, day in sent if sender == code and day > missing) for missing in days}
        elif fault["kind"] != "unknown_organisation":
            days = {day for sender, day in sent if sender == code and day in days}
        found.setdefault(fault["kind"], set()).update((code, day) for day in days)
    return found


def test_every_kind_of_planted_fault_is_looked_at(judged: Judged) -> None:
    assert planted(judged).keys() == FOUND_BY.keys() | COUNTED_ONLY.keys() | BESIDE_A_RETURN


def test_findings_name_every_planted_fault_by_rule_organisation_day_and_field_and_nothing_else(judged: Judged) -> None:
    expected = {
        (rule, None if kind == "unknown_organisation" else code, day, field)
        for kind, places in planted(judged).items()
        for rule, field in FOUND_BY.get(kind, ())
        for code, day in places
    }
    assert len(expected) > 50
    assert expected == judged.ask("""
        select distinct rule_id, organisation_code, cast(as_at_date as varchar), field
        from quality.findings where source = 'esr'
    """)


@pytest.mark.parametrize("kind", COUNTED_ONLY)
def test_a_fault_too_small_for_a_finding_is_counted_in_every_extract_that_holds_it(judged: Judged, kind: str) -> None:
    characteristic, counted = COUNTED_ONLY[kind]
    held = {
        (code, day)
        for code, day, count in judged.ask(f"""
            select organisation_code, cast(as_at_date as varchar), coalesce({counted}, 0)
            from quality.edi_completeness
            where source = 'esr' and is_all_role_groups and characteristic = '{characteristic}'
        """)
        if count
    }
    places = planted(judged)[kind]
    assert places
    # Some refuse without any planting.
    assert held == places if kind != "edi_refused" else held >= places


def test_nothing_is_said_of_an_organisation_without_a_fault(judged: Judged) -> None:
    clean = [code for code in judged.told["clean_organisations"] if not code.startswith("E")]
    assert clean
    for code in clean:
        assert judged.ask(f"select message from quality.findings where organisation_code = '{code}'") == set()
        assert judged.ask(f"select count(*) > 0 from marts.fct_workforce where organisation_code = '{code}'") == {
            (True,)
        }
