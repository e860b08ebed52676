"""Homes for tests: running `ahp` on one as a person would, and looking into what it released."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.home import Home

AHP = [sys.executable, "-c", "from dagster_project.cli import main; main()"]


@dataclass
class Refreshed:
    """A home after a refresh, with what the refresh printed as JSON."""

    home: Home
    outcome: dict[str, Any]
    exit_code: int

    @property
    def release_folder(self) -> Path:
        latest = json.loads((self.home.releases / "latest.json").read_text(encoding="utf-8"))
        return self.home.releases / latest["path"]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the latest release."""
        with duckdb.connect(str(self.release_folder / "ahp_workforce.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def ahp(home: Path, *arguments: str, landing: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs one `ahp` command on a home, as a person would."""
    environment = os.environ | {"AHP_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "120", "PYTHONUTF8": "1"}
    environment.pop("AHP_LANDING", None)
    if landing:
        environment["AHP_LANDING"] = str(landing)
    return subprocess.run(
        [*AHP, *arguments], env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )


def refresh(home: Path, *arguments: str, landing: Path | None = None) -> Refreshed:
    done = ahp(home, "refresh", "--json", *arguments, landing=landing)
    assert done.stdout, done.stderr
    return Refreshed(Home(home, landing), json.loads(done.stdout), done.returncode)
