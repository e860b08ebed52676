"""The gates: what must be true of a candidate before it may become the release.

Belongs here: judging a whole candidate. Does not: rules about single values, which belong to dbt and `expectations/`.

Every gate is a function of a candidate and its context that returns a GateResult. None raises: a gate that cannot be
run has failed, and so has one that found nothing to look at.
"""

from __future__ import annotations

import functools
import json
import mmap
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.contracts import PublicTable
from dagster_project.dbt_documentation import PLACE as DOCUMENTATION
from dagster_project.dbt_documentation import said_of_the_project
from dagster_project.home import ABSOLUTE_PATH, PARTS_OF_PATHS, RELEASE_DATABASE
from dagster_project.release.building import Candidate
from dagster_project.release.manifest import MANIFEST
from dagster_project.release.sql import attach_read_only, count_rows, literal, quoted, quoted_table

MEASURES = ("headcount", "fte", "fte_permanent", "fte_temporary", "fte_vacant")

_NAMED_AT_MOST = 5


@dataclass(frozen=True)
class GateResult:
    """How one gate judged one candidate. `evaluated` counts what it looked at; `reason` is for a person."""

    name: str
    passed: bool
    evaluated: int
    reason: str


@dataclass(frozen=True)
class CheckRun:
    """A check that ran earlier in the night, and how many things (rows, values, files) it looked at."""

    name: str
    evaluated: int


@dataclass(frozen=True)
class GateContext:
    """What a candidate is judged against. `present_release` is the folder of the release in force, None for the first.

    `home` and `project` are only used to make sure that neither path is written anywhere in the candidate.
    """

    warehouse: Path
    present_release: Path | None
    home: Path
    project: Path
    check_runs: Sequence[CheckRun]


Gate = Callable[[Candidate, GateContext], GateResult]


@dataclass(frozen=True)
class _Verdict:
    faults: Sequence[str]
    evaluated: int
    when_passed: str
    remedy: str = ""


def _gate(judge: Callable[[Candidate, GateContext], _Verdict]) -> Gate:
    @functools.wraps(judge)
    def gate(candidate: Candidate, context: GateContext) -> GateResult:
        name = judge.__name__
        try:
            verdict = judge(candidate, context)
        # Whatever stops a gate, a candidate that was not judged must not be released.
        except Exception as error:
            return GateResult(name, False, 0, f"This gate could not be run, so it has failed: {error}")
        if verdict.faults:
            reason = " ".join(part for part in (_listed(verdict.faults), verdict.remedy) if part)
            return GateResult(name, False, verdict.evaluated, reason)
        if verdict.evaluated == 0:
            return GateResult(name, False, 0, "There was nothing to look at, so this gate has failed.")
        return GateResult(name, True, verdict.evaluated, verdict.when_passed)

    return gate


@_gate
def nothing_lost(candidate: Candidate, context: GateContext) -> _Verdict:
    """Every landed row is accounted for, and the candidate's three forms hold every public row."""
    with duckdb.connect(str(context.warehouse), read_only=True) as warehouse:
        landed = warehouse.execute("""
            select
                landed_table,
                submission_id,
                rows_landed,
                rows_published,
                rows_superseded,
                rows_held_back,
                rows_out_of_scope,
                coalesce(
                    rows_landed = rows_published + rows_superseded + rows_held_back + rows_out_of_scope
                    and least(rows_landed, rows_published, rows_superseded, rows_held_back, rows_out_of_scope) >= 0,
                    false
                ) as is_accounted_for
            from intermediate.int_submissions__rows_accounted
            order by all
        """).fetchall()
        warehouse_rows = {table.full_name: count_rows(warehouse, quoted_table(table)) for table in candidate.tables}
    faults = [
        f"{landed_table}, submission {submission}: {_number(rows)} rows landed, but {_number(published)} published, "
        f"{_number(superseded)} superseded, {_number(held_back)} held back and {_number(out_of_scope)} out of scope do "
        "not add up to that."
        for landed_table, submission, rows, published, superseded, held_back, out_of_scope, is_accounted_for in landed
        if not is_accounted_for
    ]
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        for table in candidate.tables:
            counts = {
                "the warehouse": warehouse_rows[table.full_name],
                "the release database": count_rows(connection, quoted_table(table)),
                "Parquet": count_rows(connection, f"read_parquet({literal(str(candidate.copy_of(table, 'parquet')))})"),
                "CSV": count_rows(connection, _csv_reader(candidate, table)),
            }
            if len(set(counts.values())) > 1:
                found = ", ".join(f"{_number(count)} in {place}" for place, count in counts.items())
                faults.append(f"{table.full_name} does not hold the same number of rows everywhere: {found}.")
    rows_landed = sum(row[2] or 0 for row in landed)
    return _Verdict(
        faults,
        evaluated=rows_landed,
        when_passed=(
            f"{_number(rows_landed)} landed rows: all are accounted for. {_number(len(candidate.tables))} tables: "
            f"each holds the same number of rows in the warehouse, the release database, Parquet and CSV."
        ),
        remedy=(
            "Find the model that drops or repeats these rows, starting from "
            "intermediate.int_submissions__rows_accounted; rows left out on purpose must be counted as held back or "
            "out of scope."
        ),
    )


