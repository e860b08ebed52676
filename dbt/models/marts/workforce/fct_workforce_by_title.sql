{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant', 'fte_agency', 'fte_outsourced',
    'headcount_seconded', 'headcount_top_of_band'] %}

with

coded_rows as (

    select * from {{ ref('int_returns__coded_rows') }}
    where is_current

)

select
    source,
    source_document,
    organisation_code,
    organisation_name,
    as_at_date,
    job_title,
    return_group,
    role_group,
    role_code,
    coding_basis,
    level_as_written,
    coalesce(profession, group_profession) as profession,
    grade,
    coalesce(employer, 'not_stated') as employer,
    coalesce(funder, 'not_stated') as funder,
    service_age_scope,
    {% for measure in measures %}
    cast({{ measure }} as {{ 'bigint' if measure.startswith('headcount') else 'decimal(18, 4)' }}) as {{ measure }},
    coalesce({{ measure }}_status, 'not_supplied') as {{ measure }}_status,
    {% endfor %}
    funding_stream,
    funding_end_date,
    value_note,
    note,
    submission_id,
    source_file,
    source_sheet,
    source_row
from coded_rows
