"""The invented workplaces and workers of the Adult Social Care Workforce Data Set, as extracts and as a bulk upload.

Belongs here: what they are like, their faults, and how they are written. Does not: counting what is true
(asc_wds_truth).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from dagster_project.synth.esr import MARK_COLUMN, WrittenFile, copy_rows
from dagster_project.synth.facts import facts
from dagster_project.synth.scales import Scale, councils_of, tickets
from dagster_project.synth.workforce import invent_spells

FOLDER = "skills_for_care"
VERSION = "1.0.0"
CLEAN_COUNCIL = 0
_TICKETS = 10_000
_WORKERS_OF_A_WORKPLACE = 25

_PLACES = """
create table asc_place as
with
council as (
    select
        (row_number() over (order by organisation_code) - 1)::integer as council_number,
        organisation_code as council_code, council_name, cssr_code, adass_region, ons_region,
        begun('council ' || organisation_code) as council_h,
        0.6 + 0.8 * draw(council_h, 'size') as size,
        {workers} * size / sum(size) over () as workers
    from councils
),
place as (
    select
        council.*, is_council, number,
        begun(concat('place ', council_code, ' ', is_council, ' ', number)) as place_h
    from council, (values (true, {share_of_councils}), (false, 1 - {share_of_councils})) as kind (is_council, share),
        range(greatest(1, (workers * share / {per_place})::integer)) as numbers (number)
)
select
    (row_number() over (order by council_code, is_council desc, number) - 1)::integer as organisation_number,
    place.*,
    (200000 + organisation_number)::varchar as establishmentid,
    case ons_region
        when 'East of England' then 1 when 'East Midlands' then 2 when 'London' then 3 when 'North East' then 4
        when 'North West' then 5 when 'South East' then 6 when 'South West' then 7 when 'West Midlands' then 8 else 9
    end as regionid,
    chr((64 + regionid)::integer) || (1000000 + organisation_number) as nmdsid,
    if(is_council, council_name || ' Council Team ', 'Invented Care ' || council_name || ' ') || (number + 1)
        as establishmentname,
    case
        when is_council then if(draw(place_h, 'type') < 0.7, 1, 3)
        when draw(place_h, 'type') < 0.8 then 6 when draw(place_h, 'type') < 0.98 then 7 else 8
    end as esttype,
    if(is_council, [16, 18, 69, 8, 16], [8, 1, 2, 55, 8])[1 + ticket(place_h, 'service', 5)] as mainstid,
    if(is_council or mainstid = 55, 0, 2) as regtype,
    greatest(4, ({per_place} * (0.5 + draw(place_h, 'staff')))::integer) as slots
from place
order by organisation_number;

create table asc_post as
select
    asc_place.*, slot, begun(concat('worker ', establishmentid, ' ', slot)) as post_h,
    if(is_council, 0.010, 0.020) as monthly_turnover
from asc_place, range(slots) as numbered (slot);
"""

_WORKERS = """
create table asc_worker as
with
begun_with as (
    select
        asc_spell.*, spell_h as h,
        (3000000 + row_number() over (order by organisation_number, slot, generation))::varchar as workerid,
        if(is_council, 'council', 'independent') as kind,
        18 + 47 * draw(spell_h, 'age') as age_in_years,
        if(from_month > 0,
            date_trunc('month', date '{first_day}' + to_months(from_month))::date + ticket(spell_h, 'day', 27),
            date '{first_day}' - 20 - (draw(spell_h, 'service') ** 2 * (age_in_years - 17) * 200)::integer) as started,
        greatest(started, date '2019-08-01') + ticket(spell_h, 'recorded', 10) as created,
        case
            when ons_region in ('East Midlands', 'West Midlands') then 'Midlands'
            when ons_region = 'London' then 'London'
            else 'elsewhere'
        end as people_of
    from asc_spell
)
select
    begun_with.*,
    job_role.job_role_code::varchar as mainjrid,
    status.extract_code as emplstat, gender.extract_code as gender, ethnicity.extract_code as ethnicity,
    disabled.extract_code as disabled, british.extract_code as isbritish, zero.extract_code as zerohours,
    date '{last_day}' - (age_in_years * 365.25)::integer as date_of_birth,
    invented_ni_number(workerid::bigint) as ni_number,
    case
        when draw(h, 'part time') < if(is_council, 0.55, 0.5) then 37
        else [30.0, 18.5, 22.5, 16.0, 25.0, 20.0][1 + ticket(h, 'hours', 6)]
    end as hours
