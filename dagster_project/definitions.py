"""The only assembly: everything Dagster knows of, listed by name."""

from __future__ import annotations

import dagster as dg

from dagster_project.assets.landing import land_files
from dagster_project.assets.release import release, release_candidate
from dagster_project.assets.warehouse import warehouse
from dagster_project.resources import RefreshHome
from dagster_project.schedules import nightly_refresh, nightly_schedule
from dagster_project.sensors import check_arrivals
from dagster_project.serve import do_not_wait_for_the_disk, set_up_each_event_file_once

do_not_wait_for_the_disk()
set_up_each_event_file_once()

definitions = dg.Definitions(
    assets=[land_files, warehouse, release_candidate, release],
    jobs=[nightly_refresh],
    schedules=[nightly_schedule],
    sensors=[check_arrivals],
    resources={"refresh_home": RefreshHome()},
    executor=dg.in_process_executor,
)
