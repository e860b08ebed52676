"""What is true of the invented social care extracts: workers, FTE, answers by kind, and where each fault was planted.

Belongs here: counting what was invented. Does not: any rule of the warehouse.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.synth.asc_wds import extract_path, worker_columns
from dagster_project.synth.esr import copy_rows

DEFINITIONS = {
    "asc_wds population": "council: workplaces with esttype 1 or 3; independent: the others",
    "asc_wds fte": "sum of the lesser of hours and 37, divided by 37, rounded to 5 places; contracted hours of "
    "permanent and temporary workers without zero hours, average hours of the others",
    "asc_wds 99, 3, -2, 2": "do not know: not_known; -1 is not_recorded; disabled 2 (undisclosed) is prefer_not_to_say",
}
GRAINS = {
    "asc_wds_headcount": "council, extract, employer, job role and employment status",
    "asc_wds_vacancies": "council, extract and employer",
    "asc_wds_edi": "council, extract, employer, population and characteristic: workers by kind of answer",
    "asc_wds_edi_answers": "council, extract, employer, population, characteristic and code as written",
    "asc_wds_edi_people": "council, extract, employer and population: workers who answered all that is asked",
    "asc_wds_edi_ages": "council, extract, employer, population and characteristic: median days since an answer was "
    "saved, and how many bear a day after that of the extract",
    "asc_wds_movements": "council, pair of consecutive extracts, employer and population",
}
CHARACTERISTICS = {"sex": "gender", "race": "ethnicity", "nationality": "isbritish", "disability": "disabled"}
NOT_ASKED = (
    "religion_or_belief",
    "sexual_orientation",
    "marriage_and_civil_partnership",
    "gender_reassignment",
    "pregnancy_and_maternity",
)
_POPULATIONS = {
    "everyone": "true",
    "allied_health": "mainjrid in ('15', '17', '36')",
    "occupational_therapists": "mainjrid = '15'",
}
_EMPLOYER = "if(is_council, 'council', 'independent')"
_TABLES = """
create table asc_headcount (
    council_code varchar, cssr_code varchar, council_name varchar, as_at_date date, employer varchar,
    job_role_code varchar, employment_status_code varchar, workers bigint, hours_up_to_37 decimal(18, 1),
    fte decimal(18, 5)
);
create table asc_vacancies (
    council_code varchar, as_at_date date, employer varchar, workplaces bigint, vacancies bigint,
    vacancies_of_occupational_therapists bigint
);
create table asc_edi_answers (
    council_code varchar, as_at_date date, employer varchar, population varchar, characteristic varchar, value varchar,
    answer_kind varchar, people bigint
);
create table asc_edi_people (
    council_code varchar, as_at_date date, employer varchar, population varchar, people bigint, person_complete bigint
);
create table asc_edi_ages (
    council_code varchar, as_at_date date, employer varchar, population varchar, characteristic varchar,
    median_days double, saved_after_the_day bigint
);
create table asc_present (
    council_code varchar, employer varchar, month integer, workerid varchar, is_allied_health boolean
);
"""


def begin_truth(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables of truth."""
    connection.execute(_TABLES)


def add_month(connection: duckdb.DuckDBPyConnection, month: int, day: date) -> None:
    """Counts the month that stands in `asc_row`, and finds the lines of what was planted in it."""
    connection.execute(
        f"""
        insert into asc_headcount
        select
            council_code, cssr_code::varchar, any_value(council_name), date '{day}', {_EMPLOYER}, mainjrid, emplstat,
            count(*), sum(least(hours, 37)), round(sum(least(hours, 37)) / 37, 5)
        from asc_row
        group by all;
        insert into asc_vacancies
        select
            council_code, date '{day}', {_EMPLOYER}, count(*),
            sum((jr28work * 0.1 + draw(place_h, 'vacant jr28') * 0.6)::integer),
            sum((jr15work * 0.1 + draw(place_h, 'vacant jr15') * 0.6)::integer)
        from asc_place_row
        group by all;
        insert into asc_present
        select council_code, {_EMPLOYER}, {month}, workerid, mainjrid in ('15', '17', '36') from asc_row;
        insert into planted_row
        select
            kind, 'skills_for_care', '{extract_path("worker", day)}', line, council_code, date '{day}', field, written
        from asc_planted
        inner join (select workerid, council_code, rowid + 2 as line from asc_row) as placed using (workerid)
        where month = {month};
        """
    )
    populations = ", ".join(f"if({condition}, '{name}', null)" for name, condition in _POPULATIONS.items())
    told = [("age", "''", "age_kind", "")]
    told += [(characteristic, "''", "'not_asked'", "") for characteristic in NOT_ASKED]
    for characteristic, name in CHARACTERISTICS.items():
        kinds = f"(select distinct extract_code, answer_kind from asc_answers where field = '{name}') as kinds"
        told.append((characteristic, name, "kinds.answer_kind", f"left join {kinds} on kinds.extract_code = {name}"))
    for characteristic, value, kind, joined in told:
        connection.execute(
            f"""
            insert into asc_edi_answers
            select council_code, date '{day}', {_EMPLOYER}, population, '{characteristic}', {value}, {kind}, count(*)
            from (
                select *, unnest(list_filter([{populations}], lambda name: name is not null)) as population from asc_row
            )
            {joined}
            group by all
            """
        )
    _add_people(connection, day, populations)


