"""What every release held, kept for good, so that any past night can be read back to the letter.

Belongs here: keeping a release's tables by their content, writing down which release was in force from when, and giving
both back. Does not: putting a release in force (publishing), or asking one (query).

It lies in `store/released`. Nothing in it is ever removed, and nothing is changed but a damaged file, for the content
it was stored with: `tables/<sha256>.parquet` and `descriptions/<sha256>.json`, each stored once however many nights
held it; `<release_id>.json`, which names them; and `in_force/<instant>-<release_id>.json`, one for each time a release
was put in force.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.contracts import Column, PublicTable
from dagster_project.home import RELEASE_DATABASE, Home
from dagster_project.release.building import write_comments
from dagster_project.release.files import write_whole
from dagster_project.release.sql import attach_read_only, count_rows, literal, quoted, quoted_table

_FACTS = ("created_at", "released_at", "commit", "project_version", "bundled_inputs", "invented_sources")
_ACT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6}\.\d{6}Z)-(.+)\.json")
_ACT_INSTANT = "%Y-%m-%dT%H%M%S.%fZ"


class ArchiveError(Exception):
    """The archive does not hold what was asked for. The message names the file and what to do."""


class CannotBeKept(ArchiveError):
    """A release is not as its manifest says, or its Parquet files hold something else than its tables."""


@dataclass(frozen=True, order=True)
class Act:
    """A release was put in force at this instant, for the first time or again."""

    instant: datetime
    release_id: str


@dataclass(frozen=True)
class ArchivedRelease:
    """What a release held. `manifest` has the facts and the tables of its manifest, and the hash of each table."""

    release_id: str
    manifest: dict[str, Any]
    home: Home

    def restore(self, database: Path) -> None:
        """Make the release's tables again, with their types, comments and order of rows, as a new DuckDB file.

        Raises ArchiveError when a file is missing or is not as it was stored.
        """
        with duckdb.connect(str(database)) as connection:
            # One transaction, since each would wait for the disk, some hundreds of times.
            connection.execute("begin transaction")
            for schema in dict.fromkeys(table["schema"] for table in self.manifest["tables"]):
                connection.execute(f"create schema {quoted(schema)}")
            for entry in self.manifest["tables"]:
                table = _public_table(entry)
                path = _table_path(self.home, entry["sha256"])
                _stored(self.home, path, f"{table.full_name} of the release {self.release_id}")
                _load(connection, quoted_table(table), table, path)
                write_comments(connection, table)
            connection.execute("commit")


def holds(home: Home, release_id: str) -> bool:
    """Whether the release is kept whole: its index is written after all that it names."""
    return _index_path(home, release_id).is_file()


def keep(home: Home, release_id: str, folder: Path, contents: Mapping[str, Any]) -> None:
    """Keep what a release holds. `folder` is laid out as a release, and `contents` is its manifest.

    What is stored already is not stored again. Raises CannotBeKept when the release is not as its manifest says, or
    when a Parquet file does not give back its table to the letter; OSError when the store cannot be written.
    """
    try:
        facts = {name: contents[name] for name in _FACTS}
        promised = {file["path"]: file["sha256"] for file in contents["files"]}
        tables = [(_public_table(entry), entry["rows"]) for entry in contents["tables"]]
    except (KeyError, TypeError) as error:
        raise CannotBeKept(f"The manifest of the release {release_id} does not say what it should: {error}.") from error
    kept = []
    with _beside_the_release(folder / RELEASE_DATABASE, release_id) as connection:
        for table, rows in tables:
            copy = f"parquet/{table.schema}/{table.name}.parquet"
            content = _as_published(folder / copy, promised.get(copy), f"{copy} of the release {release_id}")
            path = _table_path(home, promised[copy])
            # Also where the file is stored already: it is the release's own table that must be the same.
            _refuse_unless_exact(connection, table, folder / copy, release_id)
            if not _is_stored(path):
                write_whole(path, content)
            kept.append(
                {
                    "schema": table.schema,
                    "name": table.name,
                    "rows": rows,
                    "sha256": promised[copy],
                    "described": _keep_description(home, table),
                }
            )
    index = _index_path(home, release_id)
    if not index.exists():
        write_whole(index, _json({"release_id": release_id, **facts, "tables": kept}))
    elif _read(home, index).get("tables") != kept:
        raise CannotBeKept(f"The store holds another release {release_id}. Build the candidate under a new id.")


def record(home: Home, act: Act) -> None:
    """Write down, once, that a release was put in force. Raises OSError."""
    path = home.released / "in_force" / f"{act.instant.astimezone(UTC).strftime(_ACT_INSTANT)}-{act.release_id}.json"
    if not path.exists():
        write_whole(path, _json({"in_force_since": instant_text(act.instant), "release_id": act.release_id}))


def acts(home: Home) -> list[Act]:
    """Every act that is written down, oldest first."""
    folder = home.released / "in_force"
    found = (_ACT.fullmatch(path.name) for path in folder.glob("*.json"))
    return sorted(
        Act(datetime.strptime(match[1], _ACT_INSTANT).replace(tzinfo=UTC), match[2]) for match in found if match
    )


def archived_release(home: Home, release_id: str) -> ArchivedRelease:
    """What the release held. Its tables are looked at when they are restored.

    Raises ArchiveError when the release is not kept, or what describes it is missing or damaged.
    """
    index = _index_path(home, release_id)
    if not index.is_file():
        raise ArchiveError(
            f"{_name(home, index)} is missing, so what the release {release_id} held cannot be read. While its folder "
            f"is in releases, the next ./ahp refresh keeps it; otherwise put the file back from a backup of store."
        )
    contents = _read(home, index)
    try:
        tables = [
            {key: entry[key] for key in ("schema", "name", "rows", "sha256")} | _description(home, entry, release_id)
            for entry in contents["tables"]
        ]
    except (KeyError, TypeError) as error:
        raise _unreadable(home, index) from error
    return ArchivedRelease(release_id, contents | {"tables": tables}, home)


def table_of(home: Home, release_id: str, schema: str, name: str) -> Path | None:
    """Where the rows of one table of a release are kept; None when the release had no such table.

    Raises ArchiveError when the release is not kept, or the file is missing or is not as it was stored.
    """
    for entry in archived_release(home, release_id).manifest["tables"]:
        if (entry["schema"], entry["name"]) == (schema, name):
            path = _table_path(home, entry["sha256"])
            _stored(home, path, f"{schema}.{name} of the release {release_id}")
            return path
    return None


def instant_text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _index_path(home: Home, release_id: str) -> Path:
    return home.released / f"{release_id}.json"


def _table_path(home: Home, digest: str) -> Path:
    return home.released / "tables" / f"{digest}.parquet"


def _description_path(home: Home, digest: str) -> Path:
    return home.released / "descriptions" / f"{digest}.json"


def _keep_description(home: Home, table: PublicTable) -> str:
    """Words change less often than numbers and are longer than them, so they are not part of the index."""
    columns = [
        {"name": column.name, "data_type": column.data_type, "description": column.description}
        for column in table.columns
    ]
    content = _json({"description": table.description, "caveats": table.caveats, "columns": columns})
    digest = hashlib.sha256(content).hexdigest()
    path = _description_path(home, digest)
    if not _is_stored(path):
        write_whole(path, content)
    return digest


def _description(home: Home, entry: Mapping[str, Any], release_id: str) -> dict[str, Any]:
    what = f"the description of {entry['schema']}.{entry['name']} of the release {release_id}"
    return dict(json.loads(_stored(home, _description_path(home, entry["described"]), what)))


def _public_table(entry: Mapping[str, Any]) -> PublicTable:
    return PublicTable(
        schema=entry["schema"],
        name=entry["name"],
        description=entry["description"],
        columns=tuple(
            Column(column["name"], column["data_type"], column["description"], not_null=False)
            for column in entry["columns"]
        ),
        caveats=tuple(entry["caveats"]),
    )


@contextmanager
def _beside_the_release(database: Path, release_id: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A place to restore tables in, with the release's own beside it, under the name `release`."""
    with duckdb.connect() as connection:
        try:
            attach_read_only(connection, database, "release")
        except duckdb.Error as error:
            raise CannotBeKept(f"The database of the release {release_id} cannot be opened: {error}") from error
        yield connection