def _csv_reader(candidate: Candidate, table: PublicTable) -> str:
    # The format is spelt out, because a guess at it could skip or merge lines.
    columns = ", ".join(f"{literal(column.name)}: 'VARCHAR'" for column in table.columns)
    path = literal(str(candidate.copy_of(table, "csv")))
    return (
        f"read_csv({path}, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"auto_detect = false, columns = {{{columns}}})"
    )


@_gate
def large_changes_explained(candidate: Candidate, context: GateContext) -> _Verdict:
    """Every large change since the present release comes with a new return, or with a person's explanation."""
    with duckdb.connect() as connection:
        attach_read_only(connection, candidate.database, "candidate")
        if context.present_release is None:
            rows = count_rows(connection, "candidate.marts.fct_workforce")
            return _Verdict(
                [],
                evaluated=rows,
                when_passed=f"This is the first release: {_number(rows)} rows of marts.fct_workforce, none to compare.",
            )
        attach_read_only(connection, context.present_release / RELEASE_DATABASE, "present")
        limits = {name: _policy(connection, name) for name in ("large_change_minimum", "large_change_share")}
        connection.execute(_large_changes_sql(**limits))
        compared, large = connection.execute("select count(*), count(*) filter (is_large) from change").fetchall()[0]
        unexplained = connection.execute("""
            select organisation_code, as_at_date, source, return_group, measure, old_value, new_value
            from change
            where is_large and not is_explained
            order by all
        """).fetchall()
    faults = [
        f"{', '.join(str(part) for part in key if part is not None)}: {measure} was {old:,.10g}, now "
        f"{'it is gone' if new is None else f'{new:,.10g}'}."
        for *key, measure, old, new in unexplained
    ]
    return _Verdict(
        faults,
        evaluated=compared,
        when_passed=(
            f"{_number(compared)} values compared with the present release: "
            f"{_number(large)} changed by much or vanished, each explained by a new return or by a person."
        ),
        remedy=(
            "No new return explains this. If it is right, add a row to reference.explained_changes (organisation_code, "
            "as_at_date, return_group, measure, the reason, who decided and when); if not, find what took it away."
        ),
    )


def _policy(connection: duckdb.DuckDBPyConnection, name: str) -> float:
    # A parameter would have DuckDB import pandas, which takes 80 MB.
    values = connection.execute(
        f"select value from candidate.reference.policies where policy = {literal(name)}"
    ).fetchall()
    if len(values) != 1 or values[0][0] is None:
        raise ValueError(f"reference.policies should give one value for {name}; it gives {len(values)}.")
    return float(values[0][0])


