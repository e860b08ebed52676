select
    source,
    source_document,
    organisation_code,
    organisation_name,
    as_at_date,
    sector,
    service,
    job_role_code,
    job_role,
    job_role_as_written,
    profession,
    registration,
    {% for field in ['turnover_rate', 'vacancy_rate', 'sickness_days', 'zero_hours_share'] %}
    {{ field }},
    {{ field }}_status,
    {% endfor %}
    submission_id,
    source_file,
    source_row
from {{ ref('int_asc_wds__published_rates') }}
where is_ahp and is_known_organisation