def _add_people(connection: duckdb.DuckDBPyConnection, day: date, populations: str) -> None:
    """Workers with every answer on sex, race, disability and age recorded, and how old answers are."""
    asked = {name: field for name, field in CHARACTERISTICS.items() if name != "nationality"}
    joins = " ".join(
        f"left join (select distinct extract_code, answer_kind from asc_answers where field = '{field}') as {name} "
        f"on {name}.extract_code = asc_row.{field}"
        for name, field in CHARACTERISTICS.items()
    )
    recorded = {name: f"{name}.answer_kind in ('valid', 'prefer_not_to_say')" for name in CHARACTERISTICS}
    recorded["age"] = "age_kind in ('valid', 'prefer_not_to_say')"
    complete = " and ".join(recorded[name] for name in (*asked, "age"))
    connection.execute(
        f"""
        insert into asc_edi_people
        select council_code, date '{day}', {_EMPLOYER}, population, count(*), count(*) filter (is_complete)
        from (
            select *, unnest(list_filter([{populations}], lambda name: name is not null)) as population
            from (select asc_row.*, {complete} as is_complete from asc_row {joins})
        )
        group by all
        """
    )
    written = worker_columns(day)
    for name, field in {**CHARACTERISTICS, "age": "age"}.items():
        saved = f"strptime({written[f'{field}_savedate']}, '%d/%m/%Y')::date"
        connection.execute(
            f"""
            insert into asc_edi_ages
            select
                council_code, date '{day}', {_EMPLOYER}, population, '{name}',
                median(date '{day}' - saved) filter (is_recorded), count(*) filter (is_recorded and saved > '{day}')
            from (
                select *, unnest(list_filter([{populations}], lambda name: name is not null)) as population
                from (
                    select asc_row.*, {saved} as saved, {recorded[name]} as is_recorded from asc_row {joins}
                )
            )
            group by all
            """
        )


def write_truth(connection: duckdb.DuckDBPyConnection, days: list[date], folder: Path) -> list[str]:
    """Writes the tables of truth into `folder`, which is there, and gives their names."""
    kinds = ", ".join(
        f"coalesce(sum(people) filter (answer_kind = '{kind}'), 0) as {kind}"
        for kind in ("valid", "prefer_not_to_say", "not_known", "not_recorded", "invalid", "not_asked")
    )
    listed = ", ".join(f"({month}, date '{day}')" for month, day in enumerate(days))
    queries = {
        "asc_wds_headcount": "from asc_headcount order by all",
        "asc_wds_vacancies": "from asc_vacancies order by all",
        "asc_wds_edi_answers": "from asc_edi_answers order by all",
        "asc_wds_edi": "select council_code, as_at_date, employer, population, characteristic, sum(people) as people, "
        f"{kinds} from asc_edi_answers group by all order by all",
        "asc_wds_edi_people": "from asc_edi_people order by all",
        "asc_wds_edi_ages": "from asc_edi_ages order by all",
        "asc_wds_movements": f"""
            with
            extract (month, as_at_date) as (values {listed}),
            counted as (
                select 'everyone' as population, * from asc_present
                union all
                select 'allied_health', * from asc_present where is_allied_health
            ),
            earlier as (select month + 1 as later, * from counted where month < {len(days) - 1}),
            later as (select month as later, * from counted where month > 0)
            select
                council_code, before.as_at_date as earlier_extract, after.as_at_date as later_extract, employer,
                population, count(*) filter (earlier.workerid is null) as joiners,
                count(*) filter (later.workerid is null) as leavers,
                count(*) filter (earlier.workerid is not null and later.workerid is not null) as stayers
            from earlier
            full join later using (council_code, employer, population, workerid, later)
            inner join extract as after on after.month = later
            inner join extract as before on before.month = later - 1
            group by all
            order by all
        """,
    }
    for name, query in queries.items():
        copy_rows(connection, query, folder / f"{name}.csv")
    return list(queries)
