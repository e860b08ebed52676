"""The release candidate: the public tables copied out of the private warehouse, in three forms, with their dictionary.

Belongs here: copying and describing. Does not: judging the candidate (gates) or putting it in force (publishing).
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.contracts import Column, PublicTable
from dagster_project.home import RELEASE_DATABASE
from dagster_project.release import dictionary, manifest
from dagster_project.release.sql import attach_read_only, count_rows, literal, quoted, quoted_table
from dagster_project.spreadsheets import harmless_sql

DICTIONARY = "dictionary.md"
SEVERITIES = ("error", "warning", "info")


class CandidateError(Exception):
    """The candidate could not be built. The message names the table and what to do."""


@dataclass(frozen=True)
class Submission:
    """One file the release was built from, as the manifest names it."""

    submission_id: str
    sha256: str
    file_name: str
    status: str


@dataclass(frozen=True)
class CandidateFacts:
    """What a release says of itself that is not in its tables. `findings` counts the open ones by severity.

    `invented_sources` are those of which a file counts that says of itself that it is invented; `contact` is whom
    readers may ask, in one line, or None where nobody has been named.
    """

    release_id: str
    created_at: datetime
    project_version: str
    commit: str | None
    bundled_inputs: bool
    submissions: Sequence[Submission]
    findings: Mapping[str, int]
    invented_sources: Sequence[str] = ()
    contact: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A folder laid out as a release, not yet in force."""

    release_id: str
    folder: Path
    tables: tuple[PublicTable, ...]

    @classmethod
    def open(cls, folder: Path, tables: Sequence[PublicTable]) -> Candidate:
        """A candidate built earlier. Raises FileNotFoundError or ValueError when the folder does not hold one."""
        return cls(manifest.read(folder)["release_id"], folder, tuple(tables))

    @property
    def database(self) -> Path:
        return self.folder / RELEASE_DATABASE

    def copy_of(self, table: PublicTable, form: str) -> Path:
        """The file of a table in one of the forms `parquet` and `csv`."""
        return self.folder / form / table.schema / f"{table.name}.{form}"


def new_release_id(created_at: datetime) -> str:
    """Sorts by time and is a file name on every system, for example 2026-11-22T020000Z-ab12cd."""
    return f"{created_at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(3)}"


def iso_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def build_candidate(warehouse: Path, tables: Sequence[PublicTable], folder: Path, facts: CandidateFacts) -> Candidate:
    """Copy the public tables into `folder`, which must not exist yet; the warehouse is only read.

    The same warehouse always gives the same rows in the same order: only the manifest carries the id and the date.
    Raises CandidateError when a table is missing or is not as its contract says; the folder is then removed.
    """
    if folder.exists():
        raise CandidateError(f"The candidate folder {folder.name} exists already. Remove it, or use a new release id.")
    candidate = Candidate(facts.release_id, folder, tuple(tables))
    try:
        folder.mkdir(parents=True)
        rows = _copy_tables(warehouse, candidate)
        text = dictionary.render(candidate.tables)
        (folder / DICTIONARY).write_text(text, encoding="utf-8", newline="\n")
        manifest.write(folder, _manifest(candidate, facts, rows))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return candidate


def _copy_tables(warehouse: Path, candidate: Candidate) -> dict[str, int]:
    # The warehouse keeps its own name, because its views name it.
    source = warehouse.stem
    rows: dict[str, int] = {}
    with duckdb.connect(str(candidate.database)) as connection:
        try:
            attach_read_only(connection, warehouse, source)
        except duckdb.Error as error:
            raise CandidateError(f"The warehouse cannot be opened for reading: {error}") from error
        # One transaction, since each would wait for the disk, some hundreds of times.
        connection.execute("begin transaction")
        for schema in dict.fromkeys(table.schema for table in candidate.tables):
            connection.execute(f"create schema {quoted(schema)}")
        for table in candidate.tables:
            try:
                _copy_table(connection, source, table)
                _write_copies(connection, candidate, table)
                rows[table.full_name] = count_rows(connection, quoted_table(table))
            except duckdb.Error as error:
                raise CandidateError(
                    f"{table.full_name} cannot be copied as its contract promises: {error} "
                    f"Make the model and the YAML beside it agree, and build the warehouse again."
                ) from error
        connection.execute("commit")
        connection.execute(f"detach {quoted(source)}")
        connection.execute("checkpoint")
    return rows


