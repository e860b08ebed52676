-- Every distinct job title, grade and employer type that any source holds, of whatever age, and those decided on.
with

assignments as (

    select * from {{ ref('stg_esr__assignments') }}

),

workforce_rows as (

    select * from {{ ref('int_returns__workforce_rows') }}

),

decisions as (

    select * from {{ ref('stg_store__role_decisions') }}

),

titles as (

    select distinct
        position_title as title_raw,
        {{ band_of_assignment('afc_band') }} as band_or_grade,
        'nhs' as employer_type,
        true as is_held
    from assignments
    where position_title is not null
    union all
    select distinct
        job_title as title_raw,
        grade as band_or_grade,
        {{ employer_type_of_row('employer') }} as employer_type,
        true as is_held
    from workforce_rows
    where job_title is not null
    union all
    select
        title_raw,
        band_or_grade,
        coalesce(employer_type, 'unknown') as employer_type,
        false as is_held
    from decisions

)

select
    title_raw,
    band_or_grade,
    employer_type,
    bool_or(is_held) as is_held
from titles
group by title_raw, band_or_grade, employer_type
