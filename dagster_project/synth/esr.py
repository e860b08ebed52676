"""The staff-in-post extracts: one month after the other, with its faults, as files.

Belongs here: what a month's rows say and how they are written. Does not: who works where (workforce).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.sources.invented import MARK, MARK_IN_ROWS
from dagster_project.synth.facts import facts
from dagster_project.synth.faults import Fault, missing_months
from dagster_project.synth.scales import Scale

FOLDER = "esr"
# Stands last in every delimited file, so that its readers know what it is.
MARK_COLUMN = f"'{MARK_IN_ROWS}' as \"{MARK}\""
_HEADINGS = {"usual": "heading", "data_warehouse": "heading_data_warehouse", "data_set": "heading_data_set"}
# One trust's extract has no column for it at all, which is not the same as nobody having answered.
NOT_ASKED = {"data_set": "marital_status"}

_MONTH = """
create or replace table esr_row as
select
    held.* exclude (
        copies, copied_in_month, from_month, to_month, leave_from, share_of_career, begins, age, end_date_contract_days,
        assignment_status, started, in_position, years, is_leaving
    ),
    concat(assignment_id, if(copy_number = 1, '', '-copy')) as row_id,
    'valid' as age_kind,
    upper(strftime(date '{day}', '%Y-%B')) as tm_year_month,
    written_day(date '{day}', day_style) as tm_end_date,
    case
        when {month} between leave_from and leave_from + 9 and assignment_category in ('Permanent', 'Fixed Term Temp')
        then 'Maternity & Adoption'
        else assignment_status
    end as assignment_status,
    (1 + least(4, date_sub('year', started, date '{day}')))::varchar as grade_step,
    written_day(started, day_style) as latest_start_date,
    written_day(in_position, day_style) as start_date_in_position,
    written_day(in_position, day_style) as role_start_date,
    written_day(started - (begins * 40 * share_of_career)::integer, day_style) as nhs_csd,
    if(assignment_category = 'Fixed Term Temp',
        written_day(date '{day}' + end_date_contract_days, day_style), '') as end_date_contract,
    if(is_leaving, written_day(date '{day}' + (1 + begins), day_style), '') as termination_date,
    if(is_leaving, [
        'Voluntary Resignation - Relocation', 'Voluntary Resignation - Work Life Balance',
        'Voluntary Resignation - Promotion', 'Retirement Age', 'Voluntary Resignation - Other/Not Known'
    ][1 + begins % 5], '') as reason_for_leaving,
    if(is_leaving, ['NHS Organisation', 'No Employment', 'Unknown', 'Social Services'][1 + begins % 4], '')
        as destination_on_leaving,
    written_day(date_of_birth, day_style) as date_of_birth_written,
    years::varchar as age_in_years,
    case
        when years <= 20 then '<=20 Years' when years > 70 then '>=71 Years'
        else concat(years - (years - 1) % 5, '-', years - (years - 1) % 5 + 4)
    end as age_band,
    if(registration_number = '', '', written_day(date '2027-09-30' + (begins % 3) * 31, day_style))
        as end_date_registration,
    '20000000' as supervisor_assignment_number,
    if(sequence = 1, '1.00000', contracted_wte) as budgeted_fte,
    contracted_wte as actual_fte
