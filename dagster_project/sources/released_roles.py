"""The roles that titles had in past releases, as a landed table: what tonight's are compared with.

Belongs here: taking the coding of titles out of the release that was last put in force, when it differs from the one
taken before. Does not: comparing (dbt), or keeping releases (release.archive).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.home import Home
from dagster_project.sources.person_level.sql import name_sql, text_sql

if TYPE_CHECKING:
    import duckdb

    from dagster_project.release.archive import Act

RELEASED_ROLES_TABLE = "released_role_coding"
_COLUMNS = {
    "title_raw": "varchar",
    "band_or_grade": "varchar",
    "employer_type": "varchar",
    "title_read": "varchar",
    "profession": "varchar",
    "role_code": "varchar",
    "basis": "varchar",
    "rule_id": "varchar",
    "headcount": "bigint",
    "fte": "decimal(18, 4)",
}
_PROVENANCE = {"release_id": "varchar", "released_at": "timestamp", "content_sha256": "varchar"}
_NO_ROWS = "_no_rows.parquet"


def land_released_roles(home: Home) -> None:
    """Adds the coding of the newest release to the landed table, unless its content is the newest there already.

    One row per title, band or grade and employer type of a release. Raises OSError, and ArchiveError when what the
    archive says of the release cannot be read.
    """
    import duckdb

    from dagster_project.release import archive

    folder = home.store / "landed" / RELEASED_ROLES_TABLE
    with duckdb.connect(":memory:") as connection:
        folder.mkdir(parents=True, exist_ok=True)
        if not {*_PROVENANCE, *_COLUMNS} <= _columns_of(connection, folder / _NO_ROWS):
            empty = ", ".join(
                f"cast(null as {kind}) as {name_sql(name)}" for name, kind in {**_PROVENANCE, **_COLUMNS}.items()
            )
            _write(connection, f"select {empty} limit 0", folder / _NO_ROWS)
        acts = archive.acts(home)
        if not acts:
            return
        stored = archive.table_of(home, acts[-1].release_id, "quality", "role_coding")
        if stored is None or stored.stem == _newest_content(connection, folder):
            return
        _write(
            connection,
            _rows_of(connection, acts[-1], stored),
            folder / f"{acts[-1].instant:%Y-%m-%dT%H%M%S.%fZ}.parquet",
        )


def _columns_of(connection: duckdb.DuckDBPyConnection, path: Path) -> set[str]:
    """The columns of a Parquet file, none where there is no file."""
    if not path.exists():
        return set()
    return {
        name for name, *_ in connection.execute(f"describe from read_parquet({text_sql(path.as_posix())})").fetchall()
    }


def _rows_of(connection: duckdb.DuckDBPyConnection, act: Act, stored: Path) -> str:
    there = _columns_of(connection, stored)
    # A release of long ago may not have told all of it.
    columns = ", ".join(
        f"cast({name_sql(name) if name in there else 'null'} as {kind}) as {name_sql(name)}"
        for name, kind in _COLUMNS.items()
    )
    return f"""
        select
            {text_sql(act.release_id)} as release_id,
            cast({text_sql(f"{act.instant:%Y-%m-%d %H:%M:%S.%f}")} as timestamp) as released_at,
            {text_sql(stored.stem)} as content_sha256,
            {columns}
        from read_parquet({text_sql(stored.as_posix())})
    """


def _newest_content(connection: duckdb.DuckDBPyConnection, folder: Path) -> str | None:
    files = sorted(path for path in folder.glob("*.parquet") if path.name != _NO_ROWS)
    if not files:
        return None
    found = connection.execute(
        f"select any_value(content_sha256) from read_parquet({text_sql(files[-1].as_posix())})"
    ).fetchall()
    return str(found[0][0])


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    connection.execute(f"copy ({query}) to {text_sql(partial.as_posix())} (format parquet)")
    partial.replace(path)
