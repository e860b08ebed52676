"""A decision on a job title counts from the next night, in the numbers and in the check of a return."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from nights import ASSESSORS, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.returns.checking import check_files
from dagster_project.roles.deciding import accept_decisions
from dagster_project.warehouse import _inputs

TITLE = "Wellbeing Wizard"
RETURN = a_return(workforce=[OCCUPATIONAL_THERAPISTS, {**ASSESSORS, "job_title": TITLE, "level": "Assessor"}])
CODED = "intermediate.int_returns__coded_rows"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights.begin(tmp_path / "home")
    nights.put("derby.xlsx", RETURN)
    nights.night()
    return nights


def decide(nights: Nights, folder: Path, role_code: str) -> None:
    path = folder / f"{role_code}.csv"
    path.write_text(
        "title_raw,employer_type,role_code,profession,equivalence,reason,reviewer,second_reviewer,decided_on\n"
        f"{TITLE},council,{role_code},generic_therapy,equal,It says so.,Principal OT,,2026-04-01\n",
        encoding="utf-8",
    )
    accept_decisions(path, nights.home, today=date(2026, 4, 1))


def counted_as(nights: Nights) -> tuple[str | None, str]:
    ((role, basis),) = nights.ask(f"select role_code, coding_basis from {CODED} where job_title = '{TITLE}'", CODED)
    return role, basis


def test_what_a_council_declared_gives_way_to_what_a_person_decided(nights: Nights, tmp_path: Path) -> None:
    assert counted_as(nights) == ("assessor", "declared level")
    decide(nights, tmp_path, "assessor")
    assert counted_as(nights) == ("assessor", "reviewed")


def test_a_night_after_a_decision_builds_the_warehouse_anew(nights: Nights, tmp_path: Path) -> None:
    before = _inputs(nights.home)
    assert _inputs(nights.home) == before
    decide(nights, tmp_path, "assessor")
    assert _inputs(nights.home) != before


def test_the_check_of_a_return_knows_what_was_decided(nights: Nights, tmp_path: Path) -> None:
    (tmp_path / "derby.xlsx").write_bytes(RETURN)

    def found() -> set[str]:
        (file,) = check_files([tmp_path / "derby.xlsx"], nights.home).files
        return {finding.rule_id for finding in file.findings}

    assert "role_contradiction" not in found()
    decide(nights, tmp_path, "senior")
    assert "role_contradiction" in found()
