with

cells as (

    select * from {{ ref('int_pay__cells') }}

),

numbered as (

    select
        *,
        unnest(range(1, len(range_texts) + 1)) as range_number
    from cells
    where value_status in ('reported', 'reported_with_note', 'uncertain')

),

split as (

    select
        *,
        list_extract(range_texts, range_number) as range_text,
        regexp_extract_all(list_extract(range_texts, range_number), '[0-9]{2,3}[,.]? ?[0-9]{3}') as amounts
    from numbered

)

select
    submission_id,
    source_sheet,
    source_row,
    job_family,
    range_number,
    range_text,
    -- The name of the grade stands before its range: what lies between the range before and this one.
    nullif(
        trim(
            case
                when range_number = 1 then split_part(pay_text, range_text, 1)
                else split_part(split_part(pay_text, list_extract(range_texts, range_number - 1), 2), range_text, 1)
            end,
            ' .,;'
        ),
        ''
    ) as grade_as_written,
    cast(regexp_replace(list_extract(amounts, 1), '[^0-9]', '', 'g') as integer) as pay_minimum,
    cast(
        regexp_replace(coalesce(list_extract(amounts, 2), list_extract(amounts, 1)), '[^0-9]', '', 'g') as integer
    ) as pay_maximum,
    len(amounts) = 1 as is_single_point
from split
