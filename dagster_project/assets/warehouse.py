"""The dbt project as assets: one asset for each model and seed, one check for each data test."""

import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets

from dagster_project.assets.landing import landed_key
from dagster_project.checks import with_reason
from dagster_project.home import Home
from dagster_project.resources import RefreshHome
from dagster_project.sources.store import now
from dagster_project.warehouse import prepare_manifest, row_counts

progress = logging.getLogger("ahp.progress")


class WarehouseTranslator(DagsterDbtTranslator):
    """Keys by schema and table, groups by layer, so that the graph reads from landing to release."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return landed_key(dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["description"])


TRANSLATOR = WarehouseTranslator(
    settings=DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_source_tests_as_checks=False)
)


@dbt_assets(manifest=prepare_manifest(Home.from_environment()), dagster_dbt_translator=TRANSLATOR, name="warehouse")
def warehouse(context: dg.AssetExecutionContext, dbt: DbtCliResource, refresh_home: RefreshHome) -> Iterator[Any]:
    home = refresh_home.home
    home.export()
    os.environ["AHP_REFRESHED_AT"] = now()
    # Dagster keeps what dbt prints; a second log in full detail costs a night seconds.
    os.environ["DBT_LOG_LEVEL_FILE"] = "none"
    progress.info("Building the warehouse")
    # Unit tests prove the logic of a commit, not the data of a night; they run with the test suite.
    build = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test"],
        context=context,
        target_path=home.dbt_target,
        raise_on_error=False,
    )
    # DuckDB has one writer, so rows are counted once dbt has let go of the file.
    events = list(build.stream())
    keys = {
        event.output_name: context.asset_key_for_output(event.output_name)
        for event in events
        if isinstance(event, dg.Output)
    }
    counts = row_counts(home, [(key.path[0], key.path[1]) for key in keys.values()])
    for event in events:
        if isinstance(event, dg.Output):
            key = keys[event.output_name]
            rows = counts.get((key.path[0], key.path[1]))
            yield event.with_metadata({**event.metadata, "dagster/row_count": rows})
        elif isinstance(event, dg.AssetCheckResult):
            yield with_reason(event)
        else:
            yield event
    progress.info("Built %s tables, ran %s checks", f"{len(keys):,}", f"{len(events) - len(keys):,}")
    error = build.get_error()
    if error:
        raise error
