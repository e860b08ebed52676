{% set measures = [
    'workplaces', 'workplaces_complete', 'staff_records', 'staff_records_not_agency', 'staff_records_not_agency_complete',
    'agency_records', 'agency_records_complete', 'vacancies', 'starters', 'leavers', 'confirmed_staff_records',
    'confirmed_staff_records_last_year',
] %}

select
    submission_id,
    source,
    source_file,
    source_row,
    as_at_date,
    council as council_as_written,
    {% for measure in measures %}
    try_cast(replace({{ measure }}, ',', '') as bigint) as {{ measure }},
    {% endfor %}
    nullif(progress, '') as progress
from {{ source('landed', 'asc_wds_return_progress') }}
