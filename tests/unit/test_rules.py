"""The warehouse's rules run in memory give what dbt builds, and start without dbt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from homes import Refreshed

from dagster_project.home import DBT_PROJECT
from dagster_project.rules import Rules, compiled_rules, run_rules

REFRESHED_AT = "2031-02-03T04:05:06.789Z"
FINDINGS = "quality.findings"


@pytest.fixture(scope="module")
def rules() -> Rules:
    return compiled_rules()


@pytest.fixture(scope="module")
def in_memory(bundled: Refreshed, rules: Rules) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every relation, run in memory on what the bundled home has landed; its built warehouse is attached as `built`."""
    with run_rules(bundled.home.store, rules.relations, REFRESHED_AT) as connection:
        connection.execute(f"attach '{bundled.home.warehouse.as_posix()}' as built (read_only)")
        yield connection


def made_by(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'warehouse'"
    ).fetchall()
    return {name for (name,) in rows}


def test_every_relation_has_the_rows_and_types_that_dbt_builds(
    in_memory: duckdb.DuckDBPyConnection, rules: Rules
) -> None:
    assert {"marts.fct_workforce", FINDINGS, "quality.submissions", "reference.finding_rules"} < rules.relations.keys()
    rows_compared = 0
    for name in rules.relations:
        # When a finding was last seen is the hour of the run.
        but = "exclude (last_seen_at)" if name == FINDINGS else ""
        assert (
            in_memory.execute(f"describe warehouse.{name}").fetchall()
            == in_memory.execute(f"describe built.{name}").fetchall()
        ), name
        ours = in_memory.execute(f"select * {but} from warehouse.{name} order by all").fetchall()
        theirs = in_memory.execute(f"select * {but} from built.{name} order by all").fetchall()
        assert ours == theirs, name
        rows_compared += len(ours)
    assert rows_compared > len(rules.relations)


def test_an_open_finding_was_last_seen_when_the_run_says(in_memory: duckdb.DuckDBPyConnection) -> None:
    seen = in_memory.execute(f"select distinct last_seen_at from {FINDINGS} where status = 'open'").fetchall()
    assert seen == in_memory.execute(f"select cast('{REFRESHED_AT}' as timestamp)").fetchall()


def test_the_settings_are_those_of_the_night(in_memory: duckdb.DuckDBPyConnection) -> None:
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    fixed = profile["ahp_workforce"]["outputs"]["warehouse"]["config_options"]
    assert fixed
    for name, value in fixed.items():
        assert in_memory.execute(f"select current_setting('{name}')").fetchall() == [(value,)]


def test_only_what_the_question_needs_is_made(bundled: Refreshed, rules: Rules) -> None:
    with run_rules(bundled.home.store, ["marts.dim_organisation"], REFRESHED_AT) as connection:
        made = made_by(connection)
    assert made == {relation.name for relation in rules.needed_for(["marts.dim_organisation"])}
    assert "marts.dim_organisation" in made
    assert FINDINGS not in made
    assert len(made) < len(rules.relations) / 2


def test_each_relation_comes_after_all_that_it_reads(rules: Rules) -> None:
    before: set[str] = set()
    for name, relation in rules.relations.items():
        assert set(relation.after) <= before, name
        before.add(name)
    assert any(relation.after for relation in rules.relations.values())


def test_a_relation_that_is_not_there_is_named(bundled: Refreshed) -> None:
    with pytest.raises(ValueError, match=r"The warehouse has no marts\.fct_weather\."):
        run_rules(bundled.home.store, [FINDINGS, "marts.fct_weather"], REFRESHED_AT)


def test_a_store_in_which_nothing_was_landed_is_not_taken_for_one_without_findings(tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error, match="No files found"):
        run_rules(tmp_path, [FINDINGS], REFRESHED_AT)


def test_a_value_the_contract_refuses_is_refused_here_too(bundled: Refreshed, tmp_path: Path) -> None:
    shutil.copytree(bundled.home.store / "landed", tmp_path / "landed")
    submissions = (tmp_path / "landed" / "submissions" / "submissions.parquet").as_posix()
    with duckdb.connect() as connection:
        connection.execute(f"create table landed as select * replace (null as sha256) from '{submissions}'")
        connection.execute(f"copy landed to '{submissions}'")
    with pytest.raises(duckdb.ConstraintException, match="sha256"):
        run_rules(tmp_path, ["quality.submissions"], REFRESHED_AT)


def test_a_store_may_lie_under_any_name(bundled: Refreshed, tmp_path: Path) -> None:
    store = tmp_path / "a, b's [c] {d} é"
    shutil.copytree(bundled.home.store / "landed", store / "landed")
    with run_rules(store, ["quality.submissions"], REFRESHED_AT) as connection:
        found = connection.execute("select count(*) from quality.submissions").fetchall()
    assert found == [(bundled.outcome["files"]["accepted"],)]


def test_a_run_needs_neither_dbt_nor_dagster_nor_great_expectations(bundled: Refreshed, rules: Rules) -> None:
    assert rules.relations, "the rules are compiled before, so that the run below finds them"
    code = (
        "import json, sys; from pathlib import Path; from dagster_project.rules import run_rules\n"
        f"connection = run_rules(Path(sys.argv[1]), [{FINDINGS!r}], {REFRESHED_AT!r})\n"
        f"found = connection.execute('select count(*) from {FINDINGS}').fetchall()[0][0]\n"
        "print(json.dumps([found, sorted({name.split('.')[0] for name in sys.modules})]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundled.home.store)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"AHP_HOME": str(bundled.home.root)},
    )
    found, imported = json.loads(done.stdout)
    assert found > 0
    assert "duckdb" in imported
    assert not {"dbt", "dagster", "great_expectations", "pandas", "numpy"} & set(imported)
