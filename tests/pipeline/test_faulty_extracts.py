"""Every faulty file of people that `ahp synth` makes, landed and judged, against what its truth says must happen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.store import now

TABLES = ("quality.findings", "quality.submissions", "quality.restatements", "marts.fct_workforce")


@dataclass
class Arrived:
    """One faulty file, or several in the order of their names, after the nights on which they came."""

    nights: list[Landing]
    tables: duckdb.DuckDBPyConnection

    def ask(self, query: str) -> set[tuple[Any, ...]]:
        return set(self.tables.execute(query).fetchall())


def arrive(folder: Path, *nights: list[tuple[str, Path]]) -> Arrived:
    """Lands on each night the files that come on it, each with its source."""
    home = Home(folder)
    done = []
    for files in nights:
        for source, file in files:
            (home.own_landing / source).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, home.own_landing / source)
        done.append(land(home, expectations=check_lightly))
    return Arrived(done, run_rules(home.store, TABLES, now()))


@pytest.fixture(scope="module")
def told(invented_inputs: Path) -> dict[str, dict[str, str]]:
    truth = json.loads((invented_inputs / "truth.json").read_text(encoding="utf-8"))
    return {file["kind"]: file for file in truth["faulty_files"]}


@pytest.fixture(scope="module")
def refused(
    invented_inputs: Path, told: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arrived]:
    """All that must be refused, on one night: a bad file stops only itself."""
    files = [(told[kind]["source"], invented_inputs / told[kind]["path"]) for kind in REFUSED]
    arrived = arrive(tmp_path_factory.mktemp("refused"), files)
    with arrived.tables:
        yield arrived


@pytest.fixture(scope="module", params=["unknown_header", "three_date_formats", "identity_missing", "half_a_region",
                                        "same_month_twice", "older_extract"])  # fmt: skip
def taken(
    request: pytest.FixtureRequest,
    invented_inputs: Path,
    told: dict[str, dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Arrived]]:
    """One of those that are taken, with its kind."""
    kind = str(request.param)
    path = invented_inputs / told[kind]["path"]
    nights = [[("esr", file)] for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    arrived = arrive(tmp_path_factory.mktemp(kind), *nights)
    with arrived.tables:
        yield kind, arrived


REFUSED = (
    "truncated",
    "required_heading_missing",
    "required_heading_drifted",
    "two_headings_for_one_field",
    "two_as_at_days",
    "no_rows",
    "mixed_code_systems",
)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_for_the_reason_its_truth_names(
    refused: Arrived, told: dict[str, dict[str, str]], kind: str
) -> None:
    assert told[kind]["must"] == "refused"
    name = Path(told[kind]["path"]).name
    assert refused.ask(f"select status, rows from quality.submissions where file_name = '{name}'") == {
        ("quarantined", 0)
    }
    assert refused.ask(f"""
        select distinct rule_id, severity from quality.findings where source_file like '%/{name}'
    """) == {(told[kind]["rule_id"], "error")}
    assert refused.ask("select count(*) from marts.fct_workforce") == {(0,)}


# What each that is taken must say and leave behind, beside its rule.
SAYS = {
    "unknown_header": ("findings", "message like '%''Ethnic Orgin Desc v2''%'"),
    "three_date_formats": (
        "findings",
        "message like '%''Latest Start Date'' are written in 3 ways: as in 2024-03-31, 31-MAR-2024 and 31/03/2024.%'",
    ),
    "identity_missing": ("findings", "message like '%3 of 40 rows were not used%(lines 2, 3, 4)%'"),
    "half_a_region": ("findings", "message like '%leaves the organisation out%stay in force.'"),
    "same_month_twice": ("submissions", "file_name = '1_first.csv' and status = 'superseded'"),
    "older_extract": ("submissions", "file_name = '2_older.csv' and status = 'accepted'"),
}


def test_a_file_that_can_be_used_is_taken_and_flagged_as_its_truth_says(
    taken: tuple[str, Arrived], told: dict[str, dict[str, str]]
) -> None:
    kind, arrived = taken
    assert all(len(night.accepted) == 1 and not night.refused for night in arrived.nights)
    found = {rule_id for (rule_id,) in arrived.ask("select rule_id from quality.findings")}
    if told[kind]["must"] == "flagged":
        assert told[kind]["rule_id"] in found
    else:
        assert (told[kind]["must"], found) == ("accepted", set())
    table, where = SAYS[kind]
    assert arrived.ask(f"select count(*) > 0 from quality.{table} where {where}") == {(True,)}
    assert arrived.ask("select count(*) > 0 from marts.fct_workforce where source = 'esr'") == {(True,)}


def test_every_kind_of_faulty_file_is_judged_here(told: dict[str, dict[str, str]]) -> None:
    assert {*REFUSED, *SAYS} == told.keys()
