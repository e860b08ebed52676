"""The graph Dagster shows: exactly these assets, in these groups, each described; and when the job runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from homes import Refreshed

from dagster_project.home import DBT_PROJECT, PROJECT_ROOT
from dagster_project.release.gates import GATE_NAMES

LANDED = {
    "council_workforce",
    "council_pipeline",
    "council_pay",
    "council_leadership",
    "council_totals",
    "employer_standards",
    "maturity",
    "return_answers",
    "return_workforce",
    "return_learners",
    "return_equality",
    "return_acceptances",
    "return_totals",
    "esr_assignments",
    "asc_wds_workers",
    "asc_wds_workplaces",
    "asc_wds_return_progress",
    "asc_wds_published_rates",
    "submissions",
    "landing_problems",
    "documents",
    "return_questions",
    "role_decisions",
    "released_role_coding",
}


@pytest.fixture(scope="module")
def definitions(bundled: Refreshed) -> Iterator[dg.Definitions]:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("AHP_HOME", str(bundled.home.root))
    from dagster_project.definitions import definitions

    yield definitions
    monkeypatch.undo()


def _specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def _dbt_assets() -> set[str]:
    """What dbt holds, read from its folders: a model is a .sql file, a seed a .csv file."""
    models = DBT_PROJECT / "models"
    found = {f"{path.relative_to(models).parts[0]}/{path.stem}" for path in models.rglob("*.sql")}
    seeds = {f"reference/{path.stem}" for path in (PROJECT_ROOT / "seeds" / "reference").glob("*.csv")}
    return found | seeds


def test_the_assets_are_exactly_these(definitions: dg.Definitions) -> None:
    expected = {f"landed/{table}" for table in LANDED} | _dbt_assets() | {"release/candidate", "release/latest"}
    assert set(_specs(definitions)) == expected


def test_every_asset_is_described_and_stands_in_the_group_of_its_layer(definitions: dg.Definitions) -> None:
    specs = _specs(definitions)
    assert [key for key, spec in specs.items() if not (spec.description or "").strip()] == []
    groups = Counter(spec.group_name for spec in specs.values())
    assert set(groups) == {"landing", "staging", "intermediate", "marts", "quality", "reference", "release"}
    assert {key for key, spec in specs.items() if spec.group_name == "landing"} == {f"landed/{t}" for t in LANDED}


def test_the_candidate_waits_for_every_public_table_and_the_release_for_the_candidate(
    definitions: dg.Definitions,
) -> None:
    specs = _specs(definitions)
    upstream = {dependency.asset_key.to_user_string() for dependency in specs["release/candidate"].deps}
    public = {key for key in specs if key.split("/")[0] in ("marts", "quality", "reference")}
    assert upstream == public
    assert [dependency.asset_key.to_user_string() for dependency in specs["release/latest"].deps] == [
        "release/candidate"
    ]


def test_every_gate_blocks_and_every_landed_table_has_its_expectations_checked(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    gates = {
        key.name: graph.get_check_spec(key) for key in graph.asset_check_keys if key.asset_key.path[0] == "release"
    }
    assert set(gates) == set(GATE_NAMES)
    assert all(spec.blocking for spec in gates.values())
    checked = {key.asset_key.path[-1] for key in graph.asset_check_keys if key.name == "meets_its_expectations"}
    assert checked == {path.stem for path in (PROJECT_ROOT / "expectations").glob("*.json")}


def test_the_schedule_runs_by_default_at_two_in_the_morning_london_time(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("nightly_refresh")
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "Europe/London"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "nightly_refresh"


def test_the_job_runs_in_one_process(definitions: dg.Definitions) -> None:
    assert definitions.resolve_job_def("nightly_refresh").executor_def is dg.in_process_executor


def test_nothing_of_a_source_imports_dagster() -> None:
    folder = PROJECT_ROOT / "dagster_project" / "sources"
    sources = list(folder.glob("*.py"))
    assert sources
    assert [path.name for path in sources if "import dagster" in path.read_text(encoding="utf-8")] == []


def test_an_unlisted_folder_would_be_seen(tmp_path: Path) -> None:
    """The test of the exact list must be able to fail: one model more on disk than Dagster knows of."""
    assert _dbt_assets() != _dbt_assets() | {"marts/fct_invented"}
