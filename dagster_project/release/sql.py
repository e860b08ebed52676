"""The few pieces of DuckDB SQL text that cannot be passed as parameters: names, literals, attached files.

Belongs here: quoting. Does not: queries.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.contracts import PublicTable


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted_table(table: PublicTable) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"


def attach_read_only(connection: duckdb.DuckDBPyConnection, database: Path, alias: str) -> None:
    """Raises duckdb.Error when the file is missing, damaged, or being written by somebody else."""
    connection.execute(f"attach {literal(str(database))} as {quoted(alias)} (read_only)")


def count_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
