"""`ahp serve`: Dagster's web page and daemon on a home, with the nightly schedule running.

Belongs here: Dagster's own settings and processes. Does not: what the job does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from dagster_project.home import PROJECT_ROOT, Home

# One run at a time, whoever asks: the schedule, a person on the web page, or both.
SETTINGS = """\
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def write_instance_settings(home: Home) -> None:
    """Makes the home's Dagster folder, with telemetry off. Leaves settings alone that are as they should be."""
    home.dagster_home.mkdir(parents=True, exist_ok=True)
    settings = home.dagster_home / "dagster.yaml"
    if not settings.exists() or settings.read_text(encoding="utf-8") != SETTINGS:
        settings.write_text(SETTINGS, encoding="utf-8")


def let_the_system_write_when_it_will() -> None:
    """Has SQLite, which keeps Dagster's events, hand its writes to the system without waiting for the disk.

    A night writes some thousand events, and waiting for each took most of a minute. What a power cut could lose is the
    tail of Dagster's own log, never a release.
    """
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "connect")
    def _do_not_wait(connection: Any, _record: Any) -> None:
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute("pragma synchronous = off")


def serve(home: Home, host: str, port: int) -> int:
    """Runs until stopped. Gives the exit code of Dagster's own process."""
    from dagster_project.warehouse import prepare_manifest

    write_instance_settings(home)
    prepare_manifest(home)
    dagster = Path(sys.executable).parent / ("dagster.exe" if os.name == "nt" else "dagster")
    command = [str(dagster), "dev", "-m", "dagster_project.definitions", "-h", host, "-p", str(port)]
    environment = os.environ | {"DAGSTER_HOME": str(home.dagster_home), "DAGSTER_DISABLE_TELEMETRY": "1"}
    try:
        return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0
