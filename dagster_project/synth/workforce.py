"""The invented staff of the trusts: posts, who holds them from when to when, and what an extract says of each.

Belongs here: everything that is true of the staff. Does not: faults (faults), and how a month is written (esr).
Randomness is a hash of the seed, of who or what is meant, and of what is drawn, so that nothing depends on order.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars

from dagster_project.synth.facts import facts
from dagster_project.synth.scales import Scale, tickets, trusts_of

_TICKETS = 10_000
_TITLE_TICKETS = 1_000
_TRUST_KINDS = ("acute", "mental_health", "community", "ambulance")
CLEAN_TRUST = 0

# Two rounds of multiplying modulo a prime: as good as a hash for this, and fifty times as fast as one for each draw.
# md5 begins every chain, since DuckDB's own hash may change from one version to the next.
_DRAWS = """
create or replace macro begun(name) as (md5_number_lower(concat_ws('|', '{seed}', name)) % 2147483647)::bigint;
create or replace macro mixed(h, n) as (xor(h, 715827883) * (1103515245 + 2 * n) % 2147483647);
create or replace macro drawn_whole(h, purpose) as (
    mixed(mixed(xor(h, begun(purpose)), 0), begun(purpose) % 1000000)
);
create or replace macro draw(h, purpose) as (drawn_whole(h, purpose) / 2147483647.0);
create or replace macro ticket(h, purpose, number) as ((drawn_whole(h, purpose) % number)::integer);
-- QQ is never given out. 7919 is a prime, so that no two people share a number.
create or replace macro invented_ni_number(number) as (
    'QQ' || lpad((number * 7919 % 1000000)::varchar, 6, '0') || chr((65 + number // 1000000 % 4)::integer)
);
create or replace macro written_day(day, style) as (
    case style
        when 'slashes' then strftime(day, '%d/%m/%Y')
        when 'month_name' then upper(strftime(day, '%d-%b-%Y'))
        else strftime(day, '%Y-%m-%d')
    end
);
"""

_ORGANISATIONS = """
create table organisation as
select
    (row_number() over (order by ods_code) - 1)::integer as organisation_number,
    ods_code as organisation_code,
    trust_name as organisation_name,
    (101 + row_number() over (order by ods_code)) || ' ' || trust_name as organisation_as_written,
    trust_type, ics_name,
    case trust_type
        when 'Acute' then 'acute' when 'Ambulance' then 'ambulance' when 'Community Provider Trust' then 'community'
        else 'mental_health'
    end as trust_kind,
    case when nhse_region in ('Midlands', 'London') then nhse_region else 'elsewhere' end as people_of,
    begun('organisation ' || ods_code) as h,
    (? * (0.6 + 0.8 * draw(h, 'posts')))::integer as posts,
    coalesce(?, case trust_type
        when 'Acute' then 0.07 when 'Mental Health' then 0.10 when 'Community Provider Trust' then 0.22
        when 'Ambulance' then 0.35 else 0.14
    end) as share_of_allied_health,
    lead(ods_code) over (partition by ics_name order by ods_code) as bank_work_with,
    case when ? then
        case organisation_number when 2 then 'data_warehouse' when 3 then 'data_set' else 'usual' end
        else 'usual'
    end as wording
from trusts
order by ods_code;
"""

_POSTS = """
create table post as
with
post as (
    select
        organisation.*, slot,
        begun(concat('post ', organisation_code, ' ', slot)) as post_h,
        case when draw(post_h, 'allied health') < share_of_allied_health then 'allied_health' else 'other' end as kind,
        ticket(post_h, 'position', {tickets}) as position_ticket,
        ticket(post_h, 'title', {title_tickets}) as title_ticket,
        case
            when draw(post_h, 'engagement') < 0.04 then 'Bank'
            when draw(post_h, 'engagement') < 0.05 then 'Honorary'
            else 'Contract'
        end as engagement
    from organisation, range(posts) as slots (slot)
)
select post.* exclude (position_ticket, title_ticket, h), position.* exclude (trust_kind, kind, ticket), title
from post
inner join position_tickets as position
    on post.kind = position.kind and post.trust_kind = position.trust_kind and post.position_ticket = position.ticket
inner join title_tickets
    on position.position_key = title_tickets.position_key and post.title_ticket = title_tickets.ticket;
"""

# A post changes hands in a month with the turnover of its kind, and stands empty for up to three months.
_SPELLS = """
create table {spell} as
with
changes as (
    select organisation_number, slot, post_h, month
    from {post}, range(1, {months}) as months (month)
    where draw(mixed(post_h, month), 'turnover') < monthly_turnover
),
beginnings as (
    select
        organisation_number, slot, post_h, month + ticket(mixed(post_h, month), 'empty', 4) as from_month,
        month as changed
    from changes
    union all
    select
        organisation_number, slot, post_h,
        case when draw(post_h, 'empty at first') < 0.02 then 1 + ticket(post_h, 'empty', 4) else 0 end, 0
    from {post}
),
bounded as (
    select
        organisation_number, slot, from_month::integer as from_month, changed,
        row_number() over (partition by organisation_number, slot order by changed) - 1 as generation,
        coalesce(lead(changed) over (partition by organisation_number, slot order by changed), {months}) - 1 as to_month
    from beginnings
)
select
    bounded.from_month, bounded.to_month::integer as to_month, bounded.generation, {post}.*,
    mixed(post_h, 50 + generation) as spell_h,
    20000000 + slot * 100 + generation as employee_number
from bounded
inner join {post} using (organisation_number, slot)
where bounded.from_month <= bounded.to_month;
"""

# Some who leave turn up at another trust in the month after: the same person under another employee number.
_PEOPLE = """
create table move as
with
leavers as (
    select
        to_month + 1 as month, profession, organisation_number, slot, generation,
        row_number() over (partition by to_month, profession order by spell_h, organisation_number, slot) as place
    from spell
    where generation = 0 and to_month < {months} - 1 and profession <> 'none'
),
joiners as (
    select
        from_month as month, profession, organisation_number, slot, generation,
        row_number() over (partition by from_month, profession order by spell_h, organisation_number, slot) as place
    from spell
    where generation > 0
)
select
    joiners.organisation_number, joiners.slot, joiners.generation,
    leavers.organisation_number as was_organisation_number, leavers.slot as was_slot
from joiners
inner join leavers using (month, profession, place)
where joiners.organisation_number <> leavers.organisation_number;

create table person as
with
own as (
    select spell.*
    from spell
    left join move using (organisation_number, slot, generation)
    where move.slot is null
),
numbered as (
    select
        row_number() over (order by organisation_number, slot, generation) as person_number,
        organisation_number as from_organisation, slot as from_slot, generation as from_generation,
        begun(concat('person ', organisation_code, ' ', slot, ' ', generation)) as person_h,
        case when draw(person_h, 'sex') < share_female then 'Female' else 'Male' end as gender,
        profession, afc_band, people_of
    from own
),
aged as (
    select
        numbered.*,
        age_from + (age_to - age_from) * draw(person_h, 'age') ** 1.3 as age,
        ticket(person_h, 'ethnic origin', {tickets}) as ethnic_ticket
    from numbered
    inner join bands using (afc_band)
),
of_origin as (
    select
        aged.*, ethnic.value as ethnic_origin,
        case
            when left(ethnic.value, 1) in ('A', 'B', 'C') then 'white'
            when left(ethnic.value, 1) in ('F', 'H', 'J', 'K', 'L') then 'asian'
            else 'other'
        end as roots
    from aged
    inner join answer_tickets as ethnic
        on ethnic.field = 'ethnic_origin' and ethnic.variant = aged.people_of and ethnic.ticket = aged.ethnic_ticket
)
select
    of_origin.person_number, from_organisation, from_slot, from_generation, person_h, age,
    date '{last_day}' - (age * 365.25)::integer as date_of_birth,
    gender, ethnic_origin,
    nationality.value as nationality, religion.value as religious_belief, orientation.value as sexual_orientation,
    disability.value as disability, marital.value as marital_status,
    first_name.name as first_name, last_name.name as last_name,
    100000000 + person_number as unique_nhs_identifier,
    invented_ni_number(person_number) as ni_number
from of_origin
inner join answer_tickets as nationality
    on nationality.field = 'nationality' and nationality.variant = if(roots = 'white', 'white', 'other')
    and nationality.ticket = ticket(person_h, 'nationality', {tickets})
inner join answer_tickets as religion
    on religion.field = 'religious_belief' and religion.variant = roots
    and religion.ticket = ticket(person_h, 'religion', {tickets})
inner join answer_tickets as orientation
    on orientation.field = 'sexual_orientation' and orientation.ticket = ticket(person_h, 'orientation', {tickets})
inner join answer_tickets as disability
    on disability.field = 'disability' and disability.ticket = ticket(person_h, 'disability', {tickets})
inner join answer_tickets as marital
    on marital.field = 'marital_status' and marital.variant = if(age < 30, 'under_30', '30_and_over')
    and marital.ticket = ticket(person_h, 'marital', {tickets})
inner join names as first_name
    on first_name.name_kind = lower(gender)
    and first_name.place = ticket(person_h, 'first name', first_name.names_of_kind)
inner join names as last_name
    on last_name.name_kind = 'last' and last_name.place = ticket(person_h, 'last name', last_name.names_of_kind);
"""

_ASSIGNMENTS = """
create table held as
with
known as (
    select
        spell.*, person.person_number, person.person_h, person.age, person.gender,
        case
            when engagement <> 'Contract' then 0
            when draw(spell_h, 'part time') >= if(gender = 'Female', 0.42, 0.15) then 37.5
            else [30, 22.5, 30, 18.75, 26.25, 34.5, 22.5, 30][1 + ticket(spell_h, 'hours', 8)]
        end as hours
    from spell
    left join move using (organisation_number, slot, generation)
    inner join person
        on person.from_organisation = coalesce(was_organisation_number, spell.organisation_number)
        and person.from_slot = coalesce(was_slot, spell.slot)
        and person.from_generation = if(was_slot is null, spell.generation, 0)
)
select
    1 as sequence, known.*,
    case
        when engagement <> 'Contract' then engagement
        when draw(spell_h, 'contract') < share_fixed_term then 'Fixed Term Temp'
        when draw(spell_h, 'contract') > 0.99 then 'Locum'
        else 'Permanent'
    end as assignment_category
from known
union all
select 2, known.* replace (hours * 0 + 7.5 as hours), 'Permanent'
from known
where engagement = 'Contract' and hours <= 26.25 and draw(spell_h, 'second assignment') < 0.12
union all
select 3, known.* replace (0 as hours), 'Bank'
from known
where engagement = 'Contract' and draw(spell_h, 'bank as well') < 0.07
union all
select 4, known.* replace (0 as hours), 'Honorary'
from known
where engagement = 'Contract' and draw(spell_h, 'honorary as well') < 0.01
union all
-- Bank work at a neighbouring trust: an employee number of its own there, the same person.
select
    5,
    known.* replace (
        0 as hours,
        30000000 + known.slot * 100 + known.generation as employee_number,
        other.organisation_number as organisation_number, other.organisation_code as organisation_code,
        other.organisation_name as organisation_name, other.organisation_as_written as organisation_as_written,
        other.trust_type as trust_type, other.wording as wording
    ),
    'Bank'
from known
inner join organisation as other on known.bank_work_with = other.organisation_code
where engagement = 'Contract' and draw(spell_h, 'bank elsewhere') < 0.008;

create table assignment as
select
    concat(organisation_code, '-', employee_number, '-', sequence) as assignment_id,
    1 as copies, -1 as copied_in_month,
    from_month, to_month,
    if(gender = 'Female' and age between 24 and 43 and draw(person_h, 'maternity') < 0.04 * ({months} + 10) / 10.0,
        (ticket(person_h, 'leave from', {months} + 10) - 10)::integer, 9999) as leave_from,
    draw(spell_h, 'months before') ** 2 as share_of_career,
    spell_h, held.organisation_number, age,
    profession, role_code, registration, person_number, sequence,
    wording,
    case wording when 'data_warehouse' then 'slashes' when 'data_set' then 'month_name' else 'dashes' end as day_style,
    organisation_code as file_of,
    organisation_code as ocs_code, organisation_as_written as organisation, trust_type as organisation_type,
    organisation_as_written as org_l1, organisation_name as org_l2,
    if(profession = 'none', 'Other Services Directorate', 'Therapies Directorate') as org_l3,
    area_of_work || ' Services' as org_l4, 'Team ' || (1 + slot % 12) as org_l5, '' as org_l6,
    lpad((slot % 400)::varchar, 5, '4') as cost_centre, organisation_name || ' Main Site' as location,
    organisation_code as employing_org_code,
    employee_number::varchar as employee_number,
    if(gender = 'Female', 'Ms', 'Mr') as title, last_name, first_name, ni_number,
    lower(concat(first_name, '.', last_name, person_number, '@invented.example')) as email_address,
    unique_nhs_identifier::varchar as unique_nhs_identifier,
    employee_number || if(sequence in (1, 5), '', '-' || sequence) as assignment_number,
    if(sequence in (1, 5), 'Y', 'N') as primary_assignment,
    case
        when draw(spell_h, 'status') < 0.005 then 'Career Break'
        when draw(spell_h, 'status') < 0.015 then 'Acting Up'
        when draw(spell_h, 'status') < 0.025 then 'Internal Secondment'
        when draw(spell_h, 'status') < 0.028 then 'Out on External Secondment - Paid'
        when draw(spell_h, 'status') < 0.029 then 'Suspend Assignment'
        else 'Active Assignment'
    end as assignment_status,
    assignment_category, 'Employee' as user_person_type,
    (10000000 + organisation_number * 30000 + slot)::varchar as position_number,
    held.title as position_title, staff_group, job_role, area_of_work, occupation_code,
    pay_scale, pay_scale_description, afc_band,
    (salary_minimum * hours / 37.5)::decimal(12, 2)::varchar as salary,
    (hours / 37.5)::decimal(8, 5)::varchar as contracted_wte,
    hours::decimal(8, 2)::varchar as contracted_hours,
    '37.5' as standard_hours,
    if(hours = 37.5, 'Full Time', 'Part Time') as employee_category,
    ['', '', '', 'Flexitime', 'Term Time Hours', 'Annualised Hours'][1 + ticket(spell_h, 'pattern', 6)]
        as flexible_working_pattern,
    30 + ticket(spell_h, 'fixed term end', 300) as end_date_contract_days,
    ticket(spell_h, 'day of starting', 27) as begins,
    date_of_birth,
    {edi_fields},
    if(nationality = 'British', 'United Kingdom', '') as country_of_birth,
    case
        when profession = 'osteopathy' and registration = 'registered' then 'General Osteopathic Council (GOsC)'
        when registration = 'registered' then 'Health and Care Professions Council (HCPC)'
        when staff_group = 'Nursing and Midwifery Registered' then 'Nursing and Midwifery Council (NMC)'
        when staff_group = 'Medical and Dental' then 'General Medical Council (GMC)'
        else ''
    end as professional_registration_body,
    case
        when registration = 'registered' then registration_prefix || (10000 + person_number % 90000)
        when staff_group = 'Nursing and Midwifery Registered'
            then concat('99A', lpad((person_number % 10000)::varchar, 4, '0'), 'E')
        when staff_group = 'Medical and Dental' then (7000000 + person_number % 1000000)::varchar
        else ''
    end as registration_number,
    if(professional_registration_body = '', '', 'Registered') as registration_status
from held
inner join (select * exclude (person_h, age, gender) from person) using (person_number)
inner join bands using (afc_band)
order by organisation_code, employee_number, sequence;
drop table held;
"""

_EDI_FIELDS = (
    "gender",
    "ethnic_origin",
    "disability",
    "religious_belief",
    "sexual_orientation",
    "marital_status",
    "nationality",
)
# A few answers were never given: left blank, or what the system shows then. Not in the clean trust.
_UNANSWERED = {
    "gender": ("", 0.0),
    "ethnic_origin": ("Unspecified", 0.004),
    "disability": ("Unspecified", 0.006),
    "religious_belief": ("Unspecified", 0.006),
    "sexual_orientation": ("Unspecified", 0.006),
    "marital_status": ("Unknown", 0.005),
    "nationality": ("Unknown", 0.004),
}


def invent_workforce(connection: duckdb.DuckDBPyConnection, scale: Scale, days: list[date], seed: int) -> None:
    """The tables organisation, post, spell, person and assignment; one row of `assignment` for each assignment ever
    held, in the order of the files, with the months (numbered from 0) it lasts and everything that is written of it.
    """
    connection.execute(_DRAWS.format(seed=seed))
    _register_facts(connection, scale)
    connection.execute(_ORGANISATIONS, [scale.posts_per_trust, scale.share_of_allied_health, scale.one_file_per_trust])
    values = {
        "tickets": _TICKETS,
        "title_tickets": _TITLE_TICKETS,
        "months": len(days),
        "last_day": days[-1].isoformat(),
    }
    connection.execute(_POSTS.format(**values))
    invent_spells(connection, "post", "spell", len(days))
    connection.execute(_PEOPLE.format(**values))
    connection.execute(_ASSIGNMENTS.format(**values, edi_fields=",\n    ".join(map(_edi_field, _EDI_FIELDS))))


def invent_spells(connection: duckdb.DuckDBPyConnection, post: str, spell: str, months: int) -> None:
    """The table `spell` from the table `post`: one row for each time somebody holds a post, with its months."""
    connection.execute(_SPELLS.format(post=post, spell=spell, months=months))


def _edi_field(field: str) -> str:
    shown, share = _UNANSWERED[field]
    here = f"draw(mixed(person_h, 7 + organisation_number), 'unanswered {field}')"
    return (
        f"case when organisation_number = {CLEAN_TRUST} then {field} when {here} < {share} then '{shown}' "
        f"when {here} < {share * 1.5} then '' else {field} end as {field}"
    )


def _register_facts(connection: duckdb.DuckDBPyConnection, scale: Scale) -> None:
    connection.register("trusts", trusts_of(scale))
    weights = [f"weight_{kind}" for kind in _TRUST_KINDS]
    positions = (
        facts("positions")
        .drop("source")
        .unpivot(
            weights,
            index=[c for c in facts("positions").columns if c not in (*weights, "source")],
            variable_name="trust_kind",
        )
        .with_columns(
            polars.col("trust_kind").str.strip_prefix("weight_"),
            kind=polars.when(polars.col("profession") == "none")
            .then(polars.lit("other"))
            .otherwise(polars.lit("allied_health")),
        )
    )
    connection.register("position_tickets", tickets(positions, ("kind", "trust_kind"), "value", _TICKETS).drop("value"))
    connection.register(
        "title_tickets", tickets(facts("titles"), ("position_key",), "weight", _TITLE_TICKETS).drop("weight", "source")
    )
    connection.register(
        "answer_tickets", tickets(facts("answers"), ("field", "variant"), "weight", _TICKETS).drop("weight", "source")
    )
    connection.register("bands", facts("bands").drop("source"))
    connection.register(
        "names",
        facts("names").with_columns(
            place=polars.int_range(polars.len()).over("name_kind"), names_of_kind=polars.len().over("name_kind")
        ),
    )
