"""What a home remembers of its refreshes, whoever started them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dagster_project.home import Home
from dagster_project.outcome import NO_REASON_KNOWN, Night, recorded


def _last_refresh(home: Home) -> dict[str, object]:
    remembered: dict[str, object] = json.loads(home.last_refresh.read_text(encoding="utf-8"))
    return remembered


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    (home.own_landing / "council_returns").mkdir(parents=True)
    return home


def test_a_night_of_the_schedule_that_did_not_release_is_remembered(home: Home) -> None:
    with recorded(home):
        pass
    assert _last_refresh(home)["released"] is False
    assert _last_refresh(home)["reason"] == NO_REASON_KNOWN


def test_a_night_that_breaks_off_is_remembered_too(home: Home) -> None:
    with pytest.raises(RuntimeError, match="the disk is full"), recorded(home):
        raise RuntimeError("the disk is full")
    assert _last_refresh(home)["released"] is False


def test_the_reason_that_ahp_refresh_knows_takes_the_place_of_the_general_one(home: Home) -> None:
    night = Night.begin(home)
    with recorded(home):
        pass
    night.end("nothing lost: two rows are missing.", peak_memory_mb=0.0)
    assert _last_refresh(home)["reason"] == "nothing lost: two rows are missing."


def test_an_empty_landing_folder_is_nothing_to_read_and_a_file_is_something(home: Home) -> None:
    assert not Night.begin(home).has_anything_to_read
    (home.own_landing / "council_returns" / "fig18.csv").write_text("council\n", encoding="utf-8")
    assert Night.begin(home).has_anything_to_read


def test_a_file_in_no_folder_of_a_source_is_named(home: Home) -> None:
    (home.own_landing / "fig18.csv").write_text("council\n", encoding="utf-8")
    outcome = Night.begin(home).end("for this test", peak_memory_mb=0.0)
    assert [refused["file"] for refused in outcome.refused] == ["fig18.csv"]
    assert "Put it in council_returns" in outcome.refused[0]["reason"]
