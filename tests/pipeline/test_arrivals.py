"""Files that have just come: a report at once where the sender can see it, and nothing counts before the night."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.home import Home
from dagster_project.returns import arrivals as arrivals_module
from dagster_project.returns.arrivals import CHECKED_AT_ONCE, SETTLED_SECONDS, report_on_arrivals
from dagster_project.returns.checked import CheckReport
from dagster_project.sensors import LOOKS_EVERY_SECONDS, check_arrivals

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


def test_a_file_saved_in_the_future_is_reported_on_once_it_has_stayed_the_same(nights: Nights) -> None:
    path = nights.put("derby.xlsx", a_return())
    ahead = time.time() + 86_400
    os.utime(path, (ahead, ahead))
    first = report_on_arrivals(nights.home, {}, ENOUGH)
    assert (first.reported, first.are_waiting) == ((), True)
    os.utime(path, (ahead + 5, ahead + 5))
    changed = report_on_arrivals(nights.home, first.seen, ENOUGH, first.waiting)
    assert (changed.reported, changed.are_waiting) == ((), True)
    settled = report_on_arrivals(nights.home, changed.seen, ENOUGH, changed.waiting)
    assert (settled.reported, settled.are_waiting) == ((f"{FOLDER}/derby.xlsx",), False)
    assert report_on_arrivals(nights.home, settled.seen, ENOUGH, settled.waiting).reported == ()


@pytest.mark.parametrize("letter", ["a", "é"])
def test_the_longest_names_a_system_takes_have_reports_of_their_own(nights: Nights, letter: str) -> None:
    beginning = letter * ((255 - len("1.xlsx")) // len(letter.encode()))
    for number in ("1", "2"):
        put_before_now(nights, f"{beginning}{number}.xlsx", a_return())
    done = report_on_arrivals(nights.home, {}, ENOUGH)
    assert len(done.reported) == 2
    pages = sorted((nights.home.reports / FOLDER).glob("*.check.html"))
    assert len(pages) == 2
    assert all(page.name.startswith(letter * 100) and page.with_suffix(".json").exists() for page in pages)


def test_the_files_of_one_look_are_checked_together_and_reported_on_one_by_one(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    councils = ["Derby", "Leicester", "Rutland", "Nottingham"]
    for council in councils:
        odd = council == "Rutland"
        workforce = [{**OCCUPATIONAL_THERAPISTS, "fte": "20"} if odd else OCCUPATIONAL_THERAPISTS, ASSESSORS]
        put_before_now(nights, f"{council}.xlsx", a_return(council, workforce=workforce))
    together: list[int] = []
    as_it_is = arrivals_module.check_files

    def counted(paths: Sequence[Path], home: Home) -> CheckReport:
        together.append(len(paths))
        return as_it_is(paths, home)

    monkeypatch.setattr(arrivals_module, "check_files", counted)
    done = report_on_arrivals(nights.home, {}, ENOUGH)
    assert sorted(done.reported) == sorted(f"{FOLDER}/{council}.xlsx" for council in councils)
    assert together == [len(councils)]
    statuses = {council: reported(nights.home, f"{council}.xlsx")["status"] for council in councils}
    assert statuses == dict.fromkeys(councils, "nothing_to_mend") | {"Rutland": "to_mend"}
    named = {council: reported(nights.home, f"{council}.xlsx")["organisation_name"] for council in councils}
    assert named == {council: council for council in councils}


def test_a_file_whose_check_fails_keeps_no_other_from_its_report(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_before_now(nights, "derby.xlsx", a_return())
    put_before_now(nights, "leicester.xlsx", a_return("Leicester"))
    as_it_is = arrivals_module.check_files

    def fails_for_derby(paths: Sequence[Path], home: Home) -> CheckReport:
        if any(path.name == "derby.xlsx" for path in paths):
            raise RuntimeError("derby.xlsx changed while it was being checked.")
        return as_it_is(paths, home)

    monkeypatch.setattr(arrivals_module, "check_files", fails_for_derby)
    done = report_on_arrivals(nights.home, {}, ENOUGH)
    assert done.reported == (f"{FOLDER}/leicester.xlsx",)
    assert list(done.waiting) == [f"{FOLDER}/derby.xlsx"]
    monkeypatch.setattr(arrivals_module, "check_files", as_it_is)
    assert report_on_arrivals(nights.home, done.seen, ENOUGH, done.waiting).reported == (f"{FOLDER}/derby.xlsx",)


def test_a_look_whose_time_is_up_leaves_the_rest_to_the_next(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(CHECKED_AT_ONCE + 1):
        put_before_now(nights, f"{number:02}.csv", b"")
    # Asked once at the beginning, and then before each batch.
    moments = iter([0.0, 1.0, 11.0])
    monkeypatch.setattr(arrivals_module, "time", SimpleNamespace(time=time.time, monotonic=lambda: next(moments)))
    done = report_on_arrivals(nights.home, {}, 10.0)
    assert len(done.reported) == CHECKED_AT_ONCE
    assert list(done.waiting) == [f"{FOLDER}/{CHECKED_AT_ONCE:02}.csv"]


def test_a_look_reports_on_a_file_that_came_since_the_look_before(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AHP_HOME", str(nights.home.root))
    monkeypatch.delenv("AHP_REPORTS", raising=False)
    with dg.DagsterInstance.ephemeral() as instance:
        nothing = check_arrivals.evaluate_tick(dg.build_sensor_context(instance))
        assert nothing.skip_message == "No new file."
        nights.put("derby.xlsx", a_return())
        just_saved = check_arrivals.evaluate_tick(dg.build_sensor_context(instance, cursor=nothing.cursor))
        assert "still being written" in str(just_saved.skip_message)
        at = time.time() + LOOKS_EVERY_SECONDS
        clock = SimpleNamespace(time=lambda: at, monotonic=time.monotonic)
        monkeypatch.setattr(arrivals_module, "time", clock)
        # A look of an earlier version remembered less.
        for cursor in (just_saved.cursor, json.dumps({f"{FOLDER}/derby.xlsx": [1, 2]})):
            done = check_arrivals.evaluate_tick(dg.build_sensor_context(instance, cursor=cursor))
            assert done.skip_message == f"Reported on {FOLDER}/derby.xlsx."
    assert reported(nights.home, "derby.xlsx")["status"] == "nothing_to_mend"


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
