"""Nights without a release: files landed and the warehouse's own rules run over them in memory, in about a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dagster_project.home import Home
from dagster_project.returns.template import fill, write_template
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.store import now

FOLDER = "council_returns"
Answers = Mapping[str, Any]

COVER = {
    "return_owner_role": "Head of therapy",
    "principal_ot_input": "Yes",
    "delivery_model": "Run by the council alone",
    "service_age_scope": "Adults",
    "academic_year": "2025/26",
    "pay_year": "2025/26",
    "has_occupational_therapists": "Listed in this return",
    "has_other_ahps": "None",
    "has_non_registered_assessors": "Listed in this return",
    "has_senior_practitioners": "None",
    "has_managers": "None",
    "has_students": "None",
    "has_degree_apprentices": "None",
}
OCCUPATIONAL_THERAPISTS = {
    "job_title": "Occupational Therapist",
    "return_group": "Occupational therapists",
    "profession": "Occupational therapy",
    "level": "Experienced",
    "registered": "Yes",
    "employer": "Council",
    "funder": "Council",
    "headcount": "12",
    "fte": "10.5",
    "fte_permanent": "10.5",
    "fte_temporary": "0",
    "fte_vacant": "2",
}
ASSESSORS = {
    "job_title": "Community Assessor",
    "return_group": "Non-registered assessors",
    "level": "Assessor",
    "registered": "No",
    "employer": "Council",
    "funder": "Council",
    "headcount": "8",
    "fte": "7.25",
    "fte_permanent": "7.25",
    "fte_temporary": "0",
    "fte_vacant": "0",
}


def a_return(
    council: str = "Derby",
    day: date = date(2026, 3, 31),
    *,
    cover: Answers | None = None,
    workforce: list[Answers] | None = None,
    learners: list[Answers] | None = None,
    leadership: Answers | None = None,
    equality: list[Answers] | None = None,
    accepted: list[Answers] | None = None,
) -> bytes:
    """A return that is right as it stands, but for what the test puts in its place."""
    values = {
        "Cover": [{**COVER, **(cover or {})}],
        "Workforce": workforce if workforce is not None else [OCCUPATIONAL_THERAPISTS, ASSESSORS],
        "Students and apprentices": learners or [],
        "Leadership": [leadership or {"principal_ot_in_post": "No", "ahp_lead_in_post": "No"}],
        "Equality": equality or [],
        "Accepted warnings": accepted or [],
    }
    return fill(write_template(council, day), {part: rows for part, rows in values.items() if rows})


@dataclass
class Nights:
    """A home whose nights are landed one after the other."""

    home: Home

    @classmethod
    def begin(cls, folder: Path) -> Nights:
        (folder / "landing" / FOLDER).mkdir(parents=True)
        return cls(Home(folder))

    def put(self, name: str, content: bytes) -> Path:
        path = self.home.own_landing / FOLDER / name
        path.write_bytes(content)
        return path

    def night(self) -> Landing:
        return land(self.home, expectations=check_lightly)

    def ask(self, query: str, *wanted: str) -> list[tuple[Any, ...]]:
        """Rows of a query on what the rules make of the store."""
        with run_rules(self.home.store, wanted, now()) as connection:
            return connection.execute(query).fetchall()
