"""What is true of the invented extracts: the figures a right reading comes to, and where every fault was planted.

Belongs here: counting what was invented. Does not: any rule of the warehouse; roles and kinds of answer are known from
the making and are not worked out from what was written.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.synth.esr import NOT_ASKED, copy_rows
from dagster_project.synth.facts import facts
from dagster_project.synth.scales import Scale

DEFINITIONS = {
    "people": "distinct Unique NHS Identifier; a row written twice counts once",
    "fte": "sum of Contracted WTE as written over assignments; a row written twice counts once",
    "population everyone": "every row of the extract",
    "population substantive": "Assignment Category Permanent, Fixed Term Temp or Locum, whatever the Assignment Status",
    "population in_post": "substantive and Assignment Status Active Assignment, Acting Up, Internal Secondment, "
    "Maternity & Adoption or Suspend Assignment",
    "population allied_health_in_post": "people with an assignment in post in an allied health role",
    "population allied_health_in_post senior, and so on": "those of them whose first such assignment is of the role "
    "group; none where its role has none",
    "organisation_code": "Ocs Code of the row, which need not be the trust the file is named after",
    "counted_by": "the columns a row of esr_headcount is counted by; the others are empty",
    "role_code": "as the role code book codes the title with the band; uncoded where the row contradicts itself",
    "person_complete": "people whose age, sex, race, disability, religion, orientation and marital status are each "
    "valid, prefer_not_to_say or not_asked",
    "valid, prefer_not_to_say, not_known, not_recorded, invalid, not_asked": "people by kind of answer; Unspecified is "
    "what the system shows where nothing was entered and counts as not_recorded, Unknown as not_known",
    "movements": "people in one of two consecutive extracts of an organisation but not in the other; months_between is "
    "more than 1 where extracts are missing in between, and then nobody can say in which month they moved",
}

GRAINS = {
    "esr_headcount": "organisation, extract, population and whatever counted_by names",
    "esr_detail": "organisation, extract, role, title, band, category and status of assignments",
    "esr_edi": "organisation, extract, population and characteristic: people by kind of answer",
    "esr_edi_answers": "organisation, extract, population, characteristic and answer as written",
    "esr_edi_people": "organisation, extract and population: people who answered everything that they are asked",
    "esr_movements": "organisation, pair of consecutive extracts and population",
    "planted_rows": "line and field in which a fault was planted; line 1 is the heading",
}

_SUBSTANTIVE = "assignment_category in ('Permanent', 'Fixed Term Temp', 'Locum')"
_IN_POST = (
    f"{_SUBSTANTIVE} and assignment_status in ('Active Assignment', 'Acting Up', 'Internal Secondment', "
    "'Maternity & Adoption', 'Suspend Assignment')"
)
POPULATIONS = {"everyone": "true", "substantive": _SUBSTANTIVE, "in_post": _IN_POST}
_GROUPABLE = ("staff", "profession", "role_code", "registration")
_COUNTED_BY = {
    "organisation": (),
    "staff": ("staff",),
    "profession": ("profession",),
    "role_code": ("role_code",),
    "profession and role_code": ("profession", "role_code"),
    "profession and role_code and registration": ("profession", "role_code", "registration"),
}
_STAFF = "if(profession = 'none', 'other', 'allied_health')"
_ROLE_GROUP = (
    "case when role_code in ('entry', 'experienced') then 'practitioner' when role_code = 'senior' then 'senior' "
    "when role_code in ('manager', 'principal') then 'leadership' "
    "when role_code in ('assistant', 'assessor') then 'non_registered' end"
)
CHARACTERISTICS = {
    "sex": "gender",
    "race": "ethnic_origin",
    "nationality": "nationality",
    "disability": "disability",
    "religion_or_belief": "religious_belief",
    "sexual_orientation": "sexual_orientation",
    "marriage_and_civil_partnership": "marital_status",
}
NEVER_ASKED = ("gender_reassignment", "pregnancy_and_maternity")
_KINDS = ("valid", "prefer_not_to_say", "not_known", "not_recorded", "invalid", "not_asked")

_TABLES = """
create table esr_headcount (
    organisation_code varchar, as_at_date date, population varchar, counted_by varchar, staff varchar,
    profession varchar, role_code varchar, registration varchar, headcount bigint, assignments bigint,
    fte decimal(18, 5)
);
create table esr_detail (
    organisation_code varchar, as_at_date date, profession varchar, registration varchar, role_code varchar,
    position_title varchar, afc_band varchar, assignment_category varchar, assignment_status varchar,
    headcount bigint, assignments bigint, fte decimal(18, 5)
);
create table esr_edi_answers (
    organisation_code varchar, as_at_date date, population varchar, characteristic varchar, value varchar,
    answer_kind varchar, people bigint
);
create table esr_edi_people (
    organisation_code varchar, as_at_date date, population varchar, people bigint, person_complete bigint
);
create table esr_present (
    organisation_code varchar, month integer, person varchar, is_substantive boolean, is_ahp boolean,
    is_ahp_in_post boolean
);
create table planted_row (
    kind varchar, source varchar, file varchar, line bigint, organisation_code varchar, as_at_date date, field varchar,
    value_written varchar
);
"""


def begin_truth(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables of truth, and the kind of every answer."""
    connection.execute(_TABLES)
    connection.register("answer_kinds", facts("answers").select("field", "value", "answer_kind").unique())


