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