from begun_with
inner join asc_job_role_tickets as job_role
    on begun_with.kind = job_role.kind and job_role.ticket = ticket(h, 'job role', {tickets})
inner join asc_answer_tickets as status
    on status.field = 'emplstat' and status.variant = begun_with.kind and status.ticket = ticket(h, 'status', {tickets})
inner join asc_answer_tickets as gender on gender.field = 'gender' and gender.ticket = ticket(h, 'gender', {tickets})
inner join asc_answer_tickets as ethnicity
    on ethnicity.field = 'ethnicity' and ethnicity.variant = people_of
    and ethnicity.ticket = ticket(h, 'ethnicity', {tickets})
inner join asc_answer_tickets as disabled
    on disabled.field = 'disabled' and disabled.ticket = ticket(h, 'disabled', {tickets})
inner join asc_answer_tickets as british
    on british.field = 'isbritish' and british.ticket = ticket(h, 'british', {tickets})
inner join asc_answer_tickets as zero
    on zero.field = 'zerohours' and zero.variant = begun_with.kind and zero.ticket = ticket(h, 'zero hours', {tickets})
order by organisation_number, slot, generation;
drop table asc_spell;
"""

# The answers whose age can be measured; each has a day on which it was changed and one on which it was last saved.
_DATED = ("mainjrid", "gender", "ethnicity", "disabled", "isbritish", "age")

_MONTH = """
create or replace table asc_row as
select
    worker.*,
    'valid' as age_kind,
    (date_diff('year', date_of_birth, date '{day}')
        - if(strftime(date_of_birth, '%m%d') > strftime(date '{day}', '%m%d'), 1, 0))::varchar as age,
    if(emplstat in ('190', '191') and zerohours = '0', hours::decimal(5, 1)::varchar, '-1') as conthrs,
    if(emplstat in ('190', '191') and zerohours = '0', '-1', hours::decimal(5, 1)::varchar) as averagehours
from (
    select * replace (
        {answers}
    )
    from asc_worker
    where {month} between from_month and to_month
) as worker;
"""
# Outside the clean council: an answer nobody gave below the first share, and one nobody knows below the second.
_UNANSWERED = {
    "gender": ("3", 0.004, 0.006),
    "ethnicity": ("99", 0.010, 0.030),
    "disabled": ("-2", 0.015, 0.040),
    "isbritish": ("2", 0.008, 0.020),
}


@dataclass(frozen=True)
class AscFault:
    """One kind of fault in the records of one council's own workplaces; the fields mean what they mean for `Fault`."""

    kind: str
    council_number: int
    months: tuple[int, ...]
    among: str
    changes: dict[str, str]
    finding: str
    must: str
    rows: int | None = None

    @property
    def written(self) -> list[str]:
        """The fields of the extract in which it can be seen."""
        return [name for name in self.changes if name != "age_kind"]


def asc_faults_of(months: int) -> tuple[AscFault, ...]:
    """Every fault of single records, in the order in which they are planted."""
    every, last, middle = tuple(range(months)), months - 1, months // 2
    faults = [
        AscFault(
            "edi_blank_block", 1, every, "h % 10 < 4", {"ethnicity": "'-1'"}, "edi_incomplete",
            "ethnicity is not recorded for two workers in five",
        ),
        AscFault(
            "edi_not_known_block", 1, every, "h % 10 in (4, 5)", {"disabled": "'-2'"}, "edi_incomplete",
            "the answer is that it is not known, which is not the same as blank",
        ),
        AscFault(
            "edi_default_value", 1, (middle,), "true", {"gender": "'2'"}, "edi_default_value",
            "everybody gives the same answer in this one month",
        ),
        AscFault(
            "unknown_code_ethnicity", 1, every, "h % 10 > 5", {"ethnicity": "'48'"}, "edi_incomplete",
            "a code that is not in the list is invalid", 5,
        ),
        AscFault(
            "unknown_code_status", 1, every, "mainjrid in ('15', '17', '36')", {"emplstat": "'195'"}, "unknown_code",
            "a code that is not in the list; the worker counts, the status is not known", 2,
        ),
        AscFault(
            "unknown_code_job_role", 1, every, "mainjrid = '8'", {"mainjrid": "'99'"}, "unknown_code",
            "a code that is not in the list; the worker counts, the job role is not known", 3,
        ),
        AscFault(
            "retired_code_job_role", 1, every, "mainjrid = '40'", {"mainjrid": "'41'"}, "",
            "41 was retired in May 2024 and is read as 40", 1,
        ),
        AscFault(
            "birth_date_missing", 1, every, "h % 10 > 5", {"age": "'-1'", "age_kind": "'not_recorded'"},
            "edi_incomplete", "age is not recorded", 4,
        ),
    ]  # fmt: skip
    if months > 1:
        faults.append(
            AscFault(
                "edi_overwritten", 1, (last,), f"from_month < {last} and h % 10 in (6, 7, 8)", {"isbritish": "'-1'"},
                "edi_incomplete", "answers that were there the month before are blank",
            )
        )  # fmt: skip
    return tuple(faults)


