-- People once in each council, kind of employer and role; FTE is summed over their worker records.
with

workers as (

    select * from {{ ref('int_asc_wds__workers') }}
    where is_ahp and is_counted and is_known_organisation

),

counted as (

    select
        source,
        source_document,
        submission_id,
        source_file,
        organisation_code,
        organisation_name,
        as_at_date,
        employer,
        profession,
        registration,
        role_group,
        full_time_hours,
        min(source_row) as source_row,
        count(distinct person_key) as headcount,
        sum(hours) as hours_known,
        count(*) filter (where hours is null) as rows_without_hours,
        sum(hours) filter (where contract = 'permanent') as hours_permanent,
        sum(hours) filter (where contract <> 'permanent') as hours_not_permanent,
        count(*) filter (where contract is null) as rows_without_contract
    from workers
    group by
        source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, employer,
        profession, registration, role_group, full_time_hours

)

select
    source,
    source_document,
    'Worker records' as figure,
    organisation_code,
    organisation_name,
    as_at_date,
    cast(null as varchar) as return_group,
    nullif(role_group, '') as role_group,
    cast(null as varchar) as role_code,
    'declared group' as coding_basis,
    profession,
    registration,
    employer,
    'not_stated' as funder,
    'adult' as service_age_scope,
    headcount,
    'derived' as headcount_status,
    -- A sum with a part missing is not known.
    case when rows_without_hours = 0 then cast(hours_known / full_time_hours as decimal(18, 4)) end as fte,
    case when rows_without_hours = 0 then 'derived' else 'not_supplied' end as fte_status,
    {% for part, hours in {'fte_permanent': 'hours_permanent', 'fte_temporary': 'hours_not_permanent'}.items() %}
    case
        when rows_without_hours = 0 and rows_without_contract = 0
            then cast(coalesce({{ hours }}, 0) / full_time_hours as decimal(18, 4))
    end as {{ part }},
    case when rows_without_hours = 0 and rows_without_contract = 0 then 'derived' else 'not_supplied' end as {{ part }}_status,
    {% endfor %}
    cast(null as decimal(18, 4)) as fte_vacant,
    'not_supplied' as fte_vacant_status,
    cast(null as varchar) as value_note,
    cast(null as varchar) as transcription_note,
    submission_id,
    source_file,
    'Worker records' as source_sheet,
    source_row
from counted
