"""The dbt project as assets: one asset for each model and seed, one check for each data test."""

import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from dagster_project import beside, checks
from dagster_project.assets.landing import landed_key
from dagster_project.home import Home
from dagster_project.resources import RefreshHome
from dagster_project.warehouse import TESTED_WITH_THE_CODE, Build, build, prepare_manifest

progress = logging.getLogger("ahp.progress")
_UNIQUE_ID = "dagster_dbt/unique_id"


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


class BuildConfig(dg.Config):
    """`full` builds the warehouse anew even where nothing it reads has changed."""

    full: bool = False


@dbt_assets(
    manifest=prepare_manifest(Home.from_environment()),
    exclude=TESTED_WITH_THE_CODE,
    dagster_dbt_translator=TRANSLATOR,
    name="warehouse",
)
def warehouse(context: dg.AssetExecutionContext, config: BuildConfig, refresh_home: RefreshHome) -> Iterator[Any]:
    home = refresh_home.home
    progress.info("Building the warehouse")
    keys = {spec.metadata[_UNIQUE_ID]: spec.key for spec in context.assets_def.specs}
    rules = {(spec.metadata or {})[_UNIQUE_ID]: spec.key for spec in context.assets_def.check_specs}
    # In dbt's own order: each after what it is made from. The build is heard of when it begins and when it has ended.
    for heard in beside.listen(beside.DBT, partial(build, home, full=config.full)):
        if isinstance(heard, Build):
            built = heard
        elif heard.unique_id in keys and heard.succeeded:
            metadata = {"dagster/row_count": heard.rows, "built_at": built.built_at}
            yield dg.MaterializeResult(asset_key=keys[heard.unique_id], metadata=metadata)
        elif heard.unique_id in rules and (heard.succeeded or heard.failed):
            yield checks.test_result(rules[heard.unique_id], heard, built)
    beside.let_go(beside.DBT)
    if built.is_repeated:
        progress.info("Nothing has changed since %s, so the warehouse built then stands", built.built_at)
    else:
        progress.info("Built %s tables, ran %s checks", f"{len(keys):,}", f"{len(built.results) - len(keys):,}")
    if built.failures:
        raise dg.Failure(checks.in_words(built))
