"""The queries behind the pages: one file for each, run once for all pages, and shown on a page of their own.

Belongs here: finding, describing and running them. Does not: layout, or any rule about the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.release.sql import attach_read_only

FOLDER = Path(__file__).parent / "queries"
# The release before stands in a query under this name.
BEFORE = "before"

_TABLE = re.compile(r"\b(?:marts|quality|reference)\.\w+")

Row = dict[str, Any]


@dataclass(frozen=True)
class SiteQuery:
    """One query: its name, its SQL, and in one line what it answers."""

    name: str
    sql: str

    @property
    def title(self) -> str:
        return self.sql.partition("\n")[0].removeprefix("-- ")

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables of the release it reads, in the order first named."""
        return tuple(dict.fromkeys(_TABLE.findall(self.sql)))

    @property
    def needs_the_release_before(self) -> bool:
        return f" {BEFORE}." in self.sql


def site_queries() -> dict[str, SiteQuery]:
    """Every query by its name, in the order of the names."""
    files = sorted(FOLDER.glob("*.sql"))
    return {file.stem: SiteQuery(file.stem, file.read_text(encoding="utf-8")) for file in files}


@dataclass(frozen=True)
class Answers:
    """The rows of each query by its name. `is_compared` is false where there is no release before to compare with, or
    where it holds other tables and columns than this one; the queries that need it then have no rows.
    """

    rows: dict[str, list[Row]]
    is_compared: bool


def ask(queries: Iterable[SiteQuery], database: Path, before: Path | None) -> Answers:
    """Runs each query once. Raises duckdb.Error when one that reads this release alone does not fit it."""
    rows: dict[str, list[Row]] = {}
    comparing = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for query in queries:
            if query.needs_the_release_before:
                comparing.append(query)
            else:
                rows[query.name] = _rows(connection, query)
        compared: dict[str, list[Row]] = {query.name: [] for query in comparing}
        if before is None:
            return Answers(rows | compared, is_compared=False)
        attach_read_only(connection, before, BEFORE)
        try:
            compared = {query.name: _rows(connection, query) for query in comparing}
        except (duckdb.BinderException, duckdb.CatalogException):
            return Answers(rows | compared, is_compared=False)
    return Answers(rows | compared, is_compared=True)


def _rows(connection: duckdb.DuckDBPyConnection, query: SiteQuery) -> list[Row]:
    cursor = connection.execute(query.sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
