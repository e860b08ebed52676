"""`ahp refresh`: the nightly job, run in this process, and what came of it.

Belongs here: starting the very job the schedule runs, and gathering its outcome. Does not: any step of the job.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from dagster_project.home import Home
from dagster_project.sources.store import Event, Store, now

if TYPE_CHECKING:
    import dagster as dg

KEPT_LOGS = 30


class AnotherRefreshIsRunning(Exception):
    """Somebody, or the schedule, is refreshing this home right now."""


class SetUpProblem(Exception):
    """The refresh could not start: the message says what is missing and what to do."""


@dataclass(frozen=True)
class Highlight:
    """One region's occupational therapists: people, FTE, vacant FTE, vacancy rate in percent, and how many councils."""

    geography_name: str
    headcount: int | None
    fte: float | None
    fte_vacant: float | None
    vacancy_rate_percent: float | None
    councils_returned: int
    councils_expected: int


@dataclass(frozen=True)
class RefreshOutcome:
    """What one refresh did. Times are UTC, ISO 8601; `files` and `findings` are counts."""

    started_at: str
    finished_at: str
    released: bool
    release_id: str | None
    reason: str | None
    files: dict[str, int]
    findings: dict[str, int]
    bundled_inputs: bool
    refused: list[dict[str, str]]
    seconds: float
    peak_memory_mb: float
    highlights: list[Highlight] = field(default_factory=list)


def run_refresh(home: Home, full: bool = False) -> RefreshOutcome:
    """Runs the job `nightly_refresh` on a home and waits for it.

    Raises AnotherRefreshIsRunning at once when the home is taken, and SetUpProblem when the job cannot be assembled.
    """
    from dagster_project.resources import ANOTHER_REFRESH_IS_RUNNING, refresh_lock

    started, started_at = time.monotonic(), now()
    try:
        lock = refresh_lock(home).acquire()
    except Timeout as problem:
        raise AnotherRefreshIsRunning(ANOTHER_REFRESH_IS_RUNNING) from problem
    except OSError as problem:
        raise SetUpProblem(f"The home {home.root} cannot be written to ({problem.strerror}).") from problem
    with lock, _quiet(home) as log:
        known = Store(home).events()
        reason = _run_the_job(home, full, log)
        return _outcome(home, known, started, started_at, reason)


def _run_the_job(home: Home, full: bool, log: Path) -> str | None:
    """Gives None when the release is out, else the reason it is not."""
    from dagster_project.warehouse import DbtProblem, prepare_manifest

    try:
        prepare_manifest(home)
        from dagster_project.definitions import definitions
    except DbtProblem as problem:
        raise SetUpProblem(f"The warehouse's own code could not be read. {problem}") from problem

    from dagster_project.schedules import NIGHTLY_REFRESH

    with _instance(home) as instance:
        result = definitions.resolve_job_def(NIGHTLY_REFRESH).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "ops": {step: {"config": {"full": full}} for step in ("land_files", "warehouse")},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
        return None if result.success else _why_not(result, log)


def _why_not(result: dg.ExecuteInProcessResult, log: Path) -> str:
    import dagster as dg

    where = f"The log is {log.name}, in the folder logs of the home."
    failed_checks = [
        f"{evaluation.check_name.replace('_', ' ')}: {evaluation.description}"
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
    ]
    if failed_checks:
        return " ".join(failed_checks)
    for event in result.all_node_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            if error is None:
                continue
            while error.cause:
                error = error.cause
            return f"{error.message.strip()} {where}"
    return f"The job stopped without naming a step. {where}"