def _copy_table(connection: duckdb.DuckDBPyConnection, source: str, table: PublicTable) -> None:
    names = ", ".join(quoted(column.name) for column in table.columns)
    connection.execute(f"create table {quoted_table(table)} ({', '.join(map(_column_definition, table.columns))})")
    _refuse_other_types(connection, source, table, names)
    connection.execute(
        f"insert into {quoted_table(table)} ({names}) "
        f"select {names} from {quoted(source)}.{quoted_table(table)} order by all"
    )
    write_comments(connection, table)


def write_comments(connection: duckdb.DuckDBPyConnection, table: PublicTable) -> None:
    """Put the descriptions of a table and its columns into the database that holds it."""
    connection.execute(f"comment on table {quoted_table(table)} is {literal(_table_comment(table))}")
    for column in table.columns:
        target = f"{quoted_table(table)}.{quoted(column.name)}"
        connection.execute(f"comment on column {target} is {literal(column.description.strip())}")


def _column_definition(column: Column) -> str:
    return f"{quoted(column.name)} {column.data_type}{' not null' if column.not_null else ''}"


def _refuse_other_types(connection: duckdb.DuckDBPyConnection, source: str, table: PublicTable, names: str) -> None:
    """An insert would quietly round 7.5 people to 8 where the contract promises whole numbers."""
    promised, built = (
        {
            name: data_type
            for name, data_type, *_ in connection.execute(f"describe select {names} from {relation}").fetchall()
        }
        for relation in (quoted_table(table), f"{quoted(source)}.{quoted_table(table)}")
    )
    different = [
        f"{name} is {built[name]} in the warehouse and {promised[name]} in the contract"
        for name in promised
        if built[name] != promised[name]
    ]
    if different:
        raise CandidateError(
            f"{table.full_name}: {'; '.join(different)}. "
            f"Cast the column in the model, or mend its data type in the YAML beside it."
        )


def _table_comment(table: PublicTable) -> str:
    """Whoever opens the file without the dictionary still meets the caveats."""
    return "\n".join([table.description.strip(), *(f"Caveat: {caveat.strip()}" for caveat in table.caveats)])


def _write_copies(connection: duckdb.DuckDBPyConnection, candidate: Candidate, table: PublicTable) -> None:
    for form, columns, options in (
        ("parquet", "*", "format parquet, compression zstd"),
        ("csv", _columns_safe_in_a_spreadsheet(connection, table), "format csv, header"),
    ):
        path = candidate.copy_of(table, form)
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"copy (select {columns} from {quoted_table(table)}) to {literal(str(path))} ({options})")


def _columns_safe_in_a_spreadsheet(connection: duckdb.DuckDBPyConnection, table: PublicTable) -> str:
    described = connection.execute(f"describe {quoted_table(table)}").fetchall()
    return ", ".join(
        f"{harmless_sql(quoted(name))} as {quoted(name)}"
        if data_type in ("VARCHAR", "JSON") or data_type.startswith("ENUM")
        else quoted(name)
        for name, data_type, *_ in described
    )


def _manifest(candidate: Candidate, facts: CandidateFacts, rows: Mapping[str, int]) -> dict[str, Any]:
    return {
        "release_id": facts.release_id,
        "created_at": iso_utc(facts.created_at),
        "project_version": facts.project_version,
        "commit": facts.commit,
        "bundled_inputs": facts.bundled_inputs,
        "invented_sources": list(facts.invented_sources),
        "contact": facts.contact,
        "submissions": [
            {
                "submission_id": submission.submission_id,
                "sha256": submission.sha256,
                "file_name": submission.file_name,
                "status": submission.status,
            }
            for submission in facts.submissions
        ],
        "tables": [
            {
                "schema": table.schema,
                "name": table.name,
                "rows": rows[table.full_name],
                "description": table.description.strip(),
                "caveats": list(table.caveats),
                "columns": [
                    {"name": column.name, "data_type": column.data_type, "description": column.description.strip()}
                    for column in table.columns
                ],
            }
            for table in candidate.tables
        ],
        "findings": {severity: facts.findings.get(severity, 0) for severity in SEVERITIES},
        "gates": [],
        "files": [],
    }
