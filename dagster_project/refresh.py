"""`ahp refresh`: the nightly job, run in this process.

Belongs here: starting the very job the schedule runs, and saying why it did not release. Does not: any step of it.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from dagster_project.beside import DBT, GREAT_EXPECTATIONS, Library, loaded_ahead
from dagster_project.home import Home
from dagster_project.memory import watched_memory
from dagster_project.outcome import Highlight, Night, RefreshOutcome

if TYPE_CHECKING:
    import dagster as dg

__all__ = ["AnotherRefreshIsRunning", "Highlight", "RefreshOutcome", "SetUpProblem", "run_refresh"]

KEPT_LOGS = 30
_CLASS_OF_OURS = r"^dagster_project\.[\w.]+: "


class AnotherRefreshIsRunning(Exception):
    """Somebody, or the schedule, is refreshing this home right now."""


class SetUpProblem(Exception):
    """The refresh could not start: the message says what is missing and what to do."""


def run_refresh(home: Home, full: bool = False) -> RefreshOutcome:
    """Runs the job `nightly_refresh` on a home and waits for it.

    Raises AnotherRefreshIsRunning at once when the home is taken, and SetUpProblem when the job cannot be assembled.
    """
    from dagster_project.lock import ANOTHER_REFRESH_IS_RUNNING, refresh_lock

    try:
        lock = refresh_lock(home).acquire()
    except Timeout as problem:
        raise AnotherRefreshIsRunning(ANOTHER_REFRESH_IS_RUNNING) from problem
    except OSError as problem:
        raise SetUpProblem(f"The home {home.root} cannot be written to ({problem.strerror}).") from problem
    with lock, watched_memory() as memory, _quiet(home) as log:
        night = Night.begin(home)
        if not night.has_anything_to_read:
            return night.end(
                "The landing folder holds no file that a source reads. Put files in "
                "landing/council_returns, or remove the landing folder to see the bundled returns.",
                memory.peak_mb,
            )
        with loaded_ahead(*_libraries_of_tonight(home, full)):
            reason = _run_the_job(home, full, log)
        return night.end(reason, memory.peak_mb)


def _libraries_of_tonight(home: Home, full: bool) -> list[Library]:
    """What the night will probably need; whatever it needs besides is loaded when it comes to it."""
    from dagster_project.sources.landing import seems_settled
    from dagster_project.warehouse import stands

    if full or not seems_settled(home):
        return [GREAT_EXPECTATIONS, DBT]
    return [] if stands(home) else [DBT]


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
            with log.open("a", encoding="utf-8") as file:
                file.write(f"\n{event.step_key} failed:\n{error.to_string()}\n")
            while error.cause:
                error = error.cause
            # Dagster puts the name of the class before what our own errors say to a person.
            return f"{re.sub(_CLASS_OF_OURS, '', error.message.strip())} {where}"
    return f"The job stopped without naming a step. {where}"


@contextlib.contextmanager
def _instance(home: Home) -> Any:
    import dagster as dg

    from dagster_project.serve import SETTINGS_OF_A_REFRESH, write_instance_settings

    write_instance_settings(home)
    with dg.DagsterInstance.from_config(str(home.dagster_home), SETTINGS_OF_A_REFRESH) as instance:
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
