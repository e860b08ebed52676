"""The area that tables are made for, by the name people give it.

Belongs here: finding one region, care system or council in a release. Does not: which rows belong to it
(queries/chosen.sql).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dagster_project.query import choices
from dagster_project.sources.councils import council_called
from dagster_project.sources.return_layout import normalise_answer

if TYPE_CHECKING:
    import duckdb

EVERYTHING = "all"
KINDS = {"adass_region": "ADASS region", "ics": "integrated care system", "council": "council"}
_PLURALS = {"adass_region": "ADASS regions", "ics": "Integrated care systems", "council": "Councils"}
_SHORT = {"adass_region": "region", "ics": "ics", "council": "council"}


class AreaNotKnown(Exception):
    """No area of the kind bears the name. The message says so in plain English, with the nearest names."""


@dataclass(frozen=True)
class Area:
    """A region, care system or council, by the code and name the release gives it; or everything in the release."""

    kind: str
    code: str
    name: str

    @property
    def title(self) -> str:
        """As it stands in titles: East Midlands (ADASS region)."""
        return self.name if self.kind == EVERYTHING else f"{self.name} ({KINDS[self.kind]})"

    @property
    def file_name(self) -> str:
        """A part of a file name that every system takes: region-east-midlands."""
        if self.kind == EVERYTHING:
            return "everything"
        return re.sub(r"[^a-z0-9]+", "-", f"{_SHORT[self.kind]} {self.name}".lower()).strip("-")


ALL_AREAS = Area(EVERYTHING, EVERYTHING, "all areas of the release")


def find_area(connection: duckdb.DuckDBPyConnection, kind: str, name: str) -> Area:
    """The area of a kind (a key of KINDS) with this name or code, in any case; of councils any known spelling will do.

    An area that was replaced is found while the release holds it. Raises AreaNotKnown.
    """
    known = _councils(connection) if kind == "council" else _wider_areas(connection, kind)
    wanted = normalise_answer(name)
    for area in known:
        if wanted in (normalise_answer(area.name), area.code.casefold()):
            return area
    if kind == "council" and (called := council_called(name, _last_day(connection))):
        for area in known:
            if area.code == called.organisation_code:
                return area
    raise AreaNotKnown(
        f"No {KINDS[kind]} is called {name!r}. {choices(_PLURALS[kind], name, [area.name for area in known])}"
    )


def _wider_areas(connection: duckdb.DuckDBPyConnection, kind: str) -> list[Area]:
    # The newest name of a code comes first; names of the past are found after it.
    rows = connection.execute(
        """
        select geography_code, geography_name
        from marts.bridge_organisation_geography
        where geography_type = $kind
        group by geography_code, geography_name
        order by max(coalesce(valid_to, date '9999-12-31')) desc, geography_name, geography_code
        """,
        {"kind": kind},
    ).fetchall()
    return [Area(kind, code, name) for code, name in rows]


def _councils(connection: duckdb.DuckDBPyConnection) -> list[Area]:
    rows = connection.execute(
        """
        select organisation_code, organisation_name
        from marts.dim_organisation
        where organisation_type = 'council'
        order by valid_to desc nulls first, organisation_name, organisation_code
        """
    ).fetchall()
    return [Area("council", code, name) for code, name in rows]


def _last_day(connection: duckdb.DuckDBPyConnection) -> date:
    row = connection.execute("select max(as_at_date) from marts.dim_period").fetchone()
    return row[0] if row and row[0] else date.max
