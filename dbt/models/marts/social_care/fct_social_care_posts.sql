{# What the columns of a job role begin with, and its code; nothing for all job roles together. #}
{% set roles = {'': none, 'occupational_therapist_': '15', 'other_ahp_': '17', 'therapy_assistant_': '36'} %}
{% set events = {'vacancies': 'posts_vacant', 'starters': 'starters', 'leavers': 'leavers'} %}

with

workplaces as (

    select * from {{ ref('int_asc_wds__workplaces') }}
    where is_counted and is_known_organisation

),

job_roles as (

    select * from {{ ref('asc_wds_job_roles') }}

),

by_role as (

    {% for role, code in roles.items() %}
    select
        source,
        source_document,
        organisation_code,
        organisation_name,
        as_at_date,
        employer,
        {{ "'" ~ code ~ "'" if code else 'cast(null as varchar)' }} as job_role_code,
        {% for event, column in events.items() %}
        {{ role }}{{ event }} as {{ column }},
        {% endfor %}
        submission_id,
        source_file
    from workplaces
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    by_role.source,
    by_role.source_document,
    by_role.organisation_code,
    by_role.organisation_name,
    by_role.as_at_date,
    by_role.employer,
    by_role.job_role_code,
    job_roles.job_role,
    job_roles.profession,
    job_roles.registration,
    count(*) as workplaces,
    {% for column in events.values() %}
    -- A sum with a part missing is not known.
    case when count(by_role.{{ column }}) = count(*) then cast(sum(by_role.{{ column }}) as bigint) end as {{ column }},
    case when count(by_role.{{ column }}) = count(*) then 'derived' else 'not_supplied' end as {{ column }}_status,
    cast(coalesce(sum(by_role.{{ column }}), 0) as bigint) as {{ column }}_at_least,
    count(*) - count(by_role.{{ column }}) as workplaces_without_{{ column }},
    {% endfor %}
    by_role.submission_id,
    by_role.source_file
from by_role
left join job_roles on by_role.job_role_code = job_roles.job_role_code
group by
    by_role.source, by_role.source_document, by_role.organisation_code, by_role.organisation_name, by_role.as_at_date,
    by_role.employer, by_role.job_role_code, job_roles.job_role, job_roles.profession, job_roles.registration,
    by_role.submission_id, by_role.source_file
