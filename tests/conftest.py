"""What every suite shares: homes that have been refreshed once, and skips that CI does not accept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.home import BUNDLED_LANDING, Home

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


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A home refreshed once on the bundled inputs. Tests must not write to it."""
    refreshed = refresh(tmp_path_factory.mktemp("bundled") / "home")
    assert refreshed.exit_code == 0, refreshed.outcome["reason"]
    return refreshed


@pytest.fixture
def own_copy(bundled: Refreshed, tmp_path: Path) -> Iterator[Refreshed]:
    """A copy of the refreshed home that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(bundled.home.root, home, symlinks=True)
    yield Refreshed(Home(home), bundled.outcome, bundled.exit_code)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A landing folder of its own that holds the bundled inputs."""
    folder = tmp_path / "landing"
    shutil.copytree(BUNDLED_LANDING, folder)
    return folder


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI every program a suite needs is installed, so a skip there hides a test that nobody ran."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("AHP_NO_SKIP") and skipped and exitstatus == 0:
        reporter.write_line(f"{skipped} tests were skipped, and AHP_NO_SKIP allows none.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
