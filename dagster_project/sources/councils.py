"""Which council a name stands for on a day, from the seeds the warehouse itself reads.

Belongs here: looking a name up. Does not: guessing. A name that no council bears, or two, is nobody's.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from datetime import date
from functools import cache

from dagster_project.sources.return_layout import SEEDS, normalise_answer

NAMES_FILE = SEEDS / "organisation_names.csv"
ORGANISATIONS_FILE = SEEDS / "organisations.csv"


@dataclass(frozen=True)
class Council:
    """A council by its ONS code and short name. `valid_to` is None while it exists."""

    organisation_code: str
    organisation_name: str
    valid_from: date
    valid_to: date | None

    def existed_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@cache
def councils() -> dict[str, Council]:
    """Every council, past ones included, by its code."""
    with ORGANISATIONS_FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["organisation_code"]: Council(
                row["organisation_code"], row["organisation_name"], *_span(row["valid_from"], row["valid_to"])
            )
            for row in csv.DictReader(file)
        }


def council_called(name: str, day: date) -> Council | None:
    """The one council that bears the name, or the ONS code, on the day; None where there is none or more than one."""
    wanted = normalise_answer(name)
    found = {
        code
        for normalised, code, valid_from, valid_to in _names()
        if normalised == wanted and valid_from <= day and (valid_to is None or day <= valid_to)
    }
    found |= {code for code, council in councils().items() if code.casefold() == wanted and council.existed_on(day)}
    return councils()[found.pop()] if len(found) == 1 else None


def nearest_names(name: str, day: date) -> list[str]:
    """Up to three names of councils that resemble a name nobody bears."""
    known = {normalise_answer(council.organisation_name): council.organisation_name for council in councils_on(day)}
    return [known[near] for near in difflib.get_close_matches(normalise_answer(name), known, n=3, cutoff=0.6)]


def councils_on(day: date) -> list[Council]:
    """The councils that exist on a day, by name."""
    return sorted(
        (council for council in councils().values() if council.existed_on(day)),
        key=lambda council: council.organisation_name,
    )


@cache
def _names() -> tuple[tuple[str, str, date, date | None], ...]:
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                normalise_answer(row["name_as_written"]),
                row["organisation_code"],
                *_span(row["valid_from"], row["valid_to"]),
            )
            for row in csv.DictReader(file)
        )


def _span(valid_from: str, valid_to: str) -> tuple[date, date | None]:
    return date.fromisoformat(valid_from), date.fromisoformat(valid_to) if valid_to else None