def invent_social_care(
    connection: duckdb.DuckDBPyConnection, scale: Scale, days: list[date], faults: tuple[AscFault, ...]
) -> None:
    """The tables asc_place and asc_worker, in the order of the files, and asc_chosen: the workers of each fault."""
    connection.register("councils", councils_of(scale))
    roles = facts("asc_wds_job_roles")
    weights = {"council": "weight_council_therapy" if scale.has_council_returns else "weight_council"}
    weights["independent"] = "weight_independent"
    for kind, weight in weights.items():
        connection.register(f"asc_{kind}_roles", tickets(roles.with_columns(one=1), ("one",), weight, _TICKETS))
    connection.execute(
        "create view asc_job_role_tickets as select 'council' as kind, job_role_code, ticket from asc_council_roles "
        "union all select 'independent', job_role_code, ticket from asc_independent_roles"
    )
    answers = facts("asc_wds_answers").with_columns(extract_code=facts("asc_wds_answers")["extract_code"].cast(str))
    connection.register("asc_answers", answers)
    connection.register("asc_answer_tickets", tickets(answers, ("field", "variant"), "weight", _TICKETS))
    values = {
        "workers": scale.workers,
        "share_of_councils": 0.7 if scale.has_council_returns else 0.17,
        "per_place": _WORKERS_OF_A_WORKPLACE,
        "tickets": _TICKETS,
        "first_day": days[0].replace(day=1).isoformat(),
        "last_day": days[-1].isoformat(),
    }
    connection.execute(_PLACES.format(**values))
    invent_spells(connection, "asc_post", "asc_spell", len(days))
    connection.execute(_WORKERS.format(**values))
    connection.execute("create table asc_chosen (fault varchar, workerid varchar)")
    for fault in faults:
        limit = "" if fault.rows is None else f"order by h, workerid limit {fault.rows}"
        steady = "" if fault.rows is None else f"and from_month = 0 and to_month = {len(days) - 1}"
        connection.execute(
            "insert into asc_chosen select ?, workerid from asc_worker "
            f"where is_council and council_number = ? and ({fault.among}) {steady} {limit}",
            [fault.kind, fault.council_number],
        )


def asc_months_written(
    connection: duckdb.DuckDBPyConnection, faults: tuple[AscFault, ...], days: list[date], folder: Path
) -> Iterator[tuple[int, list[WrittenFile]]]:
    """Writes the extracts of one month after the other into `folder`, the landing; the month stays in the tables
    `asc_row` and `asc_place_row`, and what was planted in it is added to the table `asc_planted`.
    """
    connection.execute(
        "create table asc_planted (kind varchar, month integer, workerid varchar, field varchar, written varchar)"
    )
    for month, day in enumerate(days):
        connection.execute(
            _MONTH.format(
                answers=",\n        ".join(
                    f"case when council_number = {CLEAN_COUNCIL} then {name} "
                    f"when draw(h, 'unanswered {name}') < {blank} then '-1' "
                    f"when draw(h, 'unanswered {name}') < {unknown} then '{shown}' else {name} end as {name}"
                    for name, (shown, blank, unknown) in _UNANSWERED.items()
                ),
                month=month,
                day=day.isoformat(),
            )
        )
        for fault in faults:
            if month in fault.months:
                _plant(connection, fault, month)
        yield month, _write_extract(connection, day, folder)


def _plant(connection: duckdb.DuckDBPyConnection, fault: AscFault, month: int) -> None:
    taken = f"workerid in (select workerid from asc_chosen where fault = '{fault.kind}')"
    for name in fault.written:
        value = fault.changes[name]
        connection.execute(
            f"insert into asc_planted select '{fault.kind}', {month}, workerid, '{name}', {value} from asc_row "
            f"where {taken} and {name} is distinct from {value}"
        )
    changes = ", ".join(f"{name} = {value}" for name, value in fault.changes.items())
    connection.execute(f"update asc_row set {changes} where {taken}")


