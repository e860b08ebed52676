{% set measures = [
    'workplaces', 'workplaces_complete', 'staff_records', 'staff_records_not_agency', 'staff_records_not_agency_complete',
    'agency_records', 'agency_records_complete', 'vacancies', 'starters', 'leavers', 'confirmed_staff_records',
    'confirmed_staff_records_last_year',
] %}

with

accounts as (

    select * from {{ ref('stg_skills_for_care__return_progress') }}

),

extracts as (

    select * from {{ ref('int_asc_wds__extracts') }}
    where is_current and is_known_organisation and landed_table = 'asc_wds_return_progress'

)

select
    extracts.source,
    extracts.source_document,
    extracts.organisation_code,
    extracts.organisation_name,
    extracts.as_at_date,
    count(*) as accounts,
    string_agg(distinct accounts.progress, '; ' order by accounts.progress) as progress,
    {% for measure in measures %}
    -- A sum with a part missing is not known.
    case
        when count(accounts.{{ measure }}) = count(*)
            then cast(sum(accounts.{{ measure }}) as bigint)
    end as {{ measure }},
    {% endfor %}
    extracts.submission_id,
    extracts.source_file
from accounts
inner join extracts
    on accounts.submission_id = extracts.submission_id and accounts.council_as_written = extracts.council_as_written
group by
    extracts.source, extracts.source_document, extracts.organisation_code, extracts.organisation_name, extracts.as_at_date,
    extracts.submission_id, extracts.source_file
