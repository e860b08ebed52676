"""Publishing puts a whole release in force or nothing at all, and takes nothing away from whoever is reading."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_workshop import Workshop

from dagster_project.home import Home
from dagster_project.release import manifest, publishing
from dagster_project.release.building import Candidate
from dagster_project.release.gates import GATE_NAMES, GateResult
from dagster_project.release.publishing import Release, ReleaseError

PASSED = [GateResult(name, True, 1, "All is well.") for name in GATE_NAMES]

needs_links = pytest.mark.skipif(os.name == "nt", reason="Windows keeps links for administrators.")


@pytest.fixture
def home(workshop: Workshop) -> Home:
    return workshop.home


@pytest.fixture
def publish_next(workshop: Workshop, pattern_candidate: Candidate) -> Callable[[], Release]:
    """Publish one more release, an hour after the last."""
    return lambda: publishing.publish(workshop.copy_of(pattern_candidate), workshop.home, PASSED)


def _latest_json(home: Home) -> dict[str, Any]:
    contents: dict[str, Any] = json.loads((home.releases / "latest.json").read_text(encoding="utf-8"))
    return contents


def _headcount(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("select sum(headcount) from marts.fct_workforce").fetchall()[0][0])


# Publishing


def test_a_published_candidate_is_the_latest_release(home: Home, candidate: Candidate, workshop: Workshop) -> None:
    assert publishing.latest_release(home) is None
    assert publishing.releases(home) == []
    release = publishing.publish(candidate, home, PASSED)
    assert release.folder == home.releases / candidate.release_id
    assert not candidate.folder.exists()
    assert publishing.latest_release(home) == release
    assert publishing.releases(home) == [release]
    assert publishing.verify(release) == []
    with duckdb.connect(str(release.database), read_only=True) as connection:
        assert _headcount(connection) == 36


def test_latest_json_names_the_release_by_a_relative_path(home: Home, publish_next: Callable[[], Release]) -> None:
    release = publish_next()
    latest = _latest_json(home)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", latest.pop("in_force_since"))
    assert latest == {
        "release_id": release.release_id,
        "released_at": release.manifest["released_at"],
        "path": release.release_id,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", release.manifest["released_at"])


def test_the_manifest_holds_the_gates_and_the_hash_of_every_file(publish_next: Callable[[], Release]) -> None:
    release = publish_next()
    contents = json.loads((release.folder / "manifest.json").read_text(encoding="utf-8"))
    assert contents == release.manifest
    assert contents["release_id"] == release.release_id
    assert contents["gates"][0] == {
        "name": "nothing_lost",
        "passed": True,
        "evaluated": 1,
        "reason": "All is well.",
    }
    assert {file["path"] for file in contents["files"]} == {
        path.relative_to(release.folder).as_posix()
        for path in release.folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) and file["bytes"] > 0 for file in contents["files"])


@pytest.mark.parametrize(
    ("gates", "reason"),
    [
        ([replace(PASSED[0], passed=False, reason="Rows were lost."), *PASSED[1:]], "nothing_lost: Rows were lost."),
        (PASSED[1:], "not run: nothing_lost"),
        ([], "not run: nothing_lost, large_changes_explained"),
    ],
)
def test_a_candidate_is_not_published_unless_every_gate_has_passed(
    home: Home, candidate: Candidate, gates: list[GateResult], reason: str
) -> None:
    with pytest.raises(ReleaseError, match=reason):
        publishing.publish(candidate, home, gates)
    assert publishing.latest_release(home) is None
    assert candidate.folder.exists()


def test_a_release_is_never_written_over(home: Home, candidate: Candidate) -> None:
    shutil.copytree(candidate.folder, home.candidates / "again")
    release = publishing.publish(candidate, home, PASSED)
    with pytest.raises(ReleaseError, match="exists already"):
        publishing.publish(replace(candidate, folder=home.candidates / "again"), home, PASSED)
    assert publishing.verify(release) == []


def test_a_folder_name_that_is_no_release_id_is_refused(home: Home, candidate: Candidate) -> None:
    with pytest.raises(ReleaseError, match="not a release id"):
        publishing.publish(replace(candidate, release_id="latest"), home, PASSED)


# Readers


def test_a_reader_of_the_old_release_keeps_its_numbers_through_a_month_of_nights(
    home: Home, workshop: Workshop, publish_next: Callable[[], Release]
) -> None:
    workshop.change("update marts.fct_workforce set headcount = 1000")
    old = publishing.publish(workshop.candidate(), home, PASSED)
    with duckdb.connect(str(old.database), read_only=True) as reader:
        assert _headcount(reader) == 3000
        for _ in range(32):
            publish_next()
            assert _headcount(reader) == 3000
        assert reader.execute("select count(*) from reference.policies").fetchall() == [(2,)]
    newest = publishing.latest_release(home)
    assert newest is not None
    with duckdb.connect(str(newest.database), read_only=True) as reader:
        assert _headcount(reader) == 36


def test_latest_json_can_be_read_at_any_moment_and_names_a_whole_release(
    home: Home, publish_next: Callable[[], Release]
) -> None:
    publish_next()
    stop, faults, readings = threading.Event(), list[str](), list[str]()

    def read_in_a_loop() -> None:
        while not stop.is_set():
            try:
                latest = publishing.latest_release(home)
                assert latest is not None
                assert latest.manifest["files"]
                assert latest.database.is_file()
                readings.append(_latest_json(home)["release_id"])
            except Exception as error:
                faults.append(repr(error))

    reader = threading.Thread(target=read_in_a_loop)
    reader.start()
    published = [publish_next().release_id for _ in range(20)]
    stop.set()
    reader.join()
    assert faults == []
    assert len(readings) > 20
    assert readings == sorted(readings)
    assert set(readings) & set(published)


# The link


@needs_links
def test_a_link_leads_to_the_latest_release(home: Home, publish_next: Callable[[], Release]) -> None:
    for _ in range(2):
        release = publish_next()
        assert (home.releases / "latest").resolve() == release.folder.resolve()
        assert os.readlink(home.releases / "latest") == release.release_id


def _no_links(*_: object, **__: object) -> None:
    raise OSError("a required privilege is not held by the client")


def test_a_system_without_links_publishes_all_the_same(
    home: Home, publish_next: Callable[[], Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "symlink", _no_links)
    release = publish_next()
    assert publishing.latest_release(home) == release
    assert not os.path.lexists(home.releases / "latest")


@needs_links
def test_a_link_that_cannot_be_renewed_is_removed_rather_than_left_to_mislead(
    home: Home, publish_next: Callable[[], Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_next()
    monkeypatch.setattr(os, "symlink", _no_links)
    publish_next()
    assert not os.path.lexists(home.releases / "latest")


@needs_links
def test_a_link_that_the_system_does_not_replace_in_one_step_is_renewed_in_two(
    home: Home, publish_next: Callable[[], Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_next()
    real_replace = os.replace

    def as_on_windows(source: Path, target: Path) -> None:
        if os.path.islink(target):
            raise PermissionError("access is denied")
        real_replace(source, target)

    monkeypatch.setattr(os, "replace", as_on_windows)
    latest = publish_next()
    assert os.readlink(home.releases / "latest") == latest.release_id


def test_a_real_folder_named_latest_is_left_alone(home: Home, publish_next: Callable[[], Release]) -> None:
    (home.releases / "latest").mkdir(parents=True)
    (home.releases / "latest" / "notes.txt").write_text("mine", encoding="utf-8")
    publish_next()
    assert (home.releases / "latest" / "notes.txt").read_text(encoding="utf-8") == "mine"


# Crashes


class _Crash(BaseException):
    """Stands for the power going off: nothing in the code may catch it."""


def _crash_at(monkeypatch: pytest.MonkeyPatch, module: object, name: str, file: str) -> None:
    """Crash in that function when what it is about ends on these letters; '' is about anything."""
    real = getattr(module, name)

    def crash(*arguments: Any, **options: Any) -> Any:
        if str(arguments[0]).endswith(file):
            raise _Crash
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, crash)


@pytest.mark.parametrize(
    ("module", "name", "file"),
    [
        (manifest, "files_of", ""),
        (manifest, "write", ""),
        (publishing.archive, "keep", ""),
        (os, "replace", ".parquet.new"),
        (os, "replace", "{release_id}.json.new"),
        (os, "replace", "{release_id}"),
        (publishing, "write_whole", "latest.json"),
        (os, "replace", "latest.json.new"),
    ],
    ids=[
        "hashing",
        "writing the manifest",
        "keeping what it holds",
        "keeping a table",
        "keeping the names of its tables",
        "moving the folder",
        "writing latest.json",
        "replacing latest.json",
    ],
)
def test_a_crash_before_the_swap_leaves_the_old_release_in_force(
    home: Home, workshop: Workshop, publish_next: Callable[[], Release], module: object, name: str, file: str
) -> None:
    old = publish_next()
    workshop.change("update marts.fct_workforce set headcount = 1000")
    candidate = workshop.candidate()
    with pytest.MonkeyPatch.context() as monkeypatch:
        _crash_at(monkeypatch, module, name, file.format(release_id=candidate.release_id))
        with pytest.raises(_Crash):
            publishing.publish(candidate, home, PASSED)
    latest = publishing.latest_release(home)
    assert latest is not None
    assert latest.release_id == old.release_id
    assert publishing.verify(latest) == []
    later = publish_next()
    assert later.is_latest, "the next night goes on as if nothing had happened"
    assert [act.release_id for act in publishing.acts_in_force(home)] == [old.release_id, later.release_id]


@pytest.mark.parametrize(
    ("module", "name", "file"),
    [
        (publishing.archive, "record", ""),
        (os, "replace", "{release_id}.json.new"),
        (os, "symlink", ""),
        pytest.param(os, "replace", "latest.new", marks=needs_links),
        (publishing, "_prune", ""),
    ],
    ids=["writing it down", "moving what is written down", "making the link", "replacing the link", "pruning"],
)
def test_a_crash_after_the_swap_leaves_the_new_release_in_force(
    home: Home,
    workshop: Workshop,
    candidate: Candidate,
    publish_next: Callable[[], Release],
    module: object,
    name: str,
    file: str,
) -> None:
    first = publish_next()
    candidate = workshop.copy_of(candidate)
    real_put_in_force = publishing._put_in_force
    with pytest.MonkeyPatch.context() as monkeypatch:

        def put_in_force(*arguments: Any) -> None:
            _crash_at(monkeypatch, module, name, file.format(release_id=candidate.release_id))
            real_put_in_force(*arguments)

        monkeypatch.setattr(publishing, "_put_in_force", put_in_force)
        with pytest.raises(_Crash):
            publishing.publish(candidate, home, PASSED)
    latest = publishing.latest_release(home)
    assert latest is not None
    assert latest.release_id == candidate.release_id
    assert publishing.verify(latest) == []
    in_force = [first.release_id, candidate.release_id]
    assert [act.release_id for act in publishing.acts_in_force(home)] == in_force
    assert publish_next().is_latest
    assert [act.release_id for act in publishing.archive.acts(home)][:2] == in_force


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def _deny(monkeypatch: pytest.MonkeyPatch, times: int, concerns: Callable[[Path], bool]) -> None:
    """Refuse os.replace for the first times, as Windows does for as long as somebody has the file open."""
    real, refusals = os.replace, iter(range(times))

    def replace_or_refuse(source: Path, target: Path) -> None:
        if concerns(Path(source)) and next(refusals, None) is not None:
            raise PermissionError("the file is being used by another process")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace_or_refuse)


def test_a_file_that_is_open_for_a_moment_is_waited_for(
    home: Home, publish_next: Callable[[], Release], monkeypatch: pytest.MonkeyPatch, no_waiting: list[float]
) -> None:
    publish_next()
    _deny(monkeypatch, 2, lambda source: source.name == "latest.json.new")
    latest = publish_next()
    assert len(no_waiting) == 2
    assert publishing.latest_release(home) == latest


def test_a_file_that_stays_open_leaves_the_old_release_in_force(
    home: Home, publish_next: Callable[[], Release], monkeypatch: pytest.MonkeyPatch, no_waiting: list[float]
) -> None:
    old = publish_next()
    _deny(monkeypatch, 100, lambda source: source.name == "latest.json.new")
    with pytest.raises(PermissionError):
        publish_next()
    latest = publishing.latest_release(home)
    assert latest is not None
    assert latest.release_id == old.release_id


# Pruning


def test_the_newest_thirty_releases_are_kept(home: Home, publish_next: Callable[[], Release]) -> None:
    published = [publish_next().release_id for _ in range(32)]
    assert [release.release_id for release in publishing.releases(home)] == published[:1:-1]
    assert [release.is_latest for release in publishing.releases(home)] == [True] + [False] * 29
    assert list(home.candidates.iterdir()) == []


def test_the_latest_release_is_never_pruned_even_if_the_clock_went_back(
    home: Home, publish_next: Callable[[], Release]
) -> None:
    newest = publish_next()
    for number in range(30):
        shutil.copytree(newest.folder, home.releases / f"2099-01-01T0000{number:02}Z-aaaaaa")
    latest = publish_next()
    assert publishing.latest_release(home) is not None
    assert latest.folder.is_dir()
    assert not newest.folder.exists()


def test_a_release_that_somebody_has_open_is_left_whole_for_the_next_night(
    home: Home, publish_next: Callable[[], Release]
) -> None:
    oldest = publish_next()
    for number in range(30):
        shutil.copytree(oldest.folder, home.releases / f"2025-06-01T0000{number:02}Z-aaaaaa")
    first_kept = home.releases / "2025-06-01T000000Z-aaaaaa"
    with pytest.MonkeyPatch.context() as monkeypatch:
        _deny(monkeypatch, 100, lambda source: source == first_kept)
        publish_next()
    assert (first_kept / "manifest.json").exists()
    publish_next()
    assert not first_kept.exists()


def test_other_things_in_the_releases_folder_are_left_alone(home: Home, publish_next: Callable[[], Release]) -> None:
    home.releases.mkdir(parents=True)
    (home.releases / "README.txt").write_text("mine", encoding="utf-8")
    (home.releases / "2026-notes").mkdir()
    first = publish_next()
    for number in range(30):
        shutil.copytree(first.folder, home.releases / f"2025-06-01T0000{number:02}Z-aaaaaa")
    publish_next()
    assert (home.releases / "README.txt").exists()
    assert (home.releases / "2026-notes").is_dir()
    assert len(publishing.releases(home)) == 30


# Finding releases


@pytest.mark.parametrize("contents", ["", "{", "[]", "{}", '"x"', "null", '{"release_id": "../x"}'])
def test_a_damaged_latest_json_is_an_error_and_not_a_first_release(
    home: Home, publish_next: Callable[[], Release], contents: str
) -> None:
    release = publish_next()
    (home.releases / "latest.json").write_text(contents, encoding="utf-8")
    with pytest.raises(ReleaseError, match=f"cannot be read.*ahp rollback.*{release.release_id}"):
        publishing.latest_release(home)
    assert [kept.release_id for kept in publishing.releases(home)] == [release.release_id]
    assert publishing.rollback(home, release.release_id).is_latest
    assert publishing.latest_release(home) == release


def test_a_latest_json_that_names_a_missing_release_is_an_error(
    home: Home, publish_next: Callable[[], Release]
) -> None:
    kept, latest = publish_next(), publish_next()
    shutil.rmtree(latest.folder)
    with pytest.raises(ReleaseError, match=f"{latest.release_id}, which is missing.*Kept: {kept.release_id}"):
        publishing.latest_release(home)


def test_a_folder_without_a_manifest_is_no_release(home: Home, publish_next: Callable[[], Release]) -> None:
    release = publish_next()
    (home.releases / "2026-09-09T000000Z-abcdef").mkdir()
    assert publishing.releases(home) == [release]


# Rolling back


def test_rolling_back_puts_the_earlier_release_in_force(home: Home, publish_next: Callable[[], Release]) -> None:
    earlier, later = publish_next(), publish_next()
    release = publishing.rollback(home, earlier.release_id)
    assert release == earlier
    assert publishing.latest_release(home) == earlier
    assert [kept.is_latest for kept in publishing.releases(home)] == [False, True]
    assert _latest_json(home)["released_at"] == earlier.manifest["released_at"]
    if (home.releases / "latest").is_symlink():
        assert os.readlink(home.releases / "latest") == earlier.release_id
    assert publishing.rollback(home, later.release_id) == later


def test_rolling_back_to_an_unknown_release_lists_those_kept(home: Home, publish_next: Callable[[], Release]) -> None:
    earlier, later = publish_next(), publish_next()
    with pytest.raises(ReleaseError, match=f"No release 2020 is kept. Kept: {later.release_id}, {earlier.release_id}."):
        publishing.rollback(home, "2020")
    assert publishing.latest_release(home) == later


def test_rolling_back_where_nothing_is_kept_says_so(home: Home) -> None:
    with pytest.raises(ReleaseError, match="None is kept"):
        publishing.rollback(home, "2026-01-01T000000Z-aaaaaa")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "dictionary.md").unlink(), r"dictionary\.md is missing"),
        (lambda folder: (folder / "extra.txt").write_text("x"), r"extra\.txt is not in the manifest"),
        (lambda folder: (folder / "dictionary.md").write_text("x"), r"dictionary\.md has changed.*1 now"),
    ],
)
def test_a_release_that_is_not_as_published_is_not_rolled_back_to(
    home: Home, publish_next: Callable[[], Release], damage: Callable[[Path], None], reason: str
) -> None:
    earlier, later = publish_next(), publish_next()
    damage(earlier.folder)
    assert re.search(reason, " ".join(publishing.verify(earlier)))
    with pytest.raises(ReleaseError, match=reason):
        publishing.rollback(home, earlier.release_id)
    assert publishing.latest_release(home) == later


def test_a_manifest_that_cannot_be_read_is_a_difference(publish_next: Callable[[], Release]) -> None:
    release = publish_next()
    (release.folder / "manifest.json").write_text("{", encoding="utf-8")
    assert len(publishing.verify(release)) == 1
    assert publishing.verify(release)[0].startswith("manifest.json cannot be read")


# Candidates that are not published


def test_a_failed_candidate_is_kept_with_its_gates_and_only_the_newest_one(
    home: Home, workshop: Workshop, candidate: Candidate
) -> None:
    other = workshop.copy_of(candidate)
    failed = [replace(PASSED[0], passed=False, reason="Rows were lost."), *PASSED[1:]]
    for each in (candidate, other):
        assert publishing.keep_failed(each, home, failed) == home.candidates / "failed"
    assert [folder.name for folder in home.candidates.iterdir()] == ["failed"]
    contents = json.loads((home.candidates / "failed" / "manifest.json").read_text(encoding="utf-8"))
    assert contents["release_id"] == other.release_id
    assert contents["gates"][0]["reason"] == "Rows were lost."
    assert publishing.releases(home) == []


def test_a_failed_candidate_that_somebody_has_open_is_not_replaced(
    home: Home, workshop: Workshop, candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = workshop.copy_of(candidate)
    publishing.keep_failed(candidate, home, PASSED)
    _deny(monkeypatch, 100, lambda source: source.name == "failed")
    assert publishing.keep_failed(other, home, PASSED) == other.folder
    assert (home.candidates / "failed" / "manifest.json").exists()


def test_leftover_candidates_are_cleared_but_for_the_failed_one(
    home: Home, workshop: Workshop, candidate: Candidate
) -> None:
    publishing.keep_failed(workshop.copy_of(candidate), home, PASSED)
    publishing.clear_candidates(home)
    assert [folder.name for folder in home.candidates.iterdir()] == ["failed"]


def test_clearing_where_there_is_no_candidates_folder_does_nothing(home: Home) -> None:
    publishing.clear_candidates(home)
    assert not home.candidates.exists()
