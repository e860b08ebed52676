"""What every suite shares: homes that have been refreshed once, and skips that CI does not accept."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from homes import Refreshed, refresh
from shared import made_once

from dagster_project.home import BUNDLED_LANDING, Home
from dagster_project.synth.inputs import write_inputs


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A home refreshed once on the bundled inputs. Tests must not write to it."""

    def make(folder: Path) -> None:
        refreshed = refresh(folder / "home")
        assert refreshed.exit_code == 0, refreshed.outcome["reason"]
        (folder / "outcome.json").write_text(json.dumps(refreshed.outcome), encoding="utf-8")

    folder = made_once(tmp_path_factory, "bundled", make)
    return Refreshed(Home(folder / "home"), json.loads((folder / "outcome.json").read_text(encoding="utf-8")), 0)


@pytest.fixture(scope="session")
def invented_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small invented inputs with what is true of them. Tests must not write to them."""
    return made_once(tmp_path_factory, "invented", lambda folder: write_inputs("small", folder))


@pytest.fixture
def own_copy(bundled: Refreshed, tmp_path: Path) -> Refreshed:
    """A copy of the refreshed home that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(bundled.home.root, home, symlinks=True)
    return Refreshed(Home(home), bundled.outcome, bundled.exit_code)


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
