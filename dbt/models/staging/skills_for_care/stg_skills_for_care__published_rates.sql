select
    submission_id,
    source,
    source_file,
    source_row,
    as_at_date,
    council as council_as_written,
    sector,
    service,
    job_role,
    turnover_rate,
    vacancy_rate,
    sickness_days,
    zero_hours_share
from {{ source('landed', 'asc_wds_published_rates') }}
