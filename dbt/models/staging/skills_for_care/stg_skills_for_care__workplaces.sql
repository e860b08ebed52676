{% set roles = ['occupational_therapist', 'other_ahp', 'therapy_assistant'] %}

select
    submission_id,
    source,
    source_file,
    source_row,
    as_at_date,
    code_system,
    folder,
    workplace_key,
    ltrim(council_cssr, '0') as council_cssr,
    upper(record_status) = 'DELETE' as is_to_be_deleted,
    establishment_type,
    -- Numbers below nought stand for no answer.
    case when try_cast(total_staff as integer) >= 0 then cast(total_staff as integer) end as total_staff,
    case when try_cast(worker_records as integer) >= 0 then cast(worker_records as integer) end as worker_records,
    {% for event in ['starters', 'leavers', 'vacancies'] %}
    {{ event }} as {{ event }}_text,
    {% for role in roles %}
    {{ role }}_{{ event }} as {{ role }}_{{ event }}_text,
    {% endfor %}
    {% endfor %}
    string_split(replace(job_roles, ' ', ''), ';') as job_roles
from {{ source('landed', 'asc_wds_workplaces') }}
