-- Headcount and FTE of every extract of a day that has had several in force, those that gave way among them.
with

esr_days as (

    select distinct
        organisation_code,
        as_at_date
    from {{ ref('int_esr__extracts') }}
    where not is_current

),

care_days as (

    select distinct
        organisation_code,
        as_at_date
    from {{ ref('int_asc_wds__extracts') }}
    where not is_current and landed_table = 'asc_wds_workers'

),

assignments as (

    select * from {{ ref('int_esr__assignments') }} as coded
    semi join esr_days on coded.organisation_code = esr_days.organisation_code and coded.as_at_date = esr_days.as_at_date

),

workers as (

    select * from {{ ref('int_asc_wds__workers') }} as coded
    semi join care_days on coded.organisation_code = care_days.organisation_code and coded.as_at_date = care_days.as_at_date

),

earlier_assignments as (

    {{ coded_assignments('not is_current') }}

),

earlier_workers as (

    {{ coded_workers('not is_current') }}

),

people as (

    {% for assignments in ['assignments', 'earlier_assignments'] %}
    select
        source,
        'Staff in post' as figure,
        submission_id,
        organisation_code,
        organisation_name,
        as_at_date,
        person_key,
        profession,
        role_code as role_name,
        fte
    from {{ assignments }}
    where is_ahp and is_counted and is_known_organisation
    union all
    {% endfor %}
    {% for workers in ['workers', 'earlier_workers'] %}
    select
        source,
        'Worker records' as figure,
        submission_id,
        organisation_code,
        organisation_name,
        as_at_date,
        person_key,
        profession,
        role_group as role_name,
        hours / full_time_hours as fte
    from {{ workers }}
    where is_ahp and is_counted and is_known_organisation
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    people.source,
    people.figure,
    people.submission_id,
    people.organisation_code,
    people.organisation_name,
    people.as_at_date,
    -- Blank for everybody together.
    case
        when groups.is_together then ''
        else replace(concat_ws(', ', people.profession, nullif(people.role_name, '')), '_', ' ')
    end as row_name,
    count(distinct people.person_key) as headcount,
    -- A sum with a part missing is not known.
    case when count(people.fte) = count(*) then cast(sum(people.fte) as decimal(18, 4)) end as fte
from people
cross join (values (false), (true)) as groups (is_together)
group by all
