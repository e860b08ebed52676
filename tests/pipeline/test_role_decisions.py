"""A decision on a job title counts from the next night, in the numbers and in the check of a return."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from homes import Refreshed
from nights import ASSESSORS, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.home import Home
from dagster_project.query import open_release
from dagster_project.release.archive import archived_release
from dagster_project.release.publishing import latest_release
from dagster_project.returns.checking import check_files
from dagster_project.roles.coding import code_titles
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


def test_a_replay_at_the_moment_of_an_archived_release_gives_the_coding_it_holds(
    bundled: Refreshed, tmp_path: Path
) -> None:
    columns = (
        "title_raw",
        "band_or_grade",
        "employer_type",
        "profession",
        "registration",
        "role_code",
        "basis",
        "rule_id",
    )
    release = latest_release(bundled.home)
    with open_release(archived_release(bundled.home, release.release_id)) as connection:
        asked = f"select {', '.join(columns)} from quality.role_coding order by all"
        released = [dict(zip(columns, row, strict=True)) for row in connection.execute(asked).fetchall()]
    assert len(released) > 50
    decided = next(row for row in released if row["role_code"] == "senior" and row["band_or_grade"])
    # Of the same store, with a decision that came after the release.
    home = Home(tmp_path / "home")
    late = {
        **{name: decided[name] for name in columns[:3]},
        **{"role_code": "manager", "profession": "", "equivalence": "wider", "reason": "It leads a service."},
        **{"reviewer": "Principal OT", "second_reviewer": "", "decided_on": "2026-04-01"},
    }
    with (tmp_path / "late.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([late, late.values()])
    accept_decisions(tmp_path / "late.csv", home, today=date(2026, 4, 1))
    with (tmp_path / "titles.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns[:3], *([row[name] for name in columns[:3]] for row in released)])

    def coded(at: str | None) -> list[dict[str, str | None]]:
        code_titles(tmp_path / "titles.csv", tmp_path / "coded.csv", home, at)
        with (tmp_path / "coded.csv").open(encoding="utf-8", newline="") as file:
            return [{name: row[name] or None for name in columns} for row in csv.DictReader(file)]

    assert coded(release.manifest["created_at"]) == released
    assert [row for row in coded(None) if row not in released] == [
        {**decided, "role_code": "manager", "basis": "reviewed", "rule_id": "decision"}
    ]
