"""`ahp serve`: Dagster's web page and daemon on a home, with the nightly schedule running, and the latest site.

Belongs here: Dagster's own settings and processes. Does not: what the job does.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster_project.home import PROJECT_ROOT, Home

SETTINGS = "dagster.yaml"
SETTINGS_OF_A_REFRESH = "refresh.yaml"
# What `ahp refresh` prints goes to a log of its own. Dagster would start four more processes to catch it.
_OF_A_REFRESH = """
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: dagster_project.event_log
  class: OpenEventLog
  config:
    base_dir: {events}
"""


def write_instance_settings(home: Home) -> None:
    """Makes the home's Dagster folder, with telemetry off. Leaves settings alone that are as they should be."""
    home.dagster_home.mkdir(parents=True, exist_ok=True)
    ours = (PROJECT_ROOT / SETTINGS).read_text(encoding="utf-8")
    events = json.dumps(str(home.dagster_home / "history" / "runs"))
    for name, wanted in ((SETTINGS, ours), (SETTINGS_OF_A_REFRESH, ours + _OF_A_REFRESH.format(events=events))):
        settings = home.dagster_home / name
        if not settings.exists() or settings.read_text(encoding="utf-8") != wanted:
            settings.write_text(wanted, encoding="utf-8")


def do_not_wait_for_the_disk() -> None:
    """Has SQLite, which keeps Dagster's events, wait for the disk at its checkpoints and not at each event.

    A night writes some thousand events, and waiting for each took most of a minute. What a power cut could lose is the
    tail of Dagster's own log, never a release.
    """
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "connect")
    def _do_not_wait(connection: Any, _record: Any) -> None:
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute("pragma synchronous = normal")


def set_up_each_event_file_once() -> None:
    """Has Dagster prepare its access to each of its SQLite files once, not anew at each of a night's reads and writes.

    Preparing (an SQLAlchemy engine, which asks the file about itself first) cost more than the reading and writing: a
    quarter of a night. A connection is still opened and closed each time, so a home can be moved or removed meanwhile.
    """
    event_files: Any = importlib.import_module("dagster._core.storage.event_log.sqlite.sqlite_event_log")
    prepare = event_files.create_engine
    engines: dict[str, Any] = {}

    def prepare_once(address: str, **options: Any) -> Any:
        if address not in engines:
            engines[address] = prepare(address, **options)
        return engines[address]

    event_files.create_engine = prepare_once


def serve(home: Home, host: str, port: int, site_port: int) -> int:
    """Runs the web page and the daemon until stopped, or until one of them ends. Gives the exit code of that one.

    The site of the latest release is served meanwhile, where its port is free; the nights do not wait for that.
    """
    from dagster_project.warehouse import prepare_manifest

    write_instance_settings(home)
    prepare_manifest(home)
    where = ["-m", "dagster_project.definitions"]
    commands = [
        [_program("dagster-webserver"), *where, "-h", host, "-p", str(port)],
        [_program("dagster-daemon"), "run", *where],
    ]
    environment = os.environ | {"DAGSTER_HOME": str(home.dagster_home), "PYTHONWARNINGS": "ignore"}
    with contextlib.ExitStack() as until_stopped:
        print(_site_of_the_latest_release(home, host, site_port, until_stopped), flush=True)
        print(f"The nights: http://{host}:{port}, in a moment. Stop with Ctrl+C.", flush=True)
        return _run_until_one_ends(commands, environment)


def _site_of_the_latest_release(home: Home, host: str, port: int, until_stopped: contextlib.ExitStack) -> str:
    """Begins to serve the site. Gives where it is, or in a sentence why it is nowhere."""
    from dagster_project.site.serving import serve_site

    try:
        server = serve_site(home, host, port)
    except OSError as error:
        return (
            f"The site of the latest release is not served, as port {port} cannot be used ({error}); see --site-port."
        )
    until_stopped.callback(server.shutdown)
    return f"The site of the latest release: http://{host}:{port}"


def _run_until_one_ends(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> int:
    """Gives the exit code of the one that ended first, 0 when stopped."""
    running = [subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment) for command in commands]
    # A service manager stops this process and not the two it has started.
    signal.signal(signal.SIGTERM, _stop)
    try:
        while all(process.poll() is None for process in running):
            time.sleep(1)
        return next(process.returncode for process in running if process.poll() is not None)
    except KeyboardInterrupt:
        return 0
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _program(name: str) -> str:
    """A program of Dagster's that stands beside the running Python."""
    return str(Path(sys.executable).parent / (f"{name}.exe" if os.name == "nt" else name))
