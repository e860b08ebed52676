"""People's decisions on job titles, as the store keeps them: the bytes they came in, and a landed table that grows.

Belongs here: the columns of the landed table, adding to it, and standing in for it where nothing was landed yet. Does
not: judging a decision (roles.deciding), or what follows from one (dbt).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.home import Home
from dagster_project.sources.person_level.sql import name_sql, text_sql
from dagster_project.sources.store import Store

if TYPE_CHECKING:
    import duckdb

DECISIONS_TABLE = "role_decisions"
# What a person writes, as in the seed of the same name; blank is null.
DECIDED_COLUMNS = {
    "title_raw": "varchar",
    "band_or_grade": "varchar",
    "employer_type": "varchar",
    "role_code": "varchar",
    "profession": "varchar",
    "equivalence": "varchar",
    "reason": "varchar",
    "reviewer": "varchar",
    "second_reviewer": "varchar",
    "decided_on": "date",
}
_PROVENANCE = {
    "submission_id": "varchar",
    "source_file": "varchar",
    "source_row": "bigint",
    "accepted_at": "timestamp",
}
_NO_ROWS = "_no_rows.parquet"


def decisions_folder(store: Path) -> Path:
    return store / "landed" / DECISIONS_TABLE


def decision_files(store: Path) -> list[Path]:
    """What was landed, oldest first; each file for one that was accepted."""
    return sorted(path for path in decisions_folder(store).glob("*.parquet") if path.name != _NO_ROWS)


def take_decisions(store: Path, other: Path) -> None:
    """Copies what one store landed to another, in which the table is there already."""
    for path in decision_files(store):
        shutil.copyfile(path, decisions_folder(other) / path.name)


def prepare_table(store: Path) -> None:
    """Has the landed table be there with its columns, also where nobody has decided anything yet."""
    import duckdb

    path = decisions_folder(store) / _NO_ROWS
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(
            f"cast(null as {kind}) as {name_sql(name)}" for name, kind in {**_PROVENANCE, **DECIDED_COLUMNS}.items()
        )
        with duckdb.connect(":memory:") as connection:
            _write(connection, f"select {columns} limit 0", path)


@contextmanager
def store_with_decisions(home: Home) -> Iterator[Path]:
    """The store of a home, or where it has none yet a stand-in without decisions, for rules that need nothing else."""
    if any(decisions_folder(home.store).glob("*.parquet")):
        yield home.store
        return
    with tempfile.TemporaryDirectory(prefix="ahp-roles-", ignore_cleanup_errors=True) as folder:
        prepare_table(Path(folder))
        yield Path(folder)


def keep_decisions(
    home: Home, content: bytes, file_name: str, accepted_at: str, connection: duckdb.DuckDBPyConnection, rows: str
) -> Path:
    """Adds decisions to the store for good: the bytes they came in, and the rows of a query as landed Parquet.

    `rows` gives `source_row` and the columns of DECIDED_COLUMNS. Gives the landed file. Raises OSError.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    store = Store(home)
    store.keep_bytes(content, sha256)
    prepare_table(home.store)
    event_id = store.next_event_id(accepted_at, 0, sha256)
    path = decisions_folder(home.store) / f"{event_id}.parquet"
    decided = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in DECIDED_COLUMNS.items())
    _write(
        connection,
        f"""
        select
            {text_sql(sha256[:16])} as submission_id,
            {text_sql(file_name)} as source_file,
            cast(source_row as bigint) as source_row,
            cast({text_sql(accepted_at)} as timestamp) as accepted_at,
            {decided}
        from ({rows})
        order by source_row
        """,
        path,
    )
    return path


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    connection.execute(f"copy ({query}) to {text_sql(partial.as_posix())} (format parquet)")
    partial.replace(path)
