"""What a release held can be read back to the letter for ever, and what was in force when is known for every night."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest
from release_workshop import TABLES, Workshop, tamper

from dagster_project import query
from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.query import AsAt, QueryError
from dagster_project.release import archive, publishing
from dagster_project.release.archive import ArchivedRelease
from dagster_project.release.building import Candidate
from dagster_project.release.gates import GATE_NAMES, GateResult
from dagster_project.release.publishing import Release, ReleaseError

PASSED = [GateResult(name, True, 1, "All is well.") for name in GATE_NAMES]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOUBLED = "update marts.fct_workforce set headcount = 2 * headcount"

Night = Callable[..., Release]


@pytest.fixture
def home(workshop: Workshop) -> Home:
    return workshop.home


@pytest.fixture
def night(workshop: Workshop, pattern_candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> Night:
    """Publish one more release at that moment, after the warehouse has changed if it has."""
    changed = False

    def publish(moment: str, change: str = "") -> Release:
        nonlocal changed
        _clock(monkeypatch, moment)
        if change:
            workshop.change(change)
            changed = True
        candidate = workshop.candidate() if changed else workshop.copy_of(pattern_candidate)
        return publishing.publish(candidate, workshop.home, PASSED)

    return publish


def _clock(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr(publishing, "_now", lambda: datetime.fromisoformat(moment))


def _as_at(home: Home, text: str) -> ArchivedRelease:
    return query.release_as_at(home, query.read_as_at(text, NOW))


def _contents(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Every table with its columns, their types, every row in its order, and what is said of it."""
    return {
        table.full_name: (
            [row[:2] for row in connection.execute(f"describe {table.full_name}").fetchall()],
            connection.execute(f"from {table.full_name}").fetchall(),
            connection.execute(
                "select comment from duckdb_tables() where schema_name = $1 and table_name = $2 union all "
                "select comment from duckdb_columns() where schema_name = $1 and table_name = $2 order by all",
                [table.schema, table.name],
            ).fetchall(),
        )
        for table in TABLES
    }


def _held(release: Release) -> dict[str, Any]:
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return _contents(connection)


def _read_back(release: ArchivedRelease) -> dict[str, Any]:
    with query.open_release(release) as connection:
        return _contents(connection)


def _files(home: Home) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(home.released).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in home.released.rglob("*")
        if path.is_file()
    }


def _only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


# Reading back


def test_every_past_release_is_read_back_to_the_letter_after_its_folder_is_gone(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "KEPT_RELEASES", 1)
    changes = {
        "2026-03-29": "",
        "2026-03-30": DOUBLED,
        "2026-03-31": "delete from marts.fct_workforce where organisation_code = 'E10000001'",
        "2026-04-01": "insert into quality.findings values ('f-1', 'It''s \"—\".', -0.1), ('f-2', null, 1e300)",
        "2026-04-02": "delete from reference.policies",
    }
    held = {day: _held(night(f"{day}T01:00:03+00:00", change)) for day, change in changes.items()}
    assert len(publishing.releases(home)) == 1
    assert len({str(contents) for contents in held.values()}) == 5
    for day, contents in held.items():
        assert _read_back(_as_at(home, day)) == contents, day


def test_rules_that_change_what_a_table_is_do_not_change_what_it_was(
    home: Home, workshop: Workshop, night: Night
) -> None:
    before = _held(night("2026-03-30T01:00:00+00:00"))
    workshop.with_column_type("marts.fct_workforce", "fte", "DECIMAL(12,2)")
    workshop.with_column_type("quality.findings", "difference", "VARCHAR")
    retyped = (
        "alter table marts.fct_workforce alter fte type decimal(12, 2);"
        "alter table quality.findings alter difference type varchar"
    )
    after = _held(night("2026-03-31T01:00:00+00:00", retyped))
    assert ("fte", "DOUBLE") in before["marts.fct_workforce"][0]
    assert ("fte", "DECIMAL(12,2)") in after["marts.fct_workforce"][0]
    assert _read_back(_as_at(home, "2026-03-30")) == before
    assert _read_back(_as_at(home, "2026-03-31")) == after


