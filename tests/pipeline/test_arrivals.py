"""Files that have just come: a report at once where the sender can see it, and nothing counts before the night."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import dagster as dg
import pytest
from nights import FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.home import Home
from dagster_project.returns.arrivals import SETTLED_SECONDS, report_on_arrivals
from dagster_project.sensors import check_arrivals

ENOUGH = 60.0


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights.begin(tmp_path / "home")


def put_before_now(nights: Nights, name: str, content: bytes) -> Path:
    """A file that is no longer being written."""
    path = nights.put(name, content)
    settled = time.time() - SETTLED_SECONDS - 1
    os.utime(path, (settled, settled))
    return path


def reported(home: Home, name: str) -> dict[str, object]:
    page = home.reports / FOLDER / f"{name}.check.html"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    report = json.loads((home.reports / FOLDER / f"{name}.check.json").read_text(encoding="utf-8"))
    (file,) = report["files"]
    return dict(file)


def test_a_new_file_has_its_report_and_the_store_stays_as_it_was(nights: Nights) -> None:
    put_before_now(nights, "derby.xlsx", a_return())
    arrivals = report_on_arrivals(nights.home, {}, ENOUGH)
    assert arrivals.reported == (f"{FOLDER}/derby.xlsx",)
    assert reported(nights.home, "derby.xlsx")["status"] == "nothing_to_mend"
    assert not nights.home.store.exists()
    assert [path.name for path in nights.home.own_landing.rglob("*") if path.is_file()] == ["derby.xlsx"]


def test_a_file_is_reported_on_once_and_again_when_it_changes(nights: Nights) -> None:
    path = put_before_now(nights, "derby.xlsx", a_return())
    first = report_on_arrivals(nights.home, {}, ENOUGH)
    again = report_on_arrivals(nights.home, first.seen, ENOUGH)
    assert again.reported == ()
    odd = {**OCCUPATIONAL_THERAPISTS, "fte": "20"}
    path.write_bytes(a_return(workforce=[odd]))
    settled = time.time() - SETTLED_SECONDS - 1
    os.utime(path, (settled, settled))
    changed = report_on_arrivals(nights.home, again.seen, ENOUGH)
    assert changed.reported == (f"{FOLDER}/derby.xlsx",)
    assert reported(nights.home, "derby.xlsx")["status"] == "to_mend"


def test_a_file_still_being_written_waits(nights: Nights) -> None:
    nights.put("derby.xlsx", a_return())
    arrivals = report_on_arrivals(nights.home, {}, ENOUGH)
    assert (arrivals.reported, arrivals.are_waiting) == ((), True)
    assert not nights.home.reports.exists()


def test_when_time_is_up_the_rest_waits_for_the_next_look(nights: Nights) -> None:
    put_before_now(nights, "derby.xlsx", a_return())
    arrivals = report_on_arrivals(nights.home, {}, -1.0)
    assert (arrivals.reported, arrivals.seen, arrivals.are_waiting) == ((), {}, True)


def test_a_file_that_cannot_be_read_has_a_report_as_well(nights: Nights) -> None:
    put_before_now(nights, "derby.xlsx", b"")
    report_on_arrivals(nights.home, {}, ENOUGH)
    assert reported(nights.home, "derby.xlsx")["status"] == "cannot_be_read"


def test_the_sensor_remembers_what_it_has_seen(nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AHP_HOME", str(nights.home.root))
    monkeypatch.setenv("AHP_REPORTS", str(tmp_path / "seen by senders"))
    put_before_now(nights, "derby.xlsx", a_return())
    with dg.DagsterInstance.ephemeral() as instance:
        first = check_arrivals.evaluate_tick(dg.build_sensor_context(instance))
        assert "derby.xlsx" in str(first.skip_message)
        assert (tmp_path / "seen by senders" / FOLDER / "derby.xlsx.check.html").exists()
        second = check_arrivals.evaluate_tick(dg.build_sensor_context(instance, cursor=first.cursor))
    assert second.skip_message == "No new file."
    assert not second.run_requests


def test_the_sensor_runs_by_default_and_looks_well_within_a_minute() -> None:
    assert check_arrivals.default_status == dg.DefaultSensorStatus.RUNNING
    assert check_arrivals.minimum_interval_seconds is not None
    assert check_arrivals.minimum_interval_seconds <= 30
