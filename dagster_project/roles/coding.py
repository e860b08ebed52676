"""`ahp roles code`: the night's own rules on a list of job titles.

Belongs here: reading the list, and writing it with what the rules say of each title. Does not: any rule, which are SQL
and seeds of `dbt/`. No row of the list passes through Python.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.home import Home
from dagster_project.rules import Relation, run_rules
from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.person_level.examining import Examined, examine, readable_by
from dagster_project.sources.person_level.sql import name_sql, text_sql
from dagster_project.sources.problems import shortened
from dagster_project.sources.role_decisions import store_with_decisions
from dagster_project.sources.store import now
from dagster_project.spreadsheets import harmless_sql

if TYPE_CHECKING:
    import duckdb

TITLES = "intermediate.int_roles__titles"
DECISIONS = "staging.stg_store__role_decisions"
DECIDED = "intermediate.int_roles__decided"
EMPLOYER_TYPES = ("council", "nhs", "independent", "unknown")
ADDED = (
    "profession",
    "registration",
    "role_code",
    "role_group",
    "basis",
    "rule_id",
    "reason",
    "sureness",
    "words_that_decided",
)
_TITLE, _GRADE, _EMPLOYER = "title_raw", "band_or_grade", "employer_type"
_DELIMITERS = (",", ";", "\t", "|")
_LINE = re.compile(r"Line: (\d+)")
_LONGEST_ROW_BYTES = 1 << 20
_SENT_AND_CODED = f"""
    sent.titles as sent
    left join {DECIDED} as coded
        on sent.title_raw is not distinct from coded.title_raw
        and sent.band_or_grade is not distinct from coded.band_or_grade
        and sent.employer_type = coded.employer_type