def test_a_home_whose_name_looks_like_a_pattern_is_read_all_the_same(
    workshop: Workshop, pattern_candidate: Candidate, tmp_path: Path
) -> None:
    home = Home(tmp_path / "it's [a-b] {x}")
    release = publishing.publish(workshop.copy_of(pattern_candidate), home, PASSED)
    assert _read_back(archive.archived_release(home, release.release_id)) == _held(release)


def test_the_archive_is_read_with_nothing_but_json_and_parquet(home: Home, night: Night) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    act = json.loads(_only(home.released / "in_force").read_text(encoding="utf-8"))
    assert act == {"in_force_since": "2026-03-30T01:00:00.000000Z", "release_id": release.release_id}
    index = json.loads((home.released / f"{act['release_id']}.json").read_text(encoding="utf-8"))
    for fact in (
        "release_id",
        "created_at",
        "released_at",
        "commit",
        "project_version",
        "bundled_inputs",
        "invented_sources",
    ):
        assert index[fact] == release.manifest[fact], fact
    assert [(table["schema"], table["name"], table["rows"]) for table in index["tables"]] == [
        (table["schema"], table["name"], table["rows"]) for table in release.manifest["tables"]
    ]
    table = index["tables"][0]
    rows = pyarrow.parquet.read_table(home.released / "tables" / f"{table['sha256']}.parquet")
    assert sum(rows["headcount"].to_pylist()) == 36
    described = json.loads((home.released / "descriptions" / f"{table['described']}.json").read_text(encoding="utf-8"))
    assert described["columns"] == release.manifest["tables"][0]["columns"]
    assert described["description"] == release.manifest["tables"][0]["description"]
    assert described["caveats"] == release.manifest["tables"][0]["caveats"]


def test_the_sql_of_the_runbook_reads_a_past_night_without_ahp(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    runbook = (PROJECT_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    statements = runbook.partition("```sql\n")[2].partition("```")[0]
    night("2026-03-30T01:00:00+00:00")
    night("2026-03-31T22:59:59+00:00", DOUBLED)
    night("2026-03-31T23:00:00+00:00", DOUBLED)
    monkeypatch.chdir(home.root)
    with duckdb.connect() as connection:
        rows = connection.sql(statements)
        assert rows.sum("headcount").fetchall() == [(72,)]


def test_tables_and_columns_are_described_as_they_were(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "KEPT_RELEASES", 1)
    night("2026-03-30T01:00:00+00:00")
    latest = query.tables(home)
    night("2026-03-31T01:00:00+00:00", DOUBLED)
    assert query.tables(home, _as_at(home, "2026-03-30")) == latest
    assert query.describe(home, "fct_workforce", _as_at(home, "2026-03-30")) == latest[0]


# Which release was in force


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("2026-03-28", 0),
        ("2026-03-29", 0),
        # 23:30 UTC on the 30th is half past midnight on the 31st in London, whose clocks went forward on the 29th.
        ("2026-03-30", 0),
        ("31 March 2026", 1),
        ("2026-04-01", 1),
        ("2026-04-02", 2),
        ("2026-11-21", 2),
        ("2026-11-22", 2),
        ("2026-03-31T00:29:59", 0),
        ("2026-03-31T00:30", 1),
        ("2026-03-30T23:29:59Z", 0),
        ("2026-03-30 23:30+00:00", 1),
        ("2026-03-31T00:00", 0),
        ("2026-04-02T01:00:00.000006+00:00", 1),
        ("2026-04-02T01:00:00.000007+00:00", 2),
    ],
)
def test_a_day_gives_the_release_in_force_at_its_end_and_a_moment_the_one_at_it(
    home: Home, night: Night, asked: str, found: int
) -> None:
    moments = "2026-03-28T02:00:00+00:00", "2026-03-30T23:30:00+00:00", "2026-04-02T01:00:00.000007+00:00"
    released = [night(moment).release_id for moment in moments]
    assert _as_at(home, asked).release_id == released[found]


