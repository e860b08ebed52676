"""The private warehouse: built of its home's store whatever the home is called, standing until something changes."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from homes import Refreshed

from dagster_project import warehouse
from dagster_project.beside import DBT, listen
from dagster_project.contracts import read_manifest
from dagster_project.home import Home
from dagster_project.sources.store import Store
from dagster_project.warehouse import Build, build, prepare_manifest, rows_tested, warehouse_of_the_code

FINDINGS = "select * exclude (last_seen_at) from quality.findings order by all"


def built(home: Home) -> Build:
    # dbt says what it does on standard output.
    with contextlib.redirect_stdout(io.StringIO()):
        return build(home)


@pytest.fixture(scope="module")
def oddly_named(bundled: Refreshed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Build]:
    """A home whose path holds what SQL, YAML and patterns of files give a meaning of their own, built from a store."""
    home = Home(tmp_path_factory.mktemp("odd") / "a, b's [c] {d} é")
    shutil.copytree(bundled.home.store, home.store)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AHP_HOME", "AHP_STORE", "AHP_WAREHOUSE"):
            patch.setenv(name, "")
        prepare_manifest(home)
        return home, built(home)


def test_a_home_may_have_any_name(oddly_named: tuple[Home, Build], bundled: Refreshed) -> None:
    home, done = oddly_named
    assert done.results
    assert [result for result in done.results if not result.succeeded] == []
    with (
        duckdb.connect(str(home.warehouse), read_only=True) as ours,
        duckdb.connect(str(bundled.home.warehouse), read_only=True) as theirs,
    ):
        assert ours.execute(FINDINGS).fetchall() == theirs.execute(FINDINGS).fetchall()


def test_what_is_open_was_last_seen_when_the_warehouse_was_built(oddly_named: tuple[Home, Build]) -> None:
    home, done = oddly_named
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        seen = connection.execute(
            f"select distinct last_seen_at = cast('{done.built_at}' as timestamp) from quality.findings "
            "where status = 'open'"
        ).fetchall()
    assert seen == [(True,)]


def test_each_result_counts_the_rows_of_the_table_or_view_it_stands_for(
    oddly_named: tuple[Home, Build], bundled: Refreshed
) -> None:
    home, done = oddly_named
    counts = {result.name: result.rows for result in done.results if not result.unique_id.startswith("test.")}
    files = bundled.outcome["files"]["accepted"]
    assert counts["stg_store__submissions"] == counts["submissions"] == files
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        relations = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema <> 'staging'"
        ).fetchall()
        assert len(relations) > 100
        for schema, table in relations:
            rows = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchall()[0][0]
            assert counts[table] == rows, table
    assert min(rows_tested(home).values()) > 0


@pytest.fixture(scope="module")
def listened(oddly_named: tuple[Home, Build], tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[Any]]:
    """A home with what an interrupted build left behind, and what was heard of the next build."""
    home = Home(tmp_path_factory.mktemp("listened") / "home")
    shutil.copytree(oddly_named[0].store, home.store)
    prepare_manifest(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema marts; create table marts.left_over as select 1 as one")
    home.warehouse.with_name(f"{home.warehouse.name}.wal").write_bytes(b"left by a build that was cut short")
    with contextlib.redirect_stdout(io.StringIO()):
        return home, list(listen(DBT, build, home))


def test_what_is_told_while_it_goes_on_is_what_the_build_holds_in_the_end(listened: tuple[Home, list[Any]]) -> None:
    begun, *told, done = listened[1]
    assert begun == replace(done, results=())
    by_name = attrgetter("unique_id")
    assert sorted(told, key=by_name) == sorted(done.results, key=by_name)


def test_what_an_interrupted_build_left_behind_does_not_reach_the_next(listened: tuple[Home, list[Any]]) -> None:
    home, (*_, done) = listened
    assert done.results
    assert done.failures == []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert ("left_over",) not in connection.execute("select table_name from duckdb_tables()").fetchall()


def test_what_is_built_once_for_all_nights_asks_for_nothing_that_differs_from_night_to_night(
    oddly_named: tuple[Home, Build],
) -> None:
    home, done = oddly_named
    nodes = read_manifest(home.dbt_manifest)["nodes"]
    kept = json.loads(warehouse_of_the_code(home).with_name("results.json").read_text(encoding="utf-8"))
    of_the_code = {result["unique_id"] for result in kept}
    assert any(unique_id.startswith("model.") for unique_id in of_the_code)
    for unique_id in of_the_code:
        assert "getvariable" not in (nodes[unique_id].get("raw_code") or ""), unique_id
        assert set(nodes[unique_id]["depends_on"].get("nodes", [])) <= of_the_code, unique_id
    assert of_the_code < {result.unique_id for result in done.results}


@pytest.fixture
def copy_of_home(oddly_named: tuple[Home, Build], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the built home, in which dbt must not be asked to build."""

    def asked_to_build(home: Home, *arguments: str, **settings: str) -> None:
        raise LookupError("dbt was asked to build")

    monkeypatch.setattr(warehouse, "run_dbt", asked_to_build)
    home = Home(tmp_path / "home")
    shutil.copytree(oddly_named[0].root, home.root)
    return home


def test_a_build_stands_while_nothing_has_changed(copy_of_home: Home, oddly_named: tuple[Home, Build]) -> None:
    assert build(copy_of_home) == replace(oddly_named[1], is_repeated=True)


def file_arrives(home: Home, patch: pytest.MonkeyPatch) -> None:
    store = Store(home)
    store.record(replace(store.events()[0], event_id="another"))


def code_changes(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(warehouse, "fingerprint", lambda: "other code")


def reader_changes(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(warehouse, "reader_version", lambda: "other reader")


def somebody_writes(home: Home, patch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table note as select 1 as one")


@pytest.mark.parametrize("change", [file_arrives, code_changes, reader_changes, somebody_writes])
def test_a_build_stands_no_more_once_something_has_changed(
    copy_of_home: Home, monkeypatch: pytest.MonkeyPatch, change: Callable[[Home, pytest.MonkeyPatch], None]
) -> None:
    change(copy_of_home, monkeypatch)
    with pytest.raises(LookupError):
        build(copy_of_home)


def test_a_full_build_stands_on_nothing(copy_of_home: Home) -> None:
    with pytest.raises(LookupError):
        build(copy_of_home, full=True)