def _large_changes_sql(large_change_minimum: float, large_change_share: float) -> str:
    """Creates the temporary table `change`: one row per value of the present release that is not empty.

    A row that stands is explained by a submission that its own return group did not have before; a row that has gone,
    by a submission that the organisation did not have before for that date. Mere absence explains nothing.
    Floating-point sums are rounded to six places, so that a change of exactly the minimum counts as large.
    """
    sums = ", ".join(f"sum({measure}::double) as {measure}" for measure in MEASURES)
    pairs = ", ".join(
        f"{{'measure': '{measure}', 'old_value': old.{measure}, 'new_value': new.{measure}}}" for measure in MEASURES
    )
    submissions = "coalesce(list(distinct submission_id) filter (submission_id is not null), []) as submissions"

    def same(left: str, right: str, *columns: str) -> str:
        return " and ".join(f"{left}.{column} is not distinct from {right}.{column}" for column in columns)

    organisation = ("organisation_code", "as_at_date", "source")
    group = (*organisation, "return_group")
    return f"""
        create temp table change as
        with
        present_groups as (
            select {", ".join(group)}, {sums}, {submissions}
            from present.marts.fct_workforce
            group by all
        ),
        candidate_groups as (
            select {", ".join(group)}, {sums}, {submissions}, true as stands
            from candidate.marts.fct_workforce
            group by all
        ),
        present_organisations as (
            select {", ".join(organisation)}, {submissions}
            from present.marts.fct_workforce
            group by all
        ),
        candidate_organisations as (
            select {", ".join(organisation)}, {submissions}
            from candidate.marts.fct_workforce
            group by all
        ),
        explanations as (
            select distinct organisation_code, as_at_date::date as as_at_date, return_group, measure
            from candidate.reference.explained_changes
        ),
        compared as (
            select
                {", ".join(f"old.{column}" for column in group)},
                unnest([{pairs}], recursive := true),
                case
                    when new.stands then not list_has_all(old.submissions, new.submissions)
                    else not list_has_all(
                        old_organisation.submissions, coalesce(new_organisation.submissions, [])
                    )
                end as has_new_return
            from present_groups as old
            inner join present_organisations as old_organisation on {same("old", "old_organisation", *organisation)}
            left join candidate_groups as new on {same("old", "new", *group)}
            left join candidate_organisations as new_organisation
                on {same("old", "new_organisation", *organisation)}
        )
        select
            compared.*,
            case
                when new_value is null then old_value > 0
                else round(abs(new_value - old_value), 6) >= {large_change_minimum!r}
                    and round(abs(new_value - old_value), 6) >= round({large_change_share!r} * old_value, 6)
                    and new_value <> old_value
            end as is_large,
            has_new_return or explanations.measure is not null as is_explained
        from compared
        left join explanations
            on {same("compared", "explanations", "organisation_code", "return_group", "measure")}
            and compared.as_at_date::date is not distinct from explanations.as_at_date
        where old_value is not null
    """


@_gate
def columns_described(candidate: Candidate, context: GateContext) -> _Verdict:
    """The database holds what the contract promises, in its order and types, each thing described, and no view."""
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        table_comments = {
            f"{schema}.{name}": comment
            for schema, name, comment in connection.execute("""
                select schema_name, table_name, comment
                from duckdb_tables()
                where database_name = current_database() and not internal
            """).fetchall()
        }
        found: dict[str, list[tuple[str, str, bool, str | None]]] = {}
        for schema, table_name, *column in connection.execute("""
            select columns.schema_name, table_name, column_name, columns.data_type, not is_nullable, columns.comment
            from duckdb_columns() as columns
            semi join duckdb_tables() as tables using (database_oid, table_oid)
            where database_name = current_database() and not internal
            order by columns.schema_name, table_name, column_index
        """).fetchall():
            found.setdefault(f"{schema}.{table_name}", []).append((column[0], column[1], column[2], column[3]))
        views = connection.execute("""
            select schema_name || '.' || view_name
            from duckdb_views()
            where database_name = current_database() and not internal
            order by all
        """).fetchall()
    promised = _promised_columns(candidate.tables)

    faults = [f"{view} is a view; a release holds tables only." for (view,) in views]
    faults += [f"{name} is in the contract and not in the database." for name in promised if name not in found]
    faults += [f"{name} is in the database and not in the contract." for name in found if name not in promised]
    for name, columns in found.items():
        if not (table_comments[name] or "").strip():
            faults.append(f"{name} has no description.")
        faults += [f"{name}.{column[0]} has no description." for column in columns if not (column[3] or "").strip()]
        if name in promised and [column[:3] for column in columns] != promised[name]:
            faults.append(
                f"{name} should have the columns {_column_list(promised[name])}; "
                f"it has {_column_list(column[:3] for column in columns)}."
            )
    column_count = sum(map(len, found.values()))
    return _Verdict(
        faults,
        evaluated=len(found) + column_count,
        when_passed=(
            f"{_number(len(found))} tables and {_number(column_count)} columns: "
            f"all are described and as their contracts promise."
        ),
        remedy="Write the description, or mend the column list, in the YAML beside the model.",
    )


