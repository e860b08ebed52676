"""The one job and when it runs."""

from __future__ import annotations

import dagster as dg

NIGHTLY_REFRESH = "nightly_refresh"

# One step at a time in one process: a process for each step costs seconds apiece and DuckDB has one writer anyway.
nightly_refresh = dg.define_asset_job(
    NIGHTLY_REFRESH,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Land, build, check, release. What `ahp refresh` runs by hand.",
)

nightly_schedule = dg.ScheduleDefinition(
    name=NIGHTLY_REFRESH,
    job=nightly_refresh,
    cron_schedule="0 2 * * *",
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every night at 02:00, London time.",
)
