"""The assets and checks that are kept: those of dbt's own manifest, with what they stand on, and no dbt to load."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest

from dagster_project.contracts import read_manifest
from dagster_project.dbt_assets import UNIQUE_ID, assets_of_dbt
from dagster_project.dbt_project import prepare_manifest
from dagster_project.home import Home
from dagster_project.warehouse import TESTED_WITH_THE_CODE

LOADED = "import sys, dagster_project.definitions; print([name for name in sys.modules if 'dbt' in name.split('.')[0]])"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def manifest(home: Home) -> Mapping[str, Any]:
    return read_manifest(prepare_manifest(home))


@pytest.fixture(scope="module")
def specs(home: Home) -> dict[str, dg.AssetSpec]:
    return {spec.metadata[UNIQUE_ID]: spec for spec in assets_of_dbt(home)[0]}


def _built(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}


def test_each_asset_rests_on_what_its_model_reads(manifest: Mapping[str, Any], specs: dict[str, dg.AssetSpec]) -> None:
    named = {name: (node["schema"], node["name"]) for name, node in _built(manifest).items()}
    named |= {name: ("landed", source["name"]) for name, source in manifest["sources"].items()}
    reads = {name: node.get("depends_on", {}).get("nodes", []) for name, node in _built(manifest).items()}
    assert {name: {tuple(dependency.asset_key.path) for dependency in spec.deps} for name, spec in specs.items()} == {
        name: {named[parent] for parent in parents} for name, parents in reads.items()
    }
    assert sum(len(spec.deps) for spec in specs.values()) > len(specs)


def test_each_asset_shows_the_columns_and_the_words_of_its_model(
    manifest: Mapping[str, Any], specs: dict[str, dg.AssetSpec]
) -> None:
    for name, node in _built(manifest).items():
        assert specs[name].description == node["description"]
        schema = specs[name].metadata.get("dagster/column_schema")
        shown = {column.name: column.description for column in schema.columns} if schema else {}
        assert shown == {column["name"]: column["description"] for column in node["columns"].values()}, name


def test_each_test_of_a_night_is_a_check_that_stops_what_comes_after(home: Home, manifest: Mapping[str, Any]) -> None:
    tests = {
        name: node["config"]["severity"].lower() == "error"
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and TESTED_WITH_THE_CODE.removeprefix("tag:") not in node["tags"]
    }
    checks = {(spec.metadata or {})[UNIQUE_ID]: spec.blocking for spec in assets_of_dbt(home)[1]}
    assert checks == {name: tests[name] for name in checks}
    # A test of several tables is no asset's own; it stops the night all the same, as part of the build.
    assert {manifest["nodes"][name]["name"] for name in tests.keys() - checks.keys()} <= _of_several_tables(manifest)
    assert len(checks) > 50


def _of_several_tables(manifest: Mapping[str, Any]) -> set[str]:
    return {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and not node.get("attached_node") and len(node["depends_on"]["nodes"]) > 1
    }


def test_whoever_loads_the_definitions_loads_no_dbt(home: Home) -> None:
    assets_of_dbt(home)
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env=os.environ | {"AHP_HOME": str(home.root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