def add_month(connection: duckdb.DuckDBPyConnection, scale: Scale, month: int, day: date) -> None:
    """Counts the month that stands in `esr_row`, and finds the lines of what was planted in it."""
    connection.execute("create or replace temp view esr_counted as select * from esr_row where copy_number = 1")
    for population, condition in POPULATIONS.items():
        sets = ", ".join(f"(ocs_code{''.join(f', {name}' for name in columns)})" for columns in _COUNTED_BY.values())
        named = " ".join(f"when {_rolled_up(columns)} then '{name}'" for name, columns in _COUNTED_BY.items())
        connection.execute(
            f"""
            insert into esr_headcount
            select
                ocs_code, date '{day}', '{population}',
                case grouping({", ".join(_GROUPABLE)}) {named} end,
                staff, profession, role_code, registration,
                count(distinct unique_nhs_identifier), count(*), sum(contracted_wte::decimal(8, 5))
            from (select *, {_STAFF} as staff from esr_counted where {condition})
            group by grouping sets ({sets})
            """
        )
    connection.execute(
        f"""
        insert into esr_detail
        select
            ocs_code, date '{day}', profession, registration, role_code, position_title, afc_band, assignment_category,
            assignment_status, count(distinct unique_nhs_identifier), count(*), sum(contracted_wte::decimal(8, 5))
        from esr_counted
        group by all
        """
    )
    _add_answers(connection, day)
    connection.execute(
        f"""
        insert into esr_present
        select ocs_code, {month}, unique_nhs_identifier, bool_or({_SUBSTANTIVE}), bool_or(profession <> 'none'),
            bool_or({_IN_POST} and profession <> 'none')
        from esr_counted
        group by ocs_code, unique_nhs_identifier
        """
    )
    name = f"esr/esr_' || {'esr_line.file_of' if scale.one_file_per_trust else repr('england')} || '_{day:%Y-%m}.csv"
    line = "line" if scale.one_file_per_trust else "esr_row.rowid + 2"
    connection.execute(
        f"""
        insert into planted_row
        select kind, 'esr', '{name}', {line}, ocs_code, date '{day}', field, written
        from planted
        inner join esr_line using (row_id)
        inner join esr_row using (row_id)
        where planted.month = {month};
        insert into planted_row
        select 'duplicate_row', 'esr', '{name}', {line}, ocs_code, date '{day}', '', ''
        from esr_line
        inner join esr_row using (row_id)
        where copy_number > 1
        """
    )


def _rolled_up(columns: Collection[str]) -> int:
    """What SQL's grouping() gives where only these columns are counted by: a bit for each of the others."""
    return sum(2**place for place, name in enumerate(reversed(_GROUPABLE)) if name not in columns)