def _outcome(home: Home, known: list[Event], started: float, started_at: str, reason: str | None) -> RefreshOutcome:
    from dagster_project.release.publishing import latest_release

    # A file that was only read anew, because the reader has changed, is no arrival.
    known_ids = {event.event_id for event in known}
    known_files = {(event.source_file, event.sha256, event.outcome) for event in known}
    events = [
        event
        for event in Store(home).events()
        if event.event_id not in known_ids and (event.source_file, event.sha256, event.outcome) not in known_files
    ]
    latest = latest_release(home) if reason is None else None
    refused = [event for event in _latest_events(home).values() if event.outcome == "quarantined"]
    arrived = {event.source_file for event in events}
    outcome = RefreshOutcome(
        started_at=started_at,
        finished_at=now(),
        released=reason is None,
        release_id=latest.release_id if latest else None,
        reason=reason,
        files={
            "accepted": sum(event.outcome == "accepted" for event in events),
            "refused": sum(event.outcome == "quarantined" for event in events),
            "unchanged": sum(path not in arrived for path in _files_in_landing(home)),
        },
        findings=latest.manifest["findings"] if latest else {},
        bundled_inputs=home.uses_bundled_inputs,
        refused=[
            *(
                {"file": event.source_file, "reason": event.problems[0]["message"], "report": event.report}
                for event in refused
            ),
            *_misplaced(home),
        ],
        seconds=round(time.monotonic() - started, 1),
        peak_memory_mb=_peak_memory_mb(),
        highlights=_highlights(latest.database) if latest else [],
    )
    _remember(home, outcome)
    return outcome


def _files_in_landing(home: Home) -> list[str]:
    from dagster_project.sources.catalogue import load_cards
    from dagster_project.sources.landing import files_in, source_file_of

    return [
        source_file_of(home.landing, path)
        for card in load_cards()
        for path in files_in(home.landing / card.landing_folder)
    ]


def _misplaced(home: Home) -> list[dict[str, str]]:
    """Files in the landing folder that lie in no source's folder, so that nothing reads them."""
    from dagster_project.sources.catalogue import load_cards
    from dagster_project.sources.landing import files_in, source_file_of

    folders = [card.landing_folder for card in load_cards()]
    everything = [source_file_of(home.landing, path) for path in files_in(home.landing)]
    return [
        {
            "file": path,
            "reason": f"The file was not read: it lies in no folder of a source. Put it in {' or '.join(folders)}.",
            "report": "",
        }
        for path in everything
        if path.split("/")[0] not in folders
    ]


def _latest_events(home: Home) -> dict[str, Event]:
    """The newest event of each file that still lies in the landing folder."""
    present = set(_files_in_landing(home))
    return {event.source_file: event for event in Store(home).events() if event.source_file in present}


def _highlights(database: Path) -> list[Highlight]:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                workforce.geography_name,
                workforce.headcount,
                cast(workforce.fte as double),
                cast(workforce.fte_vacant as double),
                rates.value,
                workforce.councils_returned,
                workforce.councils_expected
            from marts.regional_workforce as workforce
            left join marts.regional_measures as rates
                on
                    workforce.geography_code = rates.geography_code
                    and workforce.source_document = rates.source_document
                    and workforce.return_group = rates.return_group
                    and rates.measure = 'vacancy_rate'
            where workforce.geography_type = 'adass_region' and workforce.return_group = 'occupational_therapists'
            order by workforce.geography_name
            """
        ).fetchall()
    return [Highlight(*row) for row in rows]


def _remember(home: Home, outcome: RefreshOutcome) -> None:
    partial = home.last_refresh.with_name(f"{home.last_refresh.name}.partial")
    partial.write_text(json.dumps(asdict(outcome), indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, home.last_refresh)


def _peak_memory_mb() -> float:
    """The largest single process of this refresh, this one or a child; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows has no such module
        return 0.0
    # Kilobytes on Linux, bytes on macOS.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(peak / unit, 1)


@contextlib.contextmanager
def _instance(home: Home) -> Any:
    import dagster as dg

    from dagster_project.serve import write_instance_settings

    write_instance_settings(home)
    with dg.DagsterInstance.from_config(str(home.dagster_home)) as instance:
        yield instance


@contextlib.contextmanager
def _quiet(home: Home) -> Any:
    """What dbt and Dagster would print goes to a log in the home; the newest are kept."""
    folder = home.root / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("refresh-*.log"))[: -KEPT_LOGS + 1]:
        with contextlib.suppress(OSError):
            old.unlink()
    path = folder / f"refresh-{time.strftime('%Y-%m-%dT%H%M%SZ', time.gmtime())}.log"
    # A library that finds no handler at all sets up one of its own and talks over the progress.
    logging.getLogger().addHandler(logging.NullHandler())
    with path.open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log):
        yield path
