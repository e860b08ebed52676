with

cells as (

    select * from {{ ref('stg_council_returns__return_equality_cells') }}

),

numbers as (

    select * from {{ ref('int_workforce__cells') }}
    where is_own_return and field = 'people'

),

choices as (

    select * from {{ ref('int_returns__choices') }}
    where choice_list = 'edi_characteristic'

),

categories as (

    select * from {{ ref('edi_categories') }}

),

texts as (

    select
        submission_id,
        source_sheet,
        source_row,
        max(case when field = 'characteristic' then cell_text end) as characteristic_as_written,
        max(case when field = 'category' then cell_text end) as category_as_written,
        max(case when field = 'category' then source_cell end) as category_cell
    from cells
    group by submission_id, source_sheet, source_row

)

select
    numbers.submission_id,
    numbers.source,
    numbers.source_document,
    numbers.source_file,
    numbers.figure,
    numbers.source_sheet,
    numbers.source_row,
    numbers.source_cell,
    numbers.organisation_code,
    numbers.organisation_name,
    numbers.council_as_written,
    numbers.as_at_date,
    numbers.is_current,
    numbers.received_at,
    numbers.superseded_at,
    choices.code as characteristic,
    texts.characteristic_as_written,
    texts.category_as_written,
    texts.category_cell,
    -- An answer that is not of the list is kept apart; it is somebody's answer all the same.
    coalesce(categories.answer_kind, 'invalid') as answer_kind,
    categories.category,
    numbers.value_used as people,
    numbers.value_status
from numbers
inner join texts
    on
        numbers.submission_id = texts.submission_id
        and numbers.source_sheet = texts.source_sheet
        and numbers.source_row = texts.source_row
inner join choices on {{ normalised_name('texts.characteristic_as_written') }} = choices.label_normalised
left join categories
    on
        choices.code = categories.characteristic
        and {{ normalised_name('texts.category_as_written') }} = {{ normalised_name('categories.label') }}