def _add_answers(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    """People by what is written of them. Nobody's rows disagree; the first assignment says the role."""
    connection.execute(
        f"""
        create or replace temp table esr_person as
        select
            ocs_code, wording, age_kind, {", ".join(CHARACTERISTICS.values())},
            unnest(list_filter(
                [
                    'everyone', if({_STAFF} = 'allied_health', 'allied_health', null), {_ROLE_GROUP},
                    if(is_ahp_in_post, 'allied_health_in_post', null),
                    if(is_ahp_in_post, concat('allied_health_in_post ', role_group_in_post), null)
                ],
                lambda name: name is not null
            )) as population
        from (
            select
                *,
                bool_or({_IN_POST} and profession <> 'none') over assignments_of_person as is_ahp_in_post,
                arg_min(coalesce({_ROLE_GROUP}, 'none'), sequence) filter ({_IN_POST} and profession <> 'none')
                    over assignments_of_person as role_group_in_post
            from esr_counted
            window assignments_of_person as (partition by ocs_code, unique_nhs_identifier)
        )
        qualify row_number() over (partition by ocs_code, unique_nhs_identifier order by sequence) = 1
        """
    )
    told = [("age", "''", "age_kind", "")]
    told += [(name, "''", "'not_asked'", "") for name in NEVER_ASKED]
    for characteristic, name in CHARACTERISTICS.items():
        without = [wording for wording, missing in NOT_ASKED.items() if missing == name]
        is_asked = f"wording <> '{without[0]}'" if without else "true"
        joined = f"left join answer_kinds on answer_kinds.field = '{name}' and answer_kinds.value = {name}"
        kind = f"if({is_asked}, answer_kinds.answer_kind, 'not_asked')"
        told.append((characteristic, f"if({is_asked}, {name}, '')", kind, joined))
    for characteristic, value, kind, joined in told:
        connection.execute(
            f"insert into esr_edi_answers select ocs_code, date '{day}', population, '{characteristic}', {value}, "
            f"{kind}, count(*) from esr_person {joined} group by all"
        )
    # Nationality is a part of race; whoever answers on race answers for the characteristic.
    asked = {name: kind for name, _, kind, _ in told if name not in ("nationality", *NEVER_ASKED)}
    joins = " ".join(
        f"left join answer_kinds as {name} on {name}.field = '{field}' and {name}.value = esr_person.{field}"
        for name, field in CHARACTERISTICS.items()
        if name in asked
    )
    complete = " and ".join(
        f"{kind.replace('answer_kinds.', f'{name}.')} in ('valid', 'prefer_not_to_say', 'not_asked')"
        for name, kind in asked.items()
    )
    connection.execute(
        f"insert into esr_edi_people select ocs_code, date '{day}', population, count(*), count(*) filter ({complete}) "
        f"from esr_person {joins} group by all"
    )


def write_truth(connection: duckdb.DuckDBPyConnection, days: list[date], folder: Path) -> list[str]:
    """Writes the tables of truth into `folder` and gives their names."""
    folder.mkdir()
    kinds = ", ".join(f"coalesce(sum(people) filter (answer_kind = '{kind}'), 0) as {kind}" for kind in _KINDS)
    queries = {
        "esr_headcount": "from esr_headcount order by all",
        "esr_detail": "from esr_detail order by all",
        "esr_edi_answers": "from esr_edi_answers order by all",
        "esr_edi": "select organisation_code, as_at_date, population, characteristic, sum(people) as people, "
        f"{kinds} from esr_edi_answers group by all order by all",
        "esr_edi_people": "from esr_edi_people order by all",
        "esr_movements": _movements(days),
        "planted_rows": "from planted_row order by all",
    }
    for name, query in queries.items():
        copy_rows(connection, query, folder / f"{name}.csv")
    return list(queries)


def _movements(days: list[date]) -> str:
    """One row per organisation, pair of consecutive extracts and population."""
    listed = ", ".join(f"({month}, date '{day}')" for month, day in enumerate(days))
    return f"""
        with
        extract (month, as_at_date) as (values {listed}),
        sent as (select distinct organisation_code, month from esr_present),
        pair as (
            select
                organisation_code, lag(month) over (partition by organisation_code order by month) as earlier,
                month as later
            from sent
        ),
        counted as (
            select 'everyone' as population, * from esr_present
            union all
            select 'substantive', * from esr_present where is_substantive
            union all
            select 'substantive_allied_health', * from esr_present where is_substantive and is_ahp
            union all
            select 'allied_health_in_post', * from esr_present where is_ahp_in_post
        ),
        side as (
            select pair.*, population, person, month = later as is_later
            from pair
            inner join counted using (organisation_code)
            where month in (earlier, later)
        ),
        moved as (
            select
                organisation_code, earlier, later, population, person,
                bool_or(not is_later) as was_there, bool_or(is_later) as is_there
            from side
            where earlier is not null
            group by all
        ),
        elsewhere as (
            select
                moved.*,
                exists (
                    select 1 from counted
                    where counted.person = moved.person and counted.population = moved.population
                        and counted.month = moved.later and counted.organisation_code <> moved.organisation_code
                ) as is_elsewhere_after,
                exists (
                    select 1 from counted
                    where counted.person = moved.person and counted.population = moved.population
                        and counted.month = moved.earlier and counted.organisation_code <> moved.organisation_code
                ) as was_elsewhere_before
            from moved
            where was_there <> is_there
        ),
        stayed as (
            select organisation_code, earlier, later, population, count(*) as stayers
            from moved
            where was_there and is_there
            group by all
        )
        select
            stayed.organisation_code, before.as_at_date as earlier_extract, after.as_at_date as later_extract,
            later - earlier as months_between, population,
            count(*) filter (is_there) as joiners, count(*) filter (was_there) as leavers,
            any_value(stayers) as stayers,
            count(*) filter (is_there and was_elsewhere_before) as joiners_from_another_organisation,
            count(*) filter (was_there and is_elsewhere_after) as leavers_to_another_organisation
        from stayed
        left join elsewhere using (organisation_code, earlier, later, population)
        inner join extract as before on stayed.earlier = before.month
        inner join extract as after on stayed.later = after.month
        group by all
        order by all
    """