from (
    select
        assignment.*,
        unnest(range(1, 1 + if(copied_in_month = {month}, copies, 1))) as copy_number,
        case
            when from_month > 0 then date_trunc('month', date '{first_day}' + to_months(from_month))::date + begins
            else date '{first_day}' - 1 - (share_of_career * (age - 18) * 230)::integer
        end as started,
        started + ((date '{day}' - started) * 0.4 * share_of_career)::integer as in_position,
        date_sub('year', date_of_birth, date '{day}') as years,
        {month} = to_month and to_month < {last} and begins % 3 > 0 as is_leaving
    from assignment
    where {month} between from_month and to_month {unless_missing}
) as held;
"""


@dataclass(frozen=True)
class WrittenFile:
    """One file written: where in the landing, whose, of which day, and how many rows."""

    path: str
    source: str
    organisation_code: str
    as_at_date: str
    rows: int


def months_written(
    connection: duckdb.DuckDBPyConnection, scale: Scale, faults: tuple[Fault, ...], days: list[date], folder: Path
) -> Iterator[tuple[int, list[WrittenFile]]]:
    """Writes the files of one month after the other into `folder`, the landing; the month stays in the table `esr_row`
    until the next is asked for, and what was planted in it is added to the table `planted`.
    """
    (folder / FOLDER).mkdir(parents=True)
    connection.execute(
        "create table planted (kind varchar, month integer, row_id varchar, field varchar, written varchar)"
    )
    for month, day in enumerate(days):
        _invent_month(connection, month, days)
        for fault in faults:
            if month in fault.months:
                _plant(connection, fault, month)
        connection.execute(
            "create or replace table esr_line as select row_id, file_of, "
            "row_number() over (partition by file_of order by rowid) + 1 as line from esr_row"
        )
        yield month, _write_month(connection, scale, day, folder)


def _invent_month(connection: duckdb.DuckDBPyConnection, month: int, days: list[date]) -> None:
    missing = [number for number, months in missing_months(len(days)).items() if month in months]
    connection.execute(
        _MONTH.format(
            day=days[month].isoformat(),
            first_day=days[0].replace(day=1).isoformat(),
            month=month,
            last=len(days) - 1,
            unless_missing=f"and organisation_number not in ({', '.join(map(str, missing))})" if missing else "",
        )
    )


def _plant(connection: duckdb.DuckDBPyConnection, fault: Fault, month: int) -> None:
    taken = f"assignment_id in (select assignment_id from chosen where fault = '{fault.kind}')"
    for name in fault.written:
        written = fault.changes.get(name, fault.changes.get(f"{name}_written", "''"))
        was = f"{name}_written" if f"{name}_written" in fault.changes else name
        # A birth date is personal even when it is invented and impossible, and the truth is read by many.
        kept = "''" if name in ("date_of_birth", "registration_number") else written
        connection.execute(
            f"insert into planted select '{fault.kind}', {month}, row_id, '{name}', {kept} from esr_row "
            f"where {taken} and {was} is distinct from {written}"
        )
    changes = ", ".join(f"{name} = {value}" for name, value in fault.changes.items())
    connection.execute(f"update esr_row set {changes} where {taken}")


def _write_month(connection: duckdb.DuckDBPyConnection, scale: Scale, day: date, folder: Path) -> list[WrittenFile]:
    counted = connection.execute(
        "select file_of, any_value(wording), count(*) from esr_row group by file_of order by file_of"
        if scale.one_file_per_trust
        else "select '', 'usual', count(*) from esr_row"
    ).fetchall()
    written = []
    for organisation_code, wording, rows in counted:
        name = f"{FOLDER}/esr_{organisation_code or 'england'}_{day:%Y-%m}.csv"
        only = f"where file_of = '{organisation_code}'" if organisation_code else ""
        copy_rows(connection, f"select {written_columns(wording)} from esr_row {only}", folder / name)
        written.append(WrittenFile(name, "esr", organisation_code, day.isoformat(), rows))
    return written


def not_asked_of(scale: Scale) -> dict[int, str]:
    """The field that a trust's extracts have no column for, by number of organisation."""
    return {3: NOT_ASKED["data_set"]} if scale.one_file_per_trust else {}


def written_columns(wording: str, headings: Mapping[str, str] | None = None, without: Collection[str] = ()) -> str:
    """The columns of an extract in one trust's wording, as a list for `select`.

    `headings` puts others in their place, field by field; `without` leaves fields out.
    """
    worded = {row["field"]: row[_HEADINGS[wording]] for row in facts("esr_columns").iter_rows(named=True)}
    worded |= headings or {}
    stored = {"date_of_birth": "date_of_birth_written"}
    columns = [
        f"nullif({stored.get(name, name)}, '') as \"{heading}\""
        for name, heading in worded.items()
        if name != NOT_ASKED.get(wording) and name not in without
    ]
    return ", ".join([*columns, MARK_COLUMN])


def copy_rows(connection: duckdb.DuckDBPyConnection, query: str, path: Path, delimiter: str = ",") -> None:
    """Writes what a query gives as delimited text, in its order, blanks as nothing at all."""
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' (format csv, header true, delimiter '{delimiter}')")
