"""The last two assets: the release candidate with its blocking gates, and the release analysts open."""

import logging

import dagster as dg

from dagster_project import checks
from dagster_project.contracts import public_tables
from dagster_project.home import Home
from dagster_project.release.nightly import build_tonights_candidate, publish_tonights_candidate
from dagster_project.resources import RefreshHome

progress = logging.getLogger("ahp.progress")
RELEASE = dg.AssetKey(["release", "latest"])


def public_asset_keys() -> list[dg.AssetKey]:
    tables = public_tables(Home.from_environment().dbt_manifest)
    return [dg.AssetKey([table.schema, table.name]) for table in tables]


@dg.asset(
    key=checks.RELEASE_CANDIDATE,
    deps=public_asset_keys(),
    check_specs=checks.gate_specs(),
    group_name="release",
    kinds={"duckdb", "parquet", "csv"},
    description="Every public table copied out of the warehouse, with descriptions and manifest; not yet in force.",
)
def release_candidate(refresh_home: RefreshHome) -> dg.MaterializeResult:  # type: ignore[type-arg]
    progress.info("Putting the release together and checking it")
    candidate, gates = build_tonights_candidate(refresh_home.home)
    return dg.MaterializeResult(
        metadata={"release": candidate.release_id, "tables": len(candidate.tables)},
        check_results=list(checks.gate_results(gates)),
    )


@dg.asset(
    key=RELEASE,
    deps=[checks.RELEASE_CANDIDATE],
    group_name="release",
    kinds={"duckdb"},
    description="What analysts open: the candidate moved into place once every gate has passed. The last 30 are kept.",
)
def release(refresh_home: RefreshHome) -> dg.MaterializeResult:  # type: ignore[type-arg]
    published = publish_tonights_candidate(refresh_home.home)
    progress.info("Released %s", published.release_id)
    return dg.MaterializeResult(metadata={"release": published.release_id})
