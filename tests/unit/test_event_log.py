"""The event log of a refresh: it leaves in the files what Dagster's own leaves, to the letter, and lets go of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.base import EventLogStorage

from dagster_project.event_log import OpenEventLog
from dagster_project.home import Home
from dagster_project.serve import SETTINGS, SETTINGS_OF_A_REFRESH, write_instance_settings

TABLES = ("event_logs", "asset_keys", "asset_check_executions", "asset_event_tags", "secondary_indexes")


@dg.multi_asset(
    specs=[dg.AssetSpec("first"), dg.AssetSpec("second", deps=["first"])],
    check_specs=[dg.AssetCheckSpec("is_there", asset="second")],
)
def two_assets() -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    yield dg.MaterializeResult("first", metadata={"dagster/row_count": 3})
    yield dg.MaterializeResult("second", check_results=[dg.AssetCheckResult(passed=False, check_name="is_there")])


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dg.EventLogEntry]:
    """All that Dagster writes while it makes two assets and checks one."""
    written: list[dg.EventLogEntry] = []
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as instance:
        storage = instance.event_log_storage
        store = storage.store_event
        storage.store_event = lambda event: (written.append(event), store(event))[1]  # type: ignore[method-assign]
        assert dg.materialize([two_assets], instance=instance).success
    return written


def _left_by(
    storage: EventLogStorage, folder: Path, events: list[dg.EventLogEntry]
) -> dict[str, list[tuple[Any, ...]]]:
    for event in events:
        storage.store_event(event)
    storage.dispose()
    left = {}
    for file in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            for table in TABLES:
                names = [name for _, name, *_ in connection.execute(f"pragma table_info({table})")]
                # When a file was set up differs from file to file, and so does when a row of it was made.
                kept = ", ".join(name for name in names if name not in ("create_timestamp", "migration_completed"))
                left[f"{file.name} {table}"] = connection.execute(f"select {kept} from {table} order by id").fetchall()
    return left


def test_the_files_hold_what_dagster_itself_would_write(tmp_path: Path, events: list[dg.EventLogEntry]) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    left = _left_by(OpenEventLog(str(ours)), ours, events)
    assert left == _left_by(SqliteEventLogStorage(str(theirs)), theirs, events)
    assert [row[1] for row in left["index.db asset_keys"]] == ['["first"]', '["second"]']
    assert len(left["index.db asset_check_executions"]) == 1


def test_whoever_looks_meanwhile_sees_each_event_as_soon_as_it_is_written(
    tmp_path: Path, events: list[dg.EventLogEntry]
) -> None:
    storage, page = OpenEventLog(str(tmp_path)), SqliteEventLogStorage(str(tmp_path))
    for number, event in enumerate(events, start=1):
        storage.store_event(event)
        assert len(page.get_logs_for_run(event.run_id)) == number
    storage.dispose()


def test_no_file_is_open_any_more_when_the_refresh_has_ended(tmp_path: Path, events: list[dg.EventLogEntry]) -> None:
    home = Home(tmp_path / "home")
    write_instance_settings(home)
    with dg.DagsterInstance.from_config(str(home.dagster_home), SETTINGS_OF_A_REFRESH) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
        instance.event_log_storage.store_event(events[0])
        assert _open_below(home.root)
    assert _open_below(home.root) == []


def test_the_page_finds_the_events_where_the_refresh_has_put_them(
    tmp_path: Path, events: list[dg.EventLogEntry]
) -> None:
    home = Home(tmp_path / "a home with a space")
    write_instance_settings(home)
    with dg.DagsterInstance.from_config(str(home.dagster_home), SETTINGS_OF_A_REFRESH) as instance:
        for event in events:
            instance.event_log_storage.store_event(event)
    with dg.DagsterInstance.from_config(str(home.dagster_home), SETTINGS) as instance:
        assert not isinstance(instance.event_log_storage, OpenEventLog)
        assert instance.event_log_storage.all_asset_keys() == [dg.AssetKey("first"), dg.AssetKey("second")]


def _open_below(folder: Path) -> list[str]:
    return [file.path for file in psutil.Process().open_files() if Path(file.path).is_relative_to(folder)]
