-- Every published row in force, with whether its job role is an AHP's. The vintages write one job role in several ways.
with

published as (

    select * from {{ ref('stg_skills_for_care__published_rates') }}

),

extracts as (

    select * from {{ ref('int_asc_wds__extracts') }}
    where is_current and landed_table = 'asc_wds_published_rates'

),

job_roles as (

    select * from {{ ref('asc_wds_job_roles') }}
    where is_ahp

)

select
    published.submission_id,
    published.source,
    published.source_file,
    published.source_row,
    published.as_at_date,
    extracts.source_document,
    extracts.organisation_code,
    extracts.organisation_name,
    extracts.is_known_organisation,
    nullif(published.sector, '') as sector,
    nullif(published.service, '') as service,
    nullif(published.job_role, '') as job_role_as_written,
    job_roles.job_role_code,
    job_roles.job_role,
    job_roles.profession,
    job_roles.registration,
    {% for field in ['turnover_rate', 'vacancy_rate', 'sickness_days', 'zero_hours_share'] %}
    try_cast(rtrim(replace(published.{{ field }}, ',', ''), '% ') as double)
    / if(ends_with(published.{{ field }}, '%'), 100, 1) as {{ field }},
    case
        when published.{{ field }} = '*' then 'suppressed'
        when published.{{ field }} = '' then 'not_supplied'
        when try_cast(rtrim(replace(published.{{ field }}, ',', ''), '% ') as double) is null then 'unreadable'
        else 'reported'
    end as {{ field }}_status,
    {% endfor %}
    job_roles.job_role_code is not null as is_ahp
from published
inner join extracts
    on published.submission_id = extracts.submission_id and published.council_as_written = extracts.council_as_written
left join job_roles
    on
        {{ plain_words("regexp_replace(replace(published.job_role, '_', ' '), '(?i)individual (job )?role', '', 'g')") }}
        = {{ plain_words('job_roles.job_role') }}
