"""The dbt project as assets: one asset for each model and seed, one check for each data test."""

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

import dagster as dg

from dagster_project import beside, checks
from dagster_project.dbt_assets import UNIQUE_ID, assets_of_dbt
from dagster_project.home import Home
from dagster_project.resources import RefreshHome
from dagster_project.warehouse import Build, build

progress = logging.getLogger("ahp.progress")
_SPECS, _CHECK_SPECS = assets_of_dbt(Home.from_environment())


class BuildConfig(dg.Config):
    """`full` builds the warehouse anew even where nothing it reads has changed."""

    full: bool = False


@dg.multi_asset(name="warehouse", specs=_SPECS, check_specs=_CHECK_SPECS, can_subset=True)
def warehouse(context: dg.AssetExecutionContext, config: BuildConfig, refresh_home: RefreshHome) -> Iterator[Any]:
    home = refresh_home.home
    progress.info("Building the warehouse")
    keys = {spec.metadata[UNIQUE_ID]: spec.key for spec in context.assets_def.specs}
    rules = {(spec.metadata or {})[UNIQUE_ID]: spec.key for spec in context.assets_def.check_specs}
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
