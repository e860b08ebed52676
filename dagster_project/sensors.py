"""What Dagster watches between the nights: new files in the landing folder."""

from __future__ import annotations

import json

import dagster as dg

from dagster_project.home import Home
from dagster_project.returns.arrivals import report_on_arrivals

LOOKS_EVERY_SECONDS = 20
# Dagster gives a look one minute in all.
CHECKS_FOR_SECONDS = 35


@dg.sensor(
    name="check_arrivals",
    minimum_interval_seconds=LOOKS_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Checks a return as soon as it comes and writes its report; what counts is decided at night.",
)
def check_arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    before = json.loads(context.cursor) if context.cursor else {}
    arrivals = report_on_arrivals(
        Home.from_environment(), before.get("seen", {}), CHECKS_FOR_SECONDS, before.get("waiting", {})
    )
    if arrivals.reported:
        said = f"Reported on {', '.join(arrivals.reported)}."
    elif arrivals.are_waiting:
        said = "A file is still being written, or could not be checked; it is looked at again."
    else:
        said = "No new file."
    context.log.info(said)
    return dg.SensorResult(skip_reason=said, cursor=json.dumps({"seen": arrivals.seen, "waiting": arrivals.waiting}))