def _promised_columns(tables: Sequence[PublicTable]) -> dict[str, list[tuple[str, str, bool]]]:
    """For each table: name of the column, type as DuckDB spells it, and whether null is refused."""
    promised = {}
    with duckdb.connect() as connection:
        for table in tables:
            nulls = ", ".join(f"null::{column.data_type} as {quoted(column.name)}" for column in table.columns)
            types = [described[1] for described in connection.execute(f"describe select {nulls}").fetchall()]
            promised[table.full_name] = [
                (column.name, data_type, column.not_null)
                for column, data_type in zip(table.columns, types, strict=True)
            ]
    return promised


def _column_list(columns: Iterable[tuple[str, str, bool]]) -> str:
    return ", ".join(f"{name} {data_type}{' not null' if not_null else ''}" for name, data_type, not_null in columns)


_TEXT_SUFFIXES = {".md", ".txt", ".html"}


@_gate
def no_absolute_path(candidate: Candidate, context: GateContext) -> _Verdict:
    """Nothing in the candidate names a place on the machine that built it, or on anybody else's.

    The database and Parquet files store text compressed, so their values are searched by SQL and their bytes as well.
    """
    own_paths = [spelling for path in (context.home, context.project) for spelling in _spellings(path)]
    is_path = " or ".join(
        [f"regexp_matches(text, {literal(ABSOLUTE_PATH)})", *(f"contains(text, {literal(own)})" for own in own_paths)]
    )
    faults: list[str] = []
    evaluated = 0
    for path in sorted(path for path in candidate.folder.rglob("*") if path.is_file()):
        name = path.relative_to(candidate.folder).as_posix()
        evaluated += 1
        if _holds_any(path, own_paths):
            faults.append(f"{name} holds the path of the home or of the project.")
        faults += [f"{name}, {place}: holds the path in “{text}”." for place, text in _texts_with_a_path(path)]
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        for relation, columns in _text_columns(connection).items():
            # One query for all columns of a table, since each spends longer on its preparation than on searching.
            found = connection.execute(f"""
                select place, count(*), count(*) filter (is_path), min(text) filter (is_path)
                from (
                    select place, text, {is_path} as is_path
                    from (
                        select
                            unnest([{", ".join(map(literal, columns))}]) as place,
                            unnest([{", ".join(f"{column}::varchar" for column in columns.values())}]) as text
                        from {relation}
                    )
                    where text is not null
                )
                group by place
                order by place
            """).fetchall()
            evaluated += sum(texts for _, texts, _, _ in found)
            faults += [
                f"{place}: {_number(count)} values hold a path, for example “{_shortened(example)}”."
                for place, _, count, example in found
                if count
            ]
    return _Verdict(
        faults,
        evaluated=evaluated,
        when_passed=f"{_number(evaluated)} files and texts searched: none holds an absolute path.",
        remedy="Publish the name of the file, or its place below the landing folder, and not where it lay.",
    )


def _spellings(path: Path) -> list[str]:
    """A folder directly below the root needs its closing slash, since "/ahp" alone is also the end of "OT /ahp"."""
    spellings = {str(path), path.as_posix(), str(path).replace("\\", "\\\\")}
    closing = "" if len(path.parts) > 2 else "/"
    return sorted(spelling + closing for spelling in spellings)


def _holds_any(path: Path, own_paths: Sequence[str]) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(own_path.encode()) >= 0 for own_path in own_paths)


