"""Fixtures of the release tests."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from release_workshop import Workshop

from dagster_project.home import Home
from dagster_project.release.building import Candidate


@pytest.fixture(scope="session")
def pattern_workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Built once, since building takes longer than copying. Its warehouse is never changed."""
    workshop = Workshop(Home(tmp_path_factory.mktemp("pattern") / "home"))
    workshop.build_warehouse()
    return workshop


@pytest.fixture(scope="session")
def pattern_candidate(pattern_workshop: Workshop) -> Candidate:
    return pattern_workshop.candidate()


@pytest.fixture
def workshop(pattern_workshop: Workshop, tmp_path: Path) -> Workshop:
    """A workshop of the test's own, to change as it likes."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    shutil.copyfile(pattern_workshop.home.warehouse, home.warehouse)
    return replace(pattern_workshop, home=home)


@pytest.fixture
def candidate(workshop: Workshop, pattern_candidate: Candidate) -> Candidate:
    """A sound candidate of the test's own, built from the unchanged warehouse."""
    return workshop.copy_of(pattern_candidate)
