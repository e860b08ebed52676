-- Where each title stands: the people and FTE behind it by source, organisation and day, and the role they count in there.
with

assignments as (

    select * from {{ ref('int_esr__assignments') }}
    where is_counted and is_known_organisation and position_title is not null

),

return_rows as (

    select * from {{ ref('int_returns__coded_rows') }}
    where is_current and organisation_code is not null and job_title is not null

),

used as (

    select
        source,
        source_document,
        submission_id,
        source_file,
        organisation_code,
        organisation_name,
        as_at_date,
        position_title as title_raw,
        {{ band_of_assignment('afc_band') }} as band_or_grade,
        'nhs' as employer_type,
        role_code,
        count(distinct person_key) as headcount,
        sum(fte) as fte,
        bool_or(is_contradicted) as is_contradicted,
        min(source_row) as source_row,
        cast(null as varchar) as source_sheet,
        cast(null as varchar) as source_cell
    from assignments
    group by
        source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date,
        position_title, afc_band, role_code
    union all
    select
        source,
        source_document,
        submission_id,
        source_file,
        organisation_code,
        organisation_name,
        as_at_date,
        job_title as title_raw,
        grade as band_or_grade,
        {{ employer_type_of_row('employer') }} as employer_type,
        role_code,
        sum(headcount) as headcount,
        sum(fte) as fte,
        bool_or(is_title_contradicted) as is_contradicted,
        min(source_row) as source_row,
        any_value(source_sheet) as source_sheet,
        arg_min(job_title_cell, source_row) as source_cell
    from return_rows
    group by
        source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, job_title,
        grade, employer, role_code

)

select
    *,
    as_at_date = max(as_at_date) over (partition by source, organisation_code) as is_newest_day
from used
