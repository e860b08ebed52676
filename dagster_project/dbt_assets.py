"""What Dagster is told of the dbt project: an asset for each model and seed, a check for each data test.

Belongs here: having dagster-dbt make them of dbt's manifest, and keeping what it made. Does not: building anything.
They follow from the code alone, and dagster-dbt brings much of dbt along, which takes seconds and tens of megabytes in
every process that knows the assets; so it is loaded once for each version of the code.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project.contracts import read_manifest
from dagster_project.dbt_project import kept_for_this_code, prepare_manifest
from dagster_project.home import Home
from dagster_project.warehouse import TESTED_WITH_THE_CODE

__all__ = ["UNIQUE_ID", "assets_of_dbt", "landed_key"]

# The metadata in which an asset or a check names its node in dbt.
UNIQUE_ID = "dagster_dbt/unique_id"
# What dagster-dbt would need to run dbt by itself: the whole manifest at each asset, and a class of its own.
_ONLY_FOR_RUNNING_DBT = ("dagster_dbt/manifest", "dagster_dbt/dagster_dbt_translator")
_FILE = "assets.pickle"


def landed_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["landed", table])


def assets_of_dbt(home: Home) -> tuple[Sequence[dg.AssetSpec], Sequence[dg.AssetCheckSpec]]:
    """The assets of all that dbt builds, and the checks of all that it tests every night.

    Raises DbtProblem when the project does not parse.
    """
    kept = kept_for_this_code(home, "assets", partial(_make, home))
    # Written by this very code, in the environment of this clone or in the home.
    specs, check_specs = pickle.loads((kept / _FILE).read_bytes())
    return specs, check_specs


class _Pickler(pickle.Pickler):
    """Writes down what Dagster's dependencies are made of, since they are not made again of what pickle would keep."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, dg.AssetDep):
            dependency = partial(dg.AssetDep, partition_mapping=value.partition_mapping, metadata=value.metadata)
            return dependency, (value.asset_key,)
        return NotImplemented


def _make(home: Home, folder: Path) -> None:
    from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

    class Translator(DagsterDbtTranslator):
        """Keys by schema and table, groups by layer, so that the graph reads from landing to release."""

        def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
            if dbt_resource_props["resource_type"] == "source":
                return landed_key(dbt_resource_props["name"])
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

        def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
            return str(dbt_resource_props["schema"])

        def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
            return str(dbt_resource_props["description"])

    settings = DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_source_tests_as_checks=False)

    made = dbt_assets(
        manifest=read_manifest(prepare_manifest(home)),
        exclude=TESTED_WITH_THE_CODE,
        dagster_dbt_translator=Translator(settings=settings),
        name="warehouse",
    )(_nobody_runs_this)
    specs = [
        spec.replace_attributes(
            metadata={name: value for name, value in spec.metadata.items() if name not in _ONLY_FOR_RUNNING_DBT}
        )
        for spec in made.specs
    ]
    with (folder / _FILE).open("wb") as file:
        _Pickler(file).dump((specs, list(made.check_specs)))


def _nobody_runs_this():  # type: ignore[no-untyped-def]
    """Has no annotation, since Dagster would take it for the type of each asset."""
