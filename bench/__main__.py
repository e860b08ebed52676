"""How long a refresh takes and how much memory, beside a floor measured in the same run: `uv run python -m bench`.

Times are whole processes, in turn, so that a slow machine slows all of them alike: quote the ratios. The floor is what
DuckDB alone needs to read the same files and count their rows, with a Python process to run it in.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dagster_project.home import BUNDLED_LANDING

RUNS = 3
REFRESH = "from dagster_project.cli import main; main()"
FLOOR = """
import duckdb
for name in ("fig18", "fig19", "fig20", "fig21", "fig22", "fig23", "fig25", "principal_ot"):
    duckdb.sql(f"select council, count(*) from read_csv('%s/council_returns/{name}*.csv') group by all").fetchall()
"""


def main() -> None:
    measured: dict[str, list[tuple[float, float]]] = {"first refresh": [], "nothing new": [], "floor": []}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            measured["first refresh"].append(_timed(REFRESH, "refresh", home=home))
            measured["nothing new"].append(_timed(REFRESH, "refresh", home=home))
            measured["floor"].append(_timed(FLOOR % BUNDLED_LANDING.as_posix(), home=home))
    floor = statistics.median(seconds for seconds, _ in measured["floor"])
    table = Table("Command", "Seconds, median", "Seconds, least to most", "Times the floor", "Peak memory, MB")
    for name, runs in measured.items():
        seconds = [second for second, _ in runs]
        middle = statistics.median(seconds)
        table.add_row(
            name,
            f"{middle:.1f}",
            f"{min(seconds):.1f} to {max(seconds):.1f}",
            f"{middle / floor:.0f}",
            f"{max(memory for _, memory in runs):.0f}",
        )
    Console().print(table)


def _timed(code: str, *arguments: str, home: Path) -> tuple[float, float]:
    """Wall seconds and peak memory (MB; 0 where the system does not say) of one process. Stops when it fails."""
    environment = os.environ | {"AHP_HOME": str(home)}
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
        else:
            process.wait()
            memory = 0.0
    if process.returncode:
        sys.exit(said.decode(errors="replace"))
    return time.monotonic() - started, memory


if __name__ == "__main__":
    main()
