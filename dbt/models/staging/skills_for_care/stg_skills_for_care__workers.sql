select
    submission_id,
    source,
    source_file,
    source_row,
    as_at_date,
    code_system,
    folder,
    person_key,
    record_key,
    workplace_key,
    ltrim(council_cssr, '0') as council_cssr,
    upper(record_status) = 'DELETE' as is_to_be_deleted,
    establishment_type,
    employment_status,
    main_job_role,
    zero_hours,
    {% for hours in ['contracted_hours', 'average_hours'] %}
    -- Numbers below nought stand for no answer, and 999 for not known.
    case when try_cast({{ hours }} as decimal(9, 2)) between 0 and 168 then cast({{ hours }} as decimal(9, 2)) end as {{ hours }},
    {% endfor %}
    age_band,
    age_answer,
    gender,
    ethnicity,
    nationality,
    {% for answer in ['age', 'gender', 'ethnicity', 'nationality', 'disability'] %}
    cast(try_strptime({{ answer }}_saved, ['%d/%m/%Y', '%Y-%m-%d']) as date) as {{ answer }}_saved_on,
    {% endfor %}
    disability
from {{ source('landed', 'asc_wds_workers') }}