"""


class TitlesNotRead(Exception):
    """The list of titles cannot be used. The message says what was found and what to do, in plain English."""


@dataclass(frozen=True)
class CodedTitles:
    """How many rows were written, and of how many the role is known."""

    rows: int
    coded: int


@dataclass(frozen=True)
class _Heading:
    delimiter: str
    names: tuple[str, ...]

    def column_of(self, name: str) -> str | None:
        """The column of a heading, whatever its case and spacing. Raises TitlesNotRead where several are called so."""
        wanted = normalise_heading(name)
        places = [place for place, heading in enumerate(self.names) if normalise_heading(heading) == wanted]
        if len(places) > 1:
            raise TitlesNotRead(
                f"The first row names {len(places)} columns {name}, and only one can be meant. Rename the others."
            )
        return f"c{places[0]}" if places else None


def code_titles(titles: Path, output: Path, home: Home, at: str | None = None) -> CodedTitles:
    """Writes the rows of a CSV file of titles, in their order, with the columns `ADDED` behind its own.

    `titles` has a heading `title_raw` and may have `band_or_grade` and `employer_type`. A column of its own that is
    called like one that is added is kept as `<name>_as_sent`. Text that a spreadsheet would run gets an apostrophe.
    Decisions count as they were known at the instant `at` (UTC, ISO 8601), without one as they are now.
    Raises TitlesNotRead, FileRefused for a file that is not text, OSError, and whatever `run_rules` raises.
    """
    import duckdb

    try:
        examined = examine(titles)
    except OSError as error:
        raise TitlesNotRead(f"{titles} could not be read: {error.strerror or error}.") from error
    heading = _heading(examined.beginning)
    names = _names_of_columns(heading)
    columns = [f"{harmless_sql(f'sent.c{place}')} as {name_sql(name)}" for place, name in enumerate(names)]
    columns += [f"{harmless_sql(f'coded.{name}')} as {name}" for name in ADDED]
    with (
        store_with_decisions(home) as store,
        run_rules(
            store,
            [DECIDED],
            at or now(),
            given=[titles_given(f"select {_TITLE}, {_GRADE}, {_EMPLOYER} from sent.titles")],
            begin=lambda connection: _load(connection, titles, examined, heading),
        ) as connection,
    ):
        try:
            connection.execute(
                f"copy (select {', '.join(columns)} from {_SENT_AND_CODED} order by sent.place) "
                f"to {text_sql(output.as_posix())} (format csv, header)"
            )
        except duckdb.IOException as error:
            raise OSError("the folder cannot be written to") from error
        ((rows, coded),) = connection.execute(
            f"select count(*), count(*) filter (coded.role_code <> 'uncoded') from {_SENT_AND_CODED}"
        ).fetchall()
    return CodedTitles(rows, coded)


def titles_given(select: str) -> Relation:
    """These titles in place of those that sources hold, beside those that somebody decided on."""
    return Relation(
        TITLES,
        f"""
        select title_raw, band_or_grade, employer_type, bool_or(is_held) as is_held
        from (
            select *, true as is_held from ({select})
            union all
            select title_raw, band_or_grade, coalesce(employer_type, 'unknown'), false from {DECISIONS}
        )
        group by all
        """,
        after=(DECISIONS,),
    )


def _heading(beginning: str) -> _Heading:
    """The first row, divided by the sign with which it names the column of titles. Raises TitlesNotRead."""
    rows = [_first_row(beginning, delimiter) for delimiter in _DELIMITERS]
    for delimiter, names in zip(_DELIMITERS, rows, strict=True):
        heading = _Heading(delimiter, names)
        if heading.column_of(_TITLE):
            return heading
    found = ", ".join(shortened(name) for name in max(rows, key=len) if name) or "nothing"
    raise TitlesNotRead(
        f"The first row does not name a column {_TITLE}; it holds: {shortened(found)}. Name the column of the "
        f"job titles {_TITLE}; beside it there may be {_GRADE} and {_EMPLOYER}, and any others."
    )


def _first_row(beginning: str, delimiter: str) -> tuple[str, ...]:
    try:
        cells = next(csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return ()
    return tuple(cell.strip() for cell in cells)


def _names_of_columns(heading: _Heading) -> list[str]:
    """The headings for the coded list: each its own, and none that of a column which is added."""
    taken = set(ADDED)
    names = []
    for number, heading_name in enumerate(heading.names, start=1):
        name = wanted = (
            f"{heading_name}_as_sent" if heading_name.casefold() in ADDED else heading_name or f"column_{number}"
        )
        copies = 1
        while name.casefold() in taken:
            copies += 1
            name = f"{wanted}_{copies}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _load(connection: duckdb.DuckDBPyConnection, titles: Path, examined: Examined, heading: _Heading) -> None:
    """Puts the list into sent.titles, each row with its place. Raises TitlesNotRead."""
    import duckdb

    # Of a long list there is enough to share out among threads.
    connection.execute(f"set threads = {os.cpu_count() or 1}")
    cells = [f"c{place}" for place in range(len(heading.names))]
    title, grade, employer = map(heading.column_of, (_TITLE, _GRADE, _EMPLOYER))
    connection.execute("create schema sent")
    with readable_by(connection, examined) as file:
        try:
            connection.execute(
                f"""
                create table sent.titles as
                select
                    row_number() over () as place,
                    {", ".join(f"nullif({cell}, '') as {cell}" for cell in cells)},
                    nullif({title}, '') as {_TITLE},
                    nullif({grade or "''"}, '') as {_GRADE},
                    coalesce(nullif(lower(trim({employer or "''"})), ''), 'unknown') as {_EMPLOYER}
                from {_cells_sql(cells, heading.delimiter, file)}
                """
            )
        except duckdb.Error as error:
            line = _LINE.search(str(error))
            if "Maximum line size" in str(error):
                raise _too_long(int(line[1]) if line else None) from None
            raise _not_well_formed(int(line[1]) if line else None) from None
    _must_have_every_row(connection, titles, examined, heading)
    _must_have_known_employers(connection, employer)


def _cells_sql(cells: Sequence[str], delimiter: str, file: str) -> str:
    columns = ", ".join(f"'{cell}': 'VARCHAR'" for cell in cells)
    # A line break within quotation marks cannot be read by several threads.
    return (
        f"read_csv({text_sql(file)}, columns = {{{columns}}}, delim = {text_sql(delimiter)}, quote = '\"', "
        f"escape = '\"', header = true, auto_detect = false, strict_mode = true, null_padding = true, "
        f"max_line_size = {_LONGEST_ROW_BYTES}, parallel = false)"
    )


def _too_long(line: int | None) -> TitlesNotRead:
    place = f"The row at line {line:,}" if line else "A row"
    return TitlesNotRead(
        f"{place} is longer than {_LONGEST_ROW_BYTES >> 20} MB, and no row with a job title is. Take out the text that "
        "does not belong there."
    )


def _not_well_formed(line: int | None) -> TitlesNotRead:
    place = f" at line {line:,}" if line else ""
    return TitlesNotRead(
        f"The file is not a well-formed CSV file: the row{place} cannot be divided into the columns of the first row. "
        "Look for a quotation mark that is opened and not closed, and for more cells than there are headings."
    )


def _must_have_every_row(
    connection: duckdb.DuckDBPyConnection, titles: Path, examined: Examined, heading: _Heading
) -> None:
    """Raises TitlesNotRead when rows are missing: DuckDB drops, and does not say so, what follows an open quotation."""
    ((loaded,),) = connection.execute("select count(*) from sent.titles").fetchall()
    encoding = {"utf-8": "utf-8-sig", "cp1252": "cp1252"}.get(examined.encoding, "utf-16")
    with titles.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file, delimiter=heading.delimiter, strict=True)
        try:
            # A blank line is a blank title where titles are all there is.
            sent = sum(1 for row in rows if row or len(heading.names) == 1) - 1
        except csv.Error:
            raise _not_well_formed(rows.line_num) from None
    if sent != loaded:
        raise _not_well_formed(None)
    if not loaded:
        raise TitlesNotRead("The file has headings and no title below them. Put one title in each row.")


def _must_have_known_employers(connection: duckdb.DuckDBPyConnection, column: str | None) -> None:
    unknown = connection.execute(
        f"select place + 1, {column or 'null'} from sent.titles where not list_contains($known, {_EMPLOYER}) "
        "order by place limit 1",
        {"known": list(EMPLOYER_TYPES)},
    ).fetchall()
    for row, said in unknown:
        raise TitlesNotRead(
            f"Row {row:,} has the {_EMPLOYER} '{shortened(said)}', which is not known. Write one of "
            f"{', '.join(EMPLOYER_TYPES)}, or leave it blank."
        )