def _refuse_unless_exact(
    connection: duckdb.DuckDBPyConnection, table: PublicTable, path: Path, release_id: str
) -> None:
    """Not every type of DuckDB survives Parquet, and nobody would notice before the release's own file is gone."""
    own, restored = f"release.{quoted_table(table)}", "restored"
    try:
        _load(connection, restored, table, path)
        same = (
            _columns(connection, own) == _columns(connection, restored)
            and count_rows(connection, own) == count_rows(connection, restored)
            and not count_rows(
                connection,
                f"{own} as own_row positional join {restored} as restored_row "
                "where own_row is distinct from restored_row",
            )
        )
        connection.execute(f"drop table {restored}")
    except duckdb.Error as error:
        raise CannotBeKept(
            f"The Parquet file of {table.full_name} in the release {release_id} cannot be read: {error}"
        ) from error
    if not same:
        raise CannotBeKept(
            f"The Parquet file of {table.full_name} in the release {release_id} does not give back the table to the "
            f"letter. Give its columns types that Parquet has, such as BIGINT in place of HUGEINT."
        )


def _load(connection: duckdb.DuckDBPyConnection, relation: str, table: PublicTable, path: Path) -> None:
    columns = ", ".join(f"{quoted(column.name)} {column.data_type}" for column in table.columns)
    connection.execute(f"create table {relation} ({columns})")
    connection.execute(f"insert into {relation} by name select * from read_parquet({literal(str(path))})")


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [(name, data_type) for name, data_type, *_ in connection.execute(f"describe {relation}").fetchall()]


def _as_published(path: Path, promised: str | None, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotBeKept(f"{what} cannot be read: {error.strerror or error}.") from error
    if hashlib.sha256(content).hexdigest() != promised:
        raise CannotBeKept(f"{what} is not as its manifest says.")
    return content


def _is_stored(path: Path) -> bool:
    return path.is_file() and _has_its_content(path, path.read_bytes())


def _has_its_content(path: Path, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == path.stem


def _stored(home: Home, path: Path, what: str) -> bytes:
    named = f"{_name(home, path)}, {what},"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ArchiveError(f"{named} is missing. Put it back from a backup of store.") from error
    except OSError as error:
        raise ArchiveError(f"{named} cannot be read: {error.strerror or error}.") from error
    if not _has_its_content(path, content):
        raise ArchiveError(f"{named} is damaged: it is not what was stored. Put it back from a backup of store.")
    return content


def _read(home: Home, index: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(index.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(home, index) from error


def _unreadable(home: Home, index: Path) -> ArchiveError:
    return ArchiveError(f"{_name(home, index)} is damaged and cannot be read. Put it back from a backup of store.")


def _name(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def _json(contents: Mapping[str, Any]) -> bytes:
    return (json.dumps(contents, ensure_ascii=False, indent=1) + "\n").encode()
