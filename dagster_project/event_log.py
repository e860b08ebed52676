"""Dagster's event log for one refresh: its SQLite files, held open until the refresh ends.

Belongs here: how `ahp refresh` reaches the files. Does not: what is written to them, which is Dagster's own.
Dagster opens and closes a file for each of its questions and each of its events, some thousands of times a night, which
costs more than reading and writing. `ahp serve`, which goes on for months, leaves that as it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool


class OpenEventLog(SqliteEventLogStorage):
    """The event log in the files of Dagster's own, each event in force as soon as it is written, as there."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open: dict[str, Connection] = {}
        self._found: dict[str, bool] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> OpenEventLog:
        return cls(inst_data=inst_data, **config_value)

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._open:
                self._open[shard] = self._opened(shard)
            with self._open[shard].begin():
                yield self._open[shard]

    def _opened(self, shard: str) -> Connection:
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=NullPool,
            # Dagster's lock, which is held here, lets in one thread at a time.
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        self._initdb(engine)
        return engine.connect()

    def has_table(self, table_name: str) -> bool:
        return self._once(f"table {table_name}", lambda: super(OpenEventLog, self).has_table(table_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        return self._once(
            f"column {column_name}",
            lambda: super(OpenEventLog, self)._has_asset_key_col_on_connection(conn, column_name),
        )

    def _once(self, name: str, look: Any) -> bool:
        """What Dagster asks of a file at each asset, to serve files of its earlier versions, stays as it was found."""
        if name not in self._found:
            self._found[name] = look()
        return self._found[name]

    def dispose(self) -> None:
        super().dispose()
        with self._db_lock:
            for connection in self._open.values():
                connection.close()
            self._open.clear()