def test_a_rollback_counts_from_the_moment_it_was_made(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = night("2026-03-30T01:00:00+00:00"), night("2026-03-31T01:00:00+00:00", DOUBLED)
    _clock(monkeypatch, "2026-04-02T09:15:00+00:00")
    publishing.rollback(home, first.release_id)
    third = night("2026-04-04T01:00:00+00:00")
    for asked, expected in (
        ("2026-03-30", first),
        ("2026-04-01", second),
        ("2026-04-02T09:14:59+00:00", second),
        ("2026-04-02T09:15:00+00:00", first),
        ("2026-04-02", first),
        ("2026-04-03", first),
        ("2026-04-04", third),
    ):
        assert _as_at(home, asked).release_id == expected.release_id, asked


def test_a_publication_that_did_not_end_never_counts(home: Home, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    first = night("2026-03-30T01:00:00+00:00")
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "_put_in_force", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            night("2026-03-31T01:00:00+00:00", DOUBLED)
    assert _as_at(home, "2026-03-31").release_id == first.release_id
    third = night("2026-04-01T01:00:00+00:00")
    assert _as_at(home, "2026-03-31").release_id == first.release_id
    assert _as_at(home, "2026-04-01").release_id == third.release_id


def test_a_release_that_could_not_be_written_down_counts_and_is_written_down_by_the_next(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night("2026-03-30T01:00:00+00:00")
    with monkeypatch.context() as broken:
        broken.setattr(archive, "record", _disk_is_full)
        with pytest.raises(ReleaseError, match="No space left"):
            night("2026-03-31T01:00:00+00:00")
        broken.setattr(publishing, "_acts_not_written_down", lambda _: [])
        second = night("2026-03-31T01:00:00+00:00")
    assert len(archive.acts(home)) == 1
    assert _as_at(home, "2026-03-31").release_id == second.release_id
    night("2026-04-01T01:00:00+00:00")
    assert [act.release_id for act in archive.acts(home)][1] == second.release_id
    assert _as_at(home, "2026-03-31").release_id == second.release_id


def test_before_the_first_release_the_first_night_is_named(home: Home, night: Night) -> None:
    with pytest.raises(query.NoReleaseError):
        _as_at(home, "2026-03-29")
    night("2026-03-30T01:00:00+00:00")
    for asked in ("2026-03-29", "2026-03-30T01:59"):
        with pytest.raises(
            QueryError, match=r"^Nothing had been released by then.* first night on record is 30 March 2026"
        ):
            _as_at(home, asked)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("2026-11-23", "2026-11-23 has not come yet. Today is 22 November 2026."),
        ("2026-11-22T12:00:01", "has not come yet"),
        ("9999-12-31", "has not come yet"),
        ("9999-12-31T23:59-05:00", "has not come yet"),
        ("31 June 2026", "'31 June 2026' is not understood. Write a day like 2026-03-31"),
        ("last week", "is not understood"),
        ("31/03/2026 14:00", "is not understood"),
        ("", "is not understood"),
        (
            "2026-10-25T01:30",
            r"The clocks of London change around 2026-10-25T01:30.*\+00:00 for GMT or \+01:00 for BST",
        ),
        ("2026-03-29T01:30", "means two moments or none"),
    ],
)
def test_a_day_to_come_or_one_that_cannot_be_read_is_refused(asked: str, message: str) -> None:
    with pytest.raises(query.AsAtNotUnderstood, match=message):
        query.read_as_at(asked, NOW)


def test_today_means_now_and_a_clock_can_be_named(home: Home) -> None:
    assert query.read_as_at("2026-11-22", NOW) == AsAt(NOW)
    assert query.read_as_at("2026-10-25T01:30+00:00", NOW).moment == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert query.read_as_at("2026-10-25T01:30+01:00", NOW).moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


# Storing


def test_what_has_not_changed_is_stored_once(home: Home, night: Night) -> None:
    night("2026-03-30T01:00:00+00:00")
    first = _files(home)
    release = night("2026-03-31T01:00:00+00:00")
    added = _files(home).keys() - first.keys()
    assert added == {
        f"{release.release_id}.json",
        f"in_force/2026-03-31T010000.000000Z-{release.release_id}.json",
    }
    night("2026-04-01T01:00:00+00:00", DOUBLED)
    (table,) = {path for path in _files(home).keys() - first.keys() if path.startswith("tables/")}
    assert hashlib.sha256((home.released / table).read_bytes()).hexdigest() == Path(table).stem


def test_equal_tables_give_equal_parquet_files_whatever_the_number_of_processors(
    home: Home, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise every night would store every table anew."""
    many = (
        "insert into marts.fct_workforce select 'E1' || hash(range) % 150, date '2024-01-01' + (range % 400)::integer,"
        " 'council_return', 'group ' || hash(range) % 9, 'sub-' || range % 7, range % 31, hash(range) % 1000 / 7,"
        " null, 0, range from range(150000)"
    )
    workshop.change(many)
    real_connect, hashes = duckdb.connect, []
    for threads in (1, 4):
        monkeypatch.setattr(
            duckdb, "connect", lambda path, threads=threads: real_connect(path, config={"threads": threads})
        )
        candidate = workshop.candidate()
        hashes.append(
            [hashlib.sha256(candidate.copy_of(table, "parquet").read_bytes()).hexdigest() for table in TABLES]
        )
    assert hashes[0] == hashes[1]


def test_nothing_that_was_stored_is_ever_changed_or_removed(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "KEPT_RELEASES", 2)
    first = night("2026-03-30T01:00:00+00:00")
    steps: list[Callable[[], object]] = [
        lambda: night("2026-03-31T01:00:00+00:00", DOUBLED),
        lambda: publishing.rollback(home, first.release_id),
        lambda: night("2026-04-01T01:00:00+00:00"),
        lambda: night("2026-04-02T01:00:00+00:00", "delete from quality.findings; " + DOUBLED),
        lambda: _read_back(_as_at(home, "2026-03-30")),
    ]
    for step in steps:
        before = _files(home)
        step()
        after = _files(home)
        assert {path: after.get(path) for path in before} == before
    assert not [path for path in _files(home) if not path.endswith((".json", ".parquet"))]


def test_a_type_that_parquet_lacks_is_refused_where_it_costs_a_digit(
    home: Home, workshop: Workshop, night: Night
) -> None:
    workshop.with_column_type("marts.fct_workforce", "headcount", "HUGEINT")
    small = "alter table marts.fct_workforce alter headcount type hugeint"
    held = _held(night("2026-03-30T01:00:00+00:00", small))
    assert ("headcount", "HUGEINT") in held["marts.fct_workforce"][0]
    assert _read_back(_as_at(home, "2026-03-30")) == held
    with pytest.raises(
        ReleaseError, match=r"marts\.fct_workforce in the release .* to the letter.*BIGINT in place of HUGEINT"
    ):
        night("2026-03-31T01:00:00+00:00", "update marts.fct_workforce set headcount = 12345678901234567890123")
    assert publishing.latest_release(home) is not None
    assert _as_at(home, "2026-03-31").release_id == _as_at(home, "2026-03-30").release_id


@pytest.mark.parametrize(
    "change",
    [
        "update marts.fct_workforce set fte = fte + 0.25 where headcount = 12",
        "delete from marts.fct_workforce where headcount = 12",
        "insert into quality.findings values ('f-1', null, null)",
        "insert into reference.explained_changes values (null, null, null, null, null)",
        "alter table marts.fct_workforce alter headcount type integer",
        "drop table reference.policies",
    ],
)
def test_a_database_that_differs_from_its_parquet_is_not_put_in_force(
    home: Home, workshop: Workshop, night: Night, change: str
) -> None:
    old = night("2026-03-30T01:00:00+00:00", "insert into quality.findings values ('f-0', 'Old.', 0)")
    workshop.change(
        "delete from quality.findings; delete from reference.policies where value = 5; "
        "insert into reference.explained_changes values ('E10000001', null, null, 'fte', 'Right.'); " + DOUBLED
    )
    candidate = workshop.candidate()
    tamper(candidate, change.replace("= 12", "= 24"))
    with pytest.raises(ReleaseError, match="so it was not put in force"):
        publishing.publish(candidate, home, PASSED)
    latest = publishing.latest_release(home)
    assert latest is not None
    assert latest.release_id == old.release_id
    assert not archive.holds(home, candidate.release_id)


@pytest.mark.parametrize(
    "change",
    ["update marts.fct_workforce set fte = fte + 0.25 where headcount = 12", "drop table reference.policies"],
)
def test_a_database_that_differs_from_a_parquet_file_that_is_stored_already_is_not_put_in_force(
    home: Home, workshop: Workshop, night: Night, change: str
) -> None:
    old = night("2026-03-30T01:00:00+00:00")
    held = _held(old)
    candidate = workshop.candidate()
    parquet = candidate.folder / "parquet" / "marts" / "fct_workforce.parquet"
    stored = home.released / "tables" / f"{hashlib.sha256(parquet.read_bytes()).hexdigest()}.parquet"
    assert stored.is_file()
    tamper(candidate, change)
    with pytest.raises(ReleaseError, match="so it was not put in force"):
        publishing.publish(candidate, home, PASSED)
    latest = publishing.latest_release(home)
    assert latest is not None
    assert latest.release_id == old.release_id
    assert _read_back(_as_at(home, "2026-11-22")) == held
    assert not archive.holds(home, candidate.release_id)


def test_another_release_under_the_same_id_is_not_put_in_force(home: Home, workshop: Workshop, night: Night) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    shutil.rmtree(release.folder)
    workshop.change(DOUBLED)
    other = workshop.candidate()
    shutil.copytree(other.folder, home.candidates / "again")
    with pytest.raises(ReleaseError, match="holds another release"):
        publishing.publish(Candidate(release.release_id, home.candidates / "again", other.tables), home, PASSED)


# When the archive cannot be written


def _disk_is_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _old_stands(home: Home, old: Release) -> None:
    latest = publishing.latest_release(home)
    assert latest is not None
    assert latest.release_id == old.release_id
    assert [release.release_id for release in publishing.releases(home)] == [old.release_id]
    assert _as_at(home, "2026-11-22").release_id == old.release_id


@pytest.mark.parametrize("fails_at", [".parquet.new", ".json.new"])
def test_a_release_that_cannot_be_kept_for_good_is_not_put_in_force(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    old = night("2026-03-30T01:00:00+00:00")
    real_replace = os.replace

    def replace_or_fail(source: Path, target: Path) -> None:
        if str(source).endswith(fails_at) and home.released in Path(source).parents:
            _disk_is_full()
        real_replace(source, target)

    with monkeypatch.context() as full:
        full.setattr(os, "replace", replace_or_fail)
        with pytest.raises(
            ReleaseError, match=r"could not be kept in store/released \(No space left on device\).*start again"
        ):
            night("2026-03-31T01:00:00+00:00", DOUBLED)
    _old_stands(home, old)
    held = _held(night("2026-04-01T01:00:00+00:00"))
    assert _read_back(_as_at(home, "2026-04-01")) == held


def test_a_file_in_the_place_of_the_archive_stops_the_release(home: Home, night: Night) -> None:
    old = night("2026-03-30T01:00:00+00:00")
    moved = home.store / "moved"
    home.released.rename(moved)
    home.released.write_text("mine", encoding="utf-8")
    with pytest.raises(ReleaseError, match="could not be kept in store/released"):
        night("2026-03-31T01:00:00+00:00")
    home.released.unlink()
    moved.rename(home.released)
    _old_stands(home, old)


def test_a_rollback_needs_no_room_when_the_release_is_kept_already(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = night("2026-03-30T01:00:00+00:00")
    night("2026-03-31T01:00:00+00:00", DOUBLED)
    monkeypatch.setattr(archive, "write_whole", _disk_is_full)
    _clock(monkeypatch, "2026-04-01T09:00:00+00:00")
    assert publishing.rollback(home, first.release_id).is_latest
    assert _as_at(home, "2026-04-01").release_id == first.release_id


# Damage


def _tables_of_workforce(home: Home, release: Release) -> Path:
    index = json.loads((home.released / f"{release.release_id}.json").read_text(encoding="utf-8"))
    return home.released / "tables" / f"{index['tables'][0]['sha256']}.parquet"


@pytest.mark.parametrize("damage", ["changed", "cut short", "exchanged", "missing"])
def test_a_damaged_table_is_named_and_not_read(home: Home, night: Night, damage: str) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    path = _tables_of_workforce(home, release)
    content = path.read_bytes()
    match damage:
        case "changed":
            path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
        case "cut short":
            path.write_bytes(content[:-1])
        case "exchanged":
            other = next(other for other in path.parent.iterdir() if other != path)
            path.write_bytes(other.read_bytes())
        case "missing":
            path.unlink()
    with pytest.raises(
        QueryError,
        match=rf"^store/released/tables/{path.name}, marts\.fct_workforce of the release {release.release_id}, is "
        rf"(missing|damaged).*backup",
    ):
        _read_back(_as_at(home, "2026-03-30"))
    with pytest.raises(QueryError, match=path.name):
        query.run_sql(home, "select 1", _as_at(home, "2026-03-30"))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"tables": [{}]}', b'{"tables": 1}', b"\xff"])
def test_a_damaged_index_is_named(home: Home, night: Night, damage: bytes) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    (home.released / f"{release.release_id}.json").write_bytes(damage)
    with pytest.raises(QueryError, match=rf"^store/released/{release.release_id}\.json is damaged"):
        _as_at(home, "2026-03-30")


def test_a_missing_index_is_named(home: Home, night: Night) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    (home.released / f"{release.release_id}.json").unlink()
    with pytest.raises(QueryError, match=rf"^store/released/{release.release_id}\.json is missing"):
        _as_at(home, "2026-03-30")


def test_a_damaged_description_is_named(home: Home, night: Night) -> None:
    night("2026-03-30T01:00:00+00:00")
    for path in (home.released / "descriptions").iterdir():
        path.write_bytes(path.read_bytes().replace(b"One row per", b"Two rows per"))
    with pytest.raises(
        QueryError, match=r"^store/released/descriptions/.*, the description of marts\.fct_workforce of"
    ):
        _as_at(home, "2026-03-30")


def test_what_is_damaged_is_stored_anew_by_the_next_release_that_holds_it(home: Home, night: Night) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    for folder in ("tables", "descriptions"):
        for path in (home.released / folder).iterdir():
            path.write_bytes(b"damaged")
    night("2026-03-31T01:00:00+00:00")
    assert _read_back(_as_at(home, "2026-03-30")) == _held(release)


def test_other_files_in_the_archive_are_left_alone_and_read_by_nobody(home: Home, night: Night) -> None:
    release = night("2026-03-30T01:00:00+00:00")
    for path in ("in_force/notes.json", "in_force/2026-03-31T010000.000000Z-x.json.new", "tables/notes.txt"):
        (home.released / path).write_text("mine", encoding="utf-8")
    night("2026-04-01T01:00:00+00:00")
    assert _as_at(home, "2026-03-31").release_id == release.release_id
    assert (home.released / "in_force" / "notes.json").read_text(encoding="utf-8") == "mine"


# Releases from before there was an archive


def _as_before_the_archive(home: Home) -> None:
    shutil.rmtree(home.released)
    path = home.releases / "latest.json"
    latest = json.loads(path.read_text(encoding="utf-8"))
    del latest["in_force_since"]
    path.write_text(json.dumps(latest), encoding="utf-8")


def test_releases_that_are_kept_but_not_in_the_archive_get_there_with_the_next(home: Home, night: Night) -> None:
    earlier = [night("2026-03-30T01:00:00+00:00"), night("2026-03-31T01:00:00+00:00", DOUBLED)]
    _as_before_the_archive(home)
    with pytest.raises(
        QueryError, match=rf"{earlier[0].release_id}\.json is missing.*the next \./ahp refresh keeps it"
    ):
        _as_at(home, "2026-03-30")
    latest = night("2026-04-01T01:00:00+00:00")
    for day, release in zip(("2026-03-30", "2026-03-31", "2026-04-01"), [*earlier, latest], strict=True):
        assert _read_back(_as_at(home, day)) == _held(release)
        assert _as_at(home, day).release_id == release.release_id


def test_a_rollback_from_before_the_archive_counts_from_when_latest_json_was_written(
    home: Home, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = night("2026-03-30T01:00:00+00:00"), night("2026-03-31T01:00:00+00:00")
    publishing.rollback(home, first.release_id)
    _as_before_the_archive(home)
    rolled_back = datetime(2026, 4, 2, 9, tzinfo=UTC).timestamp()
    os.utime(home.releases / "latest.json", (rolled_back, rolled_back))
    _clock(monkeypatch, "2026-04-04T09:00:00+00:00")
    publishing.rollback(home, second.release_id)
    found = [_as_at(home, f"2026-04-0{day}").release_id for day in (1, 2, 3, 4)]
    assert found == [second.release_id, first.release_id, first.release_id, second.release_id]


def _write_again(path: Path) -> None:
    """The same rows in other bytes."""
    rows = pyarrow.parquet.read_table(path)
    pyarrow.parquet.write_table(rows, path, compression="none")


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: _write_again(folder / "parquet" / "marts" / "fct_workforce.parquet"),
        lambda folder: (folder / "parquet" / "marts" / "fct_workforce.parquet").write_bytes(b"damaged"),
        lambda folder: (folder / "parquet" / "marts" / "fct_workforce.parquet").unlink(),
        lambda folder: (folder / "ahp_workforce.duckdb").write_bytes(b"damaged"),
        lambda folder: (folder / "manifest.json").write_text('{"release_id": "x"}', encoding="utf-8"),
    ],
)
def test_an_earlier_release_that_is_damaged_stops_no_night_and_gives_no_other_numbers(
    home: Home, night: Night, damage: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    damaged, sound = night("2026-03-30T01:00:00+00:00"), night("2026-03-31T01:00:00+00:00", DOUBLED)
    contents = _held(sound)
    acts = archive.acts(home)
    _as_before_the_archive(home)
    for act in acts:
        archive.record(home, act)
    damage(damaged.folder)
    with caplog.at_level(logging.WARNING, "ahp.progress"):
        night("2026-04-01T01:00:00+00:00")
    assert "An earlier release could not be kept for good." in caplog.text
    assert damaged.release_id in caplog.text
    with pytest.raises(QueryError, match=rf"{damaged.release_id}\.json is missing"):
        _as_at(home, "2026-03-30")
    assert _read_back(_as_at(home, "2026-03-31")) == contents
