"""dbt's own tests, run on a built warehouse, and the dictionary that is generated from the same YAML."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from homes import Refreshed
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.dbt_project import run_dbt
from dagster_project.home import BUNDLED_LANDING, DBT_PROJECT, PROJECT_ROOT, Home
from dagster_project.sources.withdrawing import withdraw

pytestmark = pytest.mark.slow


def test_every_dbt_unit_test_passes(own_copy: Refreshed) -> None:
    passed = dbt(own_copy.home, "test", "--resource-type", "unit_test")
    written = sum(
        path.read_text(encoding="utf-8").count("\n    model: ") for path in (DBT_PROJECT / "models").rglob("*.yml")
    )
    assert passed == written > 0


def test_every_data_test_passes_on_returns_and_collations_together(tmp_path: Path) -> None:
    """Those that a night leaves out as well; two days, a resubmission, a withdrawal, and a day of both kinds."""
    nights = Nights.begin(tmp_path / "home")
    for path in (BUNDLED_LANDING / FOLDER).glob("*.csv"):
        nights.put(path.name, path.read_bytes())
    nights.put("derby.xlsx", a_return())
    nights.put("leicester.xlsx", a_return("Leicester", date(2024, 6, 30)))
    nights.night()
    nights.put("derby.xlsx", a_return(workforce=[{**OCCUPATIONAL_THERAPISTS, "headcount": "14"}, ASSESSORS]))
    nights.put("rutland.xlsx", a_return("Rutland"))
    (rutland,) = [event for event in nights.night().accepted if event.file_name == "rutland.xlsx"]
    withdraw(nights.home, rutland.submission_id, "sent for another council", "analyst")
    nights.night()
    assert dbt(nights.home, "build", "--full-refresh", "--exclude-resource-type", "unit_test") > 200


def test_the_dictionary_in_the_docs_is_the_one_of_the_release(bundled: Refreshed) -> None:
    """When this fails, copy dictionary.md of the latest release over docs/dictionary.md."""
    released = (bundled.release_folder / "dictionary.md").read_text(encoding="utf-8")
    assert (PROJECT_ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == released


def dbt(home: Home, *arguments: str) -> int:
    """Runs dbt on the warehouse of a home as a night does. Gives how many nodes passed; fails when one did not."""
    done = run_dbt(home, *arguments)
    failed = [result for result in done.result.results if str(result.status) not in ("success", "pass")]
    assert [f"{result.node.name}: {result.message}" for result in failed] == []
    assert done.success
    return len(done.result.results)
