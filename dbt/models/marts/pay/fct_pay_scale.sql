with

cells as (

    select * from {{ ref('int_pay__cells') }}
    where is_current and organisation_code is not null

),

ranges as (

    select * from {{ ref('int_pay__ranges') }}

),

scales as (

    select * from {{ ref('pay_scales') }}

),

job_families as (

    select * from {{ ref('job_families') }}
    where role_code <> 'manager'

),

-- The pay of a council's own return stands on its workforce rows, one grade a row.
own_rows as (

    select coded_rows.*
    from {{ ref('int_returns__coded_rows') }} as coded_rows
    inner join {{ ref('int_submissions__claims') }} as claims
        on
            coded_rows.submission_id = claims.submission_id
            and coded_rows.as_at_date = claims.as_at_date
            and coded_rows.organisation_code = claims.organisation_code
    where
        claims.figure = 'Figure 25'
        and claims.is_current
        and (coded_rows.pay_as_written is not null or coded_rows.pay_supplement_as_written is not null)

)

select
    cells.source,
    cells.source_document,
    cells.figure,
    cells.organisation_code,
    cells.organisation_name,
    cells.as_at_date,
    cells.pay_year,
    cells.scale_as_written,
    scales.pay_scale,
    scales.is_agenda_for_change,
    cells.job_family,
    cells.role_code,
    cast(null as varchar) as job_title,
    ranges.range_number,
    ranges.grade_as_written,
    -- A range that runs downwards cannot be right at one end or the other, so neither end is used.
    case when ranges.pay_minimum <= ranges.pay_maximum then ranges.pay_minimum end as pay_minimum,
    case when ranges.pay_minimum <= ranges.pay_maximum then ranges.pay_maximum end as pay_maximum,
    ranges.is_single_point,
    cells.supplement_text,
    case
        when ranges.pay_minimum > ranges.pay_maximum then 'contradictory'
        else cells.value_status
    end as value_status,
    cells.cell_text,
    nullif(cells.transcription_note, '') as transcription_note,
    cells.submission_id,
    cells.source_file,
    cells.source_sheet,
    cells.source_row,
    cells.source_cell
from cells
left join ranges
    on
        cells.submission_id = ranges.submission_id
        and cells.source_sheet = ranges.source_sheet
        and cells.source_row = ranges.source_row
        and cells.job_family = ranges.job_family
left join scales on lower(cells.scale_as_written) = scales.scale_as_written
union all
select
    own_rows.source,
    own_rows.source_document,
    own_rows.figure,
    own_rows.organisation_code,
    own_rows.organisation_name,
    own_rows.as_at_date,
    own_rows.pay_year,
    own_rows.grade as scale_as_written,
    cast(null as varchar) as pay_scale,
    cast(null as boolean) as is_agenda_for_change,
    job_families.job_family,
    own_rows.role_code,
    own_rows.job_title,
    1 as range_number,
    own_rows.grade as grade_as_written,
    case
        when own_rows.pay_minimum_status <> 'zero_stated' and (own_rows.pay_minimum <= own_rows.pay_maximum or own_rows.pay_maximum is null)
            then cast(own_rows.pay_minimum as integer)
    end as pay_minimum,
    case
        when own_rows.pay_maximum_status <> 'zero_stated' and (own_rows.pay_minimum <= own_rows.pay_maximum or own_rows.pay_minimum is null)
            then cast(own_rows.pay_maximum as integer)
    end as pay_maximum,
    case when own_rows.pay_minimum_status <> 'zero_stated' then own_rows.pay_minimum = own_rows.pay_maximum end as is_single_point,
    own_rows.pay_supplement_as_written as supplement_text,
    case
        when own_rows.pay_minimum > own_rows.pay_maximum then 'contradictory'
        -- Nobody is paid nothing: 'none' says that there is no range.
        when own_rows.pay_minimum_status = 'zero_stated' then 'none_stated'
        else own_rows.pay_minimum_status
    end as value_status,
    coalesce(own_rows.pay_as_written, '') as cell_text,
    own_rows.note as transcription_note,
    own_rows.submission_id,
    own_rows.source_file,
    own_rows.source_sheet,
    own_rows.source_row,
    own_rows.pay_minimum_cell as source_cell
from own_rows
left join job_families
    on
        own_rows.role_code = job_families.role_code
        -- Two families are named after one profession.
        and (
            job_families.job_family not in ('entry_ot', 'experienced_ot')
            or coalesce(own_rows.profession, own_rows.group_profession) = 'occupational_therapy'
        )
