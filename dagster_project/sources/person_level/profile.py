"""The profile of an extract: one row for each landed field, with how it is filled.

Belongs here: counting. Does not: judging the counts (expectations/). Promises are held against these few rows, since
holding them against every person's takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.sources.person_level.cards import AGE_COLUMNS, Kind, RowTable
from dagster_project.sources.person_level.dates import way_of_writing_sql
from dagster_project.sources.person_level.headings import Heading
from dagster_project.sources.person_level.identifiers import WITHHELD
from dagster_project.sources.person_level.selecting import readable_sql
from dagster_project.sources.person_level.sql import name_sql, text_sql
from dagster_project.sources.problems import Problem

if TYPE_CHECKING:
    import duckdb
    import polars as pl

COUNTS = ("rows", "rows_refused", "blank", "unreadable", "withheld", "distinct_values")
SHARES = ("rows_refused_share", "blank_share", "unreadable_share", "withheld_share", "distinct_share")


def profile_of(
    connection: duckdb.DuckDBPyConnection,
    heading: Heading,
    submission_id: str,
    rows: Path,
    count: int,
    refused_rows: dict[str, int],
    in_file: int,
) -> tuple[pl.DataFrame, list[Problem]]:
    """The profile of landed rows, and a problem for each field with something withheld or days written in several ways.

    Shares are of the landed rows, that of the refused rows of all rows of the file; each between 0 and 1.
    """
    import polars as pl

    refused = sum(refused_rows.values())
    columns = list(_columns(heading.table))
    counted = connection.execute(
        " union all ".join(_counts_sql(number, column, kind, rows) for number, (column, kind) in enumerate(columns))
        + " order by 1"
    ).fetchall()
    found = []
    problems = []
    for (column, _), (_, distinct, *parts, ways) in zip(columns, counted, strict=True):
        blank, unreadable, withheld = map(int, parts)
        counts = (count, refused, blank, unreadable, withheld, distinct)
        of_rows = [part / max(count, 1) for part in (blank, unreadable, withheld)]
        # Where no row is landed, none repeats another.
        of_rows.append(distinct / count if count else 1.0)
        found.append((submission_id, "", 0, "", column, "", *counts, refused / in_file, *of_rows))
        problems += [*_withheld(column, withheld), *_written_in_several_ways(heading, column, ways)]
    profile = pl.DataFrame(
        found,
        schema={
            **dict.fromkeys(("submission_id", "source_sheet"), pl.String),
            "source_row": pl.Int64,
            **dict.fromkeys(("source_cell", "field", "cell_text"), pl.String),
            **dict.fromkeys(COUNTS, pl.Int64),
            **dict.fromkeys(SHARES, pl.Float64),
        },
        orient="row",
    )
    return profile, problems


def _counts_sql(number: int, column: str, kind: Kind | None, rows: Path) -> str:
    """How many values differ, how many are blank, unreadable or withheld, and in what ways days are written."""
    way = way_of_writing_sql("value")
    ways = f"list_sort(list(distinct {way}) filter ({way} is not null))" if kind is Kind.DATE else "null::varchar[]"
    unreadable = f"not ({readable_sql(kind, 'value')})" if kind else "value = 'invalid'"
    return f"""
        (
            select
                {number},
                count(*) filter (value <> ''),
                coalesce(sum(times) filter (value = ''), 0),
                coalesce(sum(times) filter (value not in ('', {text_sql(WITHHELD)}) and {unreadable}), 0),
                coalesce(sum(times) filter (value = {text_sql(WITHHELD)}), 0),
                coalesce({ways}, [])
            from (
                select {name_sql(column)} as value, count(*) as times
                from read_parquet({text_sql(rows.as_posix())})
                group by all
            )
        )
    """


def _columns(table: RowTable) -> Iterator[tuple[str, Kind | None]]:
    """Every landed field and what it holds; None where the field itself says that nothing could be read."""
    for column in table.described_columns:
        field = table.field_by_name.get(column)
        yield column, None if column == AGE_COLUMNS[1] else field.kind if field else Kind.TEXT


def _withheld(name: str, cells: int) -> Iterator[Problem]:
    if cells:
        yield Problem(
            "identifier_withheld",
            f"{cells:,} cells of {name} hold something that looks like an e-mail address, a National Insurance "
            "number, a postcode, a telephone number or a staff or registration number; it was left out of them.",
            "Take such details out of the field in the system it comes from; nothing else needs to be done.",
            field=name,
        )


def _written_in_several_ways(heading: Heading, name: str, ways: list[str]) -> Iterator[Problem]:
    if len(ways) > 1:
        yield Problem(
            "date_forms_mixed",
            f"The days under '{heading.headings[heading.column_of[name]]}' are written in {len(ways)} ways: as in "
            f"{', '.join(ways[:-1])} and {ways[-1]}. Each was read as what it is, the day before the month.",
            "Nothing to do when the days are right. One way of writing them leaves no doubt.",
            row=heading.line,
            field=name,
        )