def extract_path(dataset: str, day: date) -> str:
    """Where the extract of a day lies below the landing. It is made on the day after."""
    run = day + timedelta(days=1)
    return (
        f"{FOLDER}/domain=ASCWDS/dataset={dataset}/version={VERSION}/year={run:%Y}/month={run:%m}/day={run:%d}/"
        f"import_date={run:%Y%m%d}/{dataset}.csv"
    )


def _write_extract(connection: duckdb.DuckDBPyConnection, day: date, folder: Path) -> list[WrittenFile]:
    connection.execute(_place_rows())
    written = []
    for dataset, table in (("workplace", "asc_place_row"), ("worker", "asc_row")):
        name = extract_path(dataset, day)
        (folder / name).parent.mkdir(parents=True)
        copy_rows(connection, extract_query(dataset, day, table), folder / name, "|")
        rows = connection.execute(f"select count(*) from {table}").fetchone()
        written.append(WrittenFile(name, "skills_for_care", "", day.isoformat(), rows[0] if rows else 0))
    return written


def extract_query(dataset: str, day: date, table: str) -> str:
    """The rows of a table as the extract of a day has them, in every column of its layout."""
    columns = worker_columns(day) if dataset == "worker" else _place_columns(day)
    listed = ", ".join(
        f'{columns.get(name, _unfilled(name))} as "{name}"'
        for name in facts("asc_wds_extract_columns").filter(dataset=dataset)["column"]
    )
    return f"select {listed}, {MARK_COLUMN} from {table}"


def _unfilled(column: str) -> str:
    return "'0'" if column.endswith("flag") else "null"


def _written_day(expression: str) -> str:
    return f"strftime({expression}, '%d/%m/%Y')"


def worker_columns(day: date) -> dict[str, str]:
    """What an extract of a day writes under each heading of workers, as SQL on `asc_row`."""
    columns = {
        "period": f"'M{day:%Y%m}'",
        **{
            name: name
            for name in ("establishmentid", "nmdsid", "workerid", "esttype", "regionid", "mainstid", "regtype")
        },
        "orgid": "establishmentid",
        "wrkglbid": "upper(md5(ni_number || strftime(date_of_birth, '%Y%m%d')))",
        "wkplacestat": "1",
        "createddate": _written_day("created"),
        "updateddate": _written_day(f"created + ((date '{day}' - created) * draw(h, 'updated'))::integer"),
        "savedate": _written_day(f"created + ((date '{day}' - created) * (0.5 + draw(h, 'updated') / 2))::integer"),
        "cqcpermission": "1",
        "lapermission": "1",
        "cssr": "cssr_code",
        "lauthid": "'-1'",
        "parliamentaryconstituency": "'na'",
        **{name: name for name in ("emplstat", "mainjrid", "age", "gender", "disabled", "ethnicity", "isbritish")},
        "nationality": "case isbritish when '1' then '826' when '0' then '356' when '2' then '998' else '-1' end",
        "britishcitizen": "case isbritish when '0' then '0' else '-1' end",
        "borninuk": "case isbritish when '1' then '1' when '0' then '0' else isbritish end",
        "countryofbirth": "case isbritish when '1' then '826' when '0' then '356' when '2' then '999' else '-1' end",
        "yearofentry": "'-2'",
        "strtdate": _written_day("started"),
        "homeregionid": "regionid",
        "homecssrid": "cssr_code",
        "homeparliamentaryconstituency": "'na'",
        "scerec": "['210', '211', '214', '217', '225', '-1'][1 + ticket(h, 'recruited', 6)]",
        "startsec": "year(started - ticket(h, 'sector', 2000))",
        "dayssick": "ticket(h, 'sick', 15)::decimal(4, 1)",
        "zerohours": "zerohours",
        "conthrs": "conthrs",
        "averagehours": "averagehours",
        "salaryint": "if(is_council, '250', '252')",
        "salary": f"if(is_council, {_salary()}, null)",
        "hrlyrate": "if(is_council, null, (11.44 + 6 * draw(h, 'rate'))::decimal(5, 2))",
        "ccstatus": "'-1'",
        "apprentice": "if(draw(h, 'apprentice') < 0.02, '1', '2')",
        "scqheld": "if(mainjrid in ('6', '15'), '1', '2')",
        "levelscqheld": "if(mainjrid in ('6', '15'), '6', '-1')",
        "nonscqheld": "'2'",
        "derivedfrom_hasbulkuploaded": "if(council_number = 0 and is_council, 1, 0)",
    }
    for role in facts("asc_wds_job_roles")["job_role_code"]:
        columns[f"jr{role:02d}flag"] = f"if(mainjrid = '{role}', '1', '0')"
    for name in _DATED:
        saved = f"{name} <> '-1'"
        changed = f"created + ((date '{day}' - created) * draw(h, 'changed {name}') ** 2)::integer"
        columns[f"{name}_changedate"] = f"if({saved}, {_written_day(changed)}, null)"
        columns[f"{name}_savedate"] = (
            f"if({saved}, {_written_day(f'greatest({changed}, date {day.isoformat()!r} - 300)')}, null)"
        )
    return columns