def _texts_with_a_path(path: Path) -> Iterator[tuple[str, str]]:
    """Place and text, in the files that people read. The values in CSV files are those of the tables."""
    if path.name != MANIFEST and path.suffix not in _TEXT_SUFFIXES:
        return
    content = path.read_text(encoding="utf-8")
    texts: Iterable[tuple[str, str]]
    if path.match(f"site/{DOCUMENTATION}") and (said := [*said_of_the_project(content)]):
        # All else is dbt's script, the same for everybody, whose patterns look like paths.
        texts = (text for part in said for text in _strings(part))
    elif path.name == MANIFEST:
        # What JSON puts in other words, such as a backslash, may be part of a path as well.
        texts = _strings(json.loads(content))
    elif any(part in content for part in PARTS_OF_PATHS):
        texts = ((f"line {number}", line) for number, line in enumerate(content.splitlines(), start=1))
    else:
        return
    for place, text in texts:
        if re.search(ABSOLUTE_PATH, text):
            yield place, _shortened(text)


def _strings(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place or "the whole of it", value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _strings(inner, f"{place} {number}")


def _text_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The columns of each relation that can hold text, by their place: the values of tables, and all descriptions."""
    columns = connection.execute("""
        select schema_name, table_name, column_name
        from duckdb_columns()
        where database_name = current_database()
            and not internal
            and regexp_matches(data_type, 'VARCHAR|ENUM|JSON|BLOB|UNION')
        order by schema_name, table_name, column_index
    """).fetchall()
    found: dict[str, dict[str, str]] = {}
    for schema, table, column in columns:
        of_table = found.setdefault(f"{quoted(schema)}.{quoted(table)}", {})
        of_table[f"{schema}.{table}.{column}"] = quoted(column)
    return found | {
        "(select comment from duckdb_tables() where not internal)": {"descriptions of tables": "comment"},
        "(select comment from duckdb_columns() where not internal)": {"descriptions of columns": "comment"},
    }


@_gate
def no_empty_check(candidate: Candidate, context: GateContext) -> _Verdict:
    """No public table is empty unless it may be, and no check of the night passed by looking at nothing.

    A table that rests on one source has nothing to hold while nothing of that source is in force: this is said, and is
    no fault.
    """
    with duckdb.connect(str(candidate.database), read_only=True) as connection:
        empty = [
            table
            for table in candidate.tables
            if not table.may_be_empty and count_rows(connection, quoted_table(table)) == 0
        ]
        in_force = _sources_in_force(connection) if any(table.rests_on for table in empty) else set()
    not_applicable = [table for table in empty if table.rests_on and table.rests_on not in in_force]
    faults = [
        f"{table.full_name} holds no rows, and its contract does not allow that."
        for table in empty
        if table not in not_applicable
    ]
    faults += [f"The check “{run.name}” looked at nothing." for run in context.check_runs if run.evaluated <= 0]
    return _Verdict(
        faults,
        evaluated=len(candidate.tables) + len(context.check_runs),
        when_passed=(
            f"{_number(len(candidate.tables))} tables and {_number(len(context.check_runs))} checks: "
            f"no table is empty that may not be, and no check looked at nothing."
            + "".join(
                f" {table.full_name} does not apply, since nothing of {table.rests_on} is in force."
                for table in not_applicable
            )
        ),
        remedy=(
            "Find why the rows did not arrive; if none are expected, set may_be_empty in the meta of the table's YAML, "
            "or take the check out."
        ),
    )


def _sources_in_force(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("select distinct source from quality.submissions where status = 'accepted'").fetchall()
    return {source for (source,) in rows}


GATES: dict[str, Gate] = {
    "nothing_lost": nothing_lost,
    "large_changes_explained": large_changes_explained,
    "columns_described": columns_described,
    "no_absolute_path": no_absolute_path,
    "no_empty_check": no_empty_check,
}
GATE_NAMES = tuple(GATES)


def run_gates(candidate: Candidate, context: GateContext) -> list[GateResult]:
    """Every gate, in the order of GATE_NAMES; a failure does not spare the ones after it."""
    return [gate(candidate, context) for gate in GATES.values()]


def _listed(faults: Sequence[str]) -> str:
    named = " ".join(faults[:_NAMED_AT_MOST])
    further = len(faults) - _NAMED_AT_MOST
    return f"{named} And {_number(further)} more." if further > 0 else named


def _number(value: int | None) -> str:
    return "(empty)" if value is None else f"{value:,}"


def _shortened(text: str, length: int = 120) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
