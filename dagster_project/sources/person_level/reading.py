"""From a person-level extract to landed rows, with DuckDB and without names: streaming, no row ever in Python.

Belongs here: running the statement that a card gives, and saying which rows and files cannot be used.
Does not: which column is kept (the card), or what a value means (dbt).
A row that cannot be used is counted by its reason; all others land. No message quotes a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.sources.dates import in_words
from dagster_project.sources.person_level.cards import CODE_SYSTEM, PersonLevelCard, RowTable, Use
from dagster_project.sources.person_level.dates import days_in_path
from dagster_project.sources.person_level.examining import Examined, readable_by
from dagster_project.sources.person_level.headings import Heading, must_be_of, recognise, unknown_headings
from dagster_project.sources.person_level.keys import PseudonymKey
from dagster_project.sources.person_level.profile import profile_of
from dagster_project.sources.person_level.selecting import (
    NO_AS_AT_DATE,
    OUT_OF_SCOPE,
    REASON,
    WRONG_NUMBER_OF_CELLS,
    cells_sql,
    first_day_sql,
    rows_sql,
)
from dagster_project.sources.person_level.sql import name_sql, text_sql
from dagster_project.sources.problems import FileRefused, Problem, refused

if TYPE_CHECKING:
    import duckdb
    import polars as pl

ROWS_REFUSED = "rows_refused"
LINES_NAMED = 5
_MEMORY_LIMIT = "2GB"
_LINE = re.compile(r"Line: (\d+)")
_EXPORT_AGAIN = "Export the extract again and send the whole file."
_FROM_SEVERAL = "Send one file for each day, with everybody as at that day."


@dataclass(frozen=True)
class LandedRows:
    """The rows of one extract, in a Parquet file that is not in force yet. `refused` counts the others by reason.

    `out_of_scope` counts those that are neither landed nor refused. `profile` has one row for each landed field.
    `is_invented` is true where a heading of the file says so.
    """

    table: str
    file: Path
    count: int
    refused: dict[str, int]
    as_at_date: date
    profile: pl.DataFrame
    key_fingerprint: str
    out_of_scope: int = 0
    is_invented: bool = False
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Origin:
    """What the landed rows say of the file that they come from."""

    submission_id: str
    source: str
    source_file: str


def read_extract(
    examined: Examined, card: PersonLevelCard, key: PseudonymKey, origin: Origin, place: Callable[[str], Path]
) -> LandedRows:
    """Writes the rows of an extract as Parquet, pseudonymised, to the `place` of the landed table they belong to.

    Raises FileRefused when the file cannot be used as a whole, FileNotFoundError when it has gone, and OSError when the
    store cannot be written to. Nothing stays behind then.
    """
    heading = must_be_of(card, recognise(examined.beginning))
    stated_day = _stated_by_path(heading.table, origin)
    target = place(heading.table.table)
    target.parent.mkdir(parents=True, exist_ok=True)
    numbered = target.with_name(f"{target.name}.unnumbered")
    try:
        with _database() as connection:
            _write_all(connection, examined, heading, key, stated_day, numbered)
            _must_be_of_one_form(connection, heading, numbered)
            refused_rows, out_of_scope, problems = _judge(connection, examined, heading, numbered)
            as_at_date = _agreed(_one_day(connection, numbered), stated_day)
            count = _number(connection, heading, origin, as_at_date, numbered, target)
            in_file = count + out_of_scope + sum(refused_rows.values())
            profile, of_fields = profile_of(
                connection, heading, origin.submission_id, target, count, refused_rows, in_file
            )
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        numbered.unlink(missing_ok=True)
    return LandedRows(
        table=heading.table.table,
        file=target,
        count=count,
        refused=refused_rows,
        as_at_date=as_at_date,
        profile=profile,
        key_fingerprint=key.fingerprint,
        out_of_scope=out_of_scope,
        is_invented=heading.is_invented,
        problems=[*examined.remarks, *unknown_headings(heading), *_remark(heading), *problems, *of_fields],
    )


def _remark(heading: Heading) -> Iterator[Problem]:
    remark = heading.table.remark
    if remark and any(name in heading.column_of for name in remark.fields):
        yield Problem(
            remark.rule_id, remark.message, remark.suggestion, row=heading.line, field=", ".join(remark.fields)
        )


def _stated_by_path(table: RowTable, origin: Origin) -> date | None:
    """The day of an extract by its folder or name, where its card lets them say so. Raises FileRefused for several."""
    days = days_in_path(origin.source_file, vintages=table.vintage_in_path) if table.day_in_path else set()
    if len(days) > 1:
        raise refused(
            "The folder or the name of the file names more than one day, so it is not known which one it stands for.",
            "Name one day only, such as worker_2026-03-31.csv.",
            rule_id="as_at_date_missing",
        )
    names_no_day = not any(field.use in (Use.AS_AT_DAY, Use.AS_AT_MONTH) for field in table.fields)
    if not days and table.day_in_path and names_no_day:
        raise refused(
            f"The {table.form} has no column for the day it stands for, and neither has its name.",
            "Put the day into the name of the file, such as worker_2026-03-31.csv.",
            rule_id="as_at_date_missing",
        )
    return next(iter(days), None)


def _agreed(in_rows: date, stated: date | None) -> date:
    """The day of the extract: the one that its path states, which must be of the month that its rows name."""
    if stated is None:
        return in_rows
    if (stated.year, stated.month) != (in_rows.year, in_rows.month):
        raise refused(
            f"By its folder or name the extract stands for {in_words(stated)}, by its rows for {in_rows:%B %Y}.",
            "Put the file into the folder of its own day, or export it again.",
        )
    return stated


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that never writes what it holds to a disk."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": "",
        "memory_limit": _MEMORY_LIMIT,
        "preserve_insertion_order": "true",
        "autoinstall_known_extensions": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        yield connection
    finally:
        connection.close()


def _write_all(
    connection: duckdb.DuckDBPyConnection,
    examined: Examined,
    heading: Heading,
    key: PseudonymKey,
    stated_day: date | None,
    target: Path,
) -> None:
    """Writes every row of the file in its order, also those that cannot be used. Raises FileRefused."""
    import duckdb

    with readable_by(connection, examined) as file:
        for in_parallel in (True, False):
            cells = cells_sql(heading, file, in_parallel=in_parallel)
            try:
                first = connection.execute(first_day_sql(heading, cells)).fetchone()
                if first is None:
                    raise refused("The extract has headings and no row below them.", _EXPORT_AGAIN, row=heading.line)
                *first_cells, first_day = first
                is_in_rows = bool(first_cells)
                connection.execute(
                    f"copy ({rows_sql(heading, cells)}) to {text_sql(target.as_posix())} "
                    "(format parquet, compression lz4)",
                    {
                        **(key.parameters() if heading.table.keys else {}),
                        **{f"first_cell_{number}": cell for number, cell in enumerate(first_cells)},
                        "first_day": first_day if is_in_rows else stated_day,
                    },
                )
                return
            except duckdb.IOException:
                if not examined.path.exists():
                    raise FileNotFoundError("The extract has gone.") from None
                raise OSError(
                    f"{examined.path.name} could not be read, or its rows not written to the store."
                ) from None
            except duckdb.Error as error:
                # A line break within quotation marks can be read, but not by several threads.
                if in_parallel and "parallel" in str(error):
                    continue
                # The error quotes the row.
                raise _not_well_formed(str(error)) from None


def _not_well_formed(said: str) -> FileRefused:
    line = _LINE.search(said)
    number = int(line[1]) if line else None
    return refused(
        "The file is not a well-formed CSV file"
        + (f": the row at line {number} cannot be divided into cells" if number else "")
        + ". A quotation mark may be opened and not closed, or the file may have been cut off.",
        _EXPORT_AGAIN,
        row=number,
    )


def _must_be_of_one_form(connection: duckdb.DuckDBPyConnection, heading: Heading, rows: Path) -> None:
    """Raises FileRefused when a field holds codes that only another form of the table uses.

    The same code then means different answers from row to row, and nobody can say which.
    """
    here = heading.table
    for other in heading.card.forms_beside(here):
        theirs = {codes.field: codes.codes(code_system=other.code_system) - codes.codes() for codes in here.coded}
        foreign = {field: codes for field, codes in theirs.items() if codes and field in heading.column_of}
        if not foreign:
            continue
        counts = ", ".join(
            f"count(*) filter ({name_sql(name)} in ({', '.join(map(text_sql, sorted(codes)))}))"
            for name, codes in foreign.items()
        )
        found = connection.execute(f"select {counts} from read_parquet({text_sql(rows.as_posix())})").fetchone()
        for name, count in zip(foreign, found or (), strict=True):
            if count:
                raise refused(
                    f"The headings are those of the {here.form}, but {count:,} rows hold codes of the {other.form} "
                    f"under '{here.field_by_name[name].headings[0]}'. The two use different codes for the same "
                    "answers, so a file must be of one of them.",
                    f"Send the {here.form} and the {other.form} as two files, each as it was exported.",
                    row=heading.line,
                    field=name,
                )


def _judge(
    connection: duckdb.DuckDBPyConnection, examined: Examined, heading: Heading, rows: Path
) -> tuple[dict[str, int], int, list[Problem]]:
    """How many rows cannot be used, by reason; how many are out of scope; and one problem for each reason.

    Raises FileRefused.
    """
    found = connection.execute(
        f"""
        select {REASON}, count(*), min(file_row_number, {LINES_NAMED}), max(file_row_number)
        from read_parquet({text_sql(rows.as_posix())}, file_row_number = true)
        group by all
        order by 1
        """
    ).fetchall()
    in_file = sum(count for _, count, _, _ in found)
    last = max(row for _, _, _, row in found)
    of_last = next(reason for reason, _, _, row in found if row == last)
    if of_last == WRONG_NUMBER_OF_CELLS and not examined.ends_with_line_end:
        raise refused(
            "The last line of the file is cut off, so rows are missing after it.",
            _EXPORT_AGAIN,
            row=heading.line + 1 + last,
        )
    used = ("", OUT_OF_SCOPE)
    refused_rows = {reason: count for reason, count, _, _ in found if reason not in used}
    out_of_scope = sum(count for reason, count, _, _ in found if reason == OUT_OF_SCOPE)
    problems = [
        _rows_refused(heading, reason, count, in_file, [heading.line + 1 + row for row in first])
        for reason, count, first, _ in found
        if reason not in used
    ]
    if sum(refused_rows.values()) == in_file:
        raise FileRefused(*problems)
    return refused_rows, out_of_scope, problems


def _rows_refused(heading: Heading, reason: str, count: int, in_file: int, lines: list[int]) -> Problem:
    says = {
        WRONG_NUMBER_OF_CELLS: f"do not have the {heading.width} cells that the heading line has",
        NO_AS_AT_DATE: "do not say, in a form that is read here, which day they stand for",
        **{key.reason: key.says for key in heading.table.keys.values()},
    }[reason]
    named = ", ".join(f"{line:,}" for line in lines)
    others = " and others" if count > len(lines) else ""
    return Problem(
        ROWS_REFUSED,
        f"{count:,} of {in_file:,} rows were not used, because they {says} (line{'s' * (count > 1)} {named}{others}).",
        "Mend the rows in the system they come from and send the extract again; the other rows count meanwhile.",
        row=lines[0],
        field=reason,
    )


def _one_day(connection: duckdb.DuckDBPyConnection, rows: Path) -> date:
    """The one day of the extract. Raises FileRefused when it names several."""
    days = [
        day
        for (day,) in connection.execute(
            f"select distinct as_at_date from read_parquet({text_sql(rows.as_posix())}) "
            f"where {REASON} in ('', {text_sql(OUT_OF_SCOPE)}) and as_at_date is not null order by 1"
        ).fetchall()
    ]
    if len(days) > 1:
        raise refused(
            f"The extract stands for more than one day: {in_words(days[0])}, {in_words(days[1])}"
            f"{f' and {len(days) - 2} more' if len(days) > 2 else ''}.",
            _FROM_SEVERAL,
            rule_id="file_refused",
        )
    if not days:
        raise refused(
            "The extract does not say, in a form that is read here, which day it stands for.",
            _EXPORT_AGAIN,
            rule_id="as_at_date_missing",
        )
    day: date = days[0]
    return day


def _number(
    connection: duckdb.DuckDBPyConnection, heading: Heading, origin: Origin, as_at_date: date, rows: Path, target: Path
) -> int:
    """Writes the rows that can be used, with the line of each and the file they come from. Gives how many there are."""
    table = heading.table
    same_in_all = {CODE_SYSTEM: table.code_system, table.folder_column: _folder_of(origin.source_file)}
    constants = "".join(f"{text_sql(same_in_all[name])} as {name_sql(name)}, " for name in table.constants)
    described = ", ".join(map(name_sql, heading.table.described_columns))
    connection.execute(
        f"""
        copy (
            select
                $submission_id as submission_id,
                $source as source,
                $source_file as source_file,
                file_row_number + {heading.line + 1} as source_row,
                $as_at_date as as_at_date,
                {constants}{described}
            from read_parquet({text_sql(rows.as_posix())}, file_row_number = true)
            where {REASON} = ''
        ) to {text_sql(target.as_posix())} (format parquet, compression zstd)
        """,
        {
            "submission_id": origin.submission_id,
            "source": origin.source,
            "source_file": origin.source_file,
            "as_at_date": as_at_date,
        },
    )
    (written,) = connection.execute(f"select count(*) from read_parquet({text_sql(target.as_posix())})").fetchall()
    return int(written[0])


def _folder_of(source_file: str) -> str:
    """The name of the folder that a file lies in, below the landing folder of its source; '' where it lies in none."""
    _, *folders, _ = source_file.split("/")
    return folders[-1] if folders else ""