def _salary() -> str:
    by_role = {"15": 41000, "17": 40000, "36": 28000, "39": 30000, "6": 40000, "1": 70000, "2": 52000, "3": 46000}
    cases = " ".join(f"when '{role}' then {pay}" for role, pay in by_role.items())
    return f"((case mainjrid {cases} else 26000 end) * (0.92 + 0.16 * draw(h, 'pay')) * hours / 37)::integer"


def _place_rows() -> str:
    """One row per workplace with what its worker records come to, for every job role and for all together (28)."""
    counts = {
        "perm": "emplstat = '190'",
        "temp": "emplstat = '191'",
        "pool": "emplstat = '192'",
        "agcy": "emplstat = '193'",
        "oth": "emplstat = '196'",
        "emp": "emplstat in ('190', '191')",
        "work": "true",
    }
    roles = [(f"jr{role:02d}", f"mainjrid = '{role}'") for role in facts("asc_wds_job_roles")["job_role_code"]]
    listed = ", ".join(
        f"count(*) filter ({whose} and {which}) as {name}{ending}"
        for name, whose in [("jr28", "true"), *roles]
        for ending, which in counts.items()
    )
    return (
        f"create or replace table asc_place_row as with counted as (select organisation_number, {listed} from asc_row "
        "group by organisation_number) select * from asc_place inner join counted using (organisation_number) "
        "order by organisation_number"
    )


def _place_columns(day: date) -> dict[str, str]:
    columns = {
        "period": f"'M{day:%Y%m}'",
        **{
            name: name
            for name in ("establishmentid", "nmdsid", "esttype", "establishmentname", "regionid", "mainstid", "regtype")
        },
        "orgid": "establishmentid",
        "wkplacestat": "1",
        "estabcreateddate": "'01/08/2019'",
        "mupddate": _written_day(f"date '{day}' - ticket(place_h, 'updated', 200)"),
        "cqcpermission": "1",
        "lapermission": "1",
        "cssr": "cssr_code",
        "address": "'1 Invented Street'",
        "postcode": "'ZZ99 3VZ'",
        "totalstaff": "jr28work",
        "wkrrecs": "jr28work",
        "totalstarters": "(jr28work * 0.15)::integer",
        "totalleavers": "(jr28work * 0.14)::integer",
        "totalvacancies": vacancies("jr28"),
        "jr28strt": "(jr28work * 0.15)::integer",
        "jr28stop": "(jr28work * 0.14)::integer",
        "jr28vacy": vacancies("jr28"),
    }
    for role in facts("asc_wds_job_roles")["job_role_code"]:
        name = f"jr{role:02d}"
        columns[f"{name}flag"] = f"if({name}work > 0, '1', '0')"
        columns |= {
            f"{name}{ending}": f"{name}{ending}" for ending in ("perm", "temp", "pool", "agcy", "oth", "emp", "work")
        }
        columns[f"{name}strt"] = f"({name}work * 0.15)::integer"
        columns[f"{name}stop"] = f"({name}work * 0.14)::integer"
    columns |= {f"jr28{ending}": f"jr28{ending}" for ending in ("perm", "temp", "pool", "agcy", "oth", "emp", "work")}
    columns["jr15vacy"] = vacancies("jr15")
    return columns


def vacancies(role: str) -> str:
    """How many posts of a role a workplace has vacant, worked out from its workers."""
    return f"({role}work * 0.1 + draw(place_h, 'vacant {role}') * 0.6)::integer"
