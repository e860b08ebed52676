-- Every cell that can be restated, of every submission ever accepted, with a key that lasts from one to the next.
{% set returned = {
    'return_workforce_cells': 'job_title', 'return_learner_cells': 'learner_type', 'return_equality_cells': 'category'
} %}

with

own_rows as (

    select * from {{ ref('int_returns__rows') }}

),

row_names as (

    select
        named.submission_id,
        named.source_sheet,
        named.source_row,
        named.row_name,
        -- Rows of one title are told apart by their order.
        row_number() over (
            partition by named.submission_id, named.source_sheet, named.row_name order by named.source_row
        ) as row_number_of_name
    from {{ ref('int_returns__row_names') }} as named

),

judged as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell,
        value_used,
        must_be_whole
    from {{ ref('int_workforce__cells') }}

),

own_cells as (

    {% for table in returned %}
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell,
        field,
        cell_text
    from {{ ref('stg_council_returns__' ~ table) }}
    union all
    {% endfor %}
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell,
        field,
        cell_text
    from {{ ref('stg_council_returns__return_answers') }}

),

collated_rows as (

    select * from {{ ref('int_organisations__resolved') }}
    where organisation_code is not null

),

collated_cells as (

    {% for table in ['workforce', 'pipeline', 'pay', 'leadership'] %}
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell,
        field,
        cell_text,
        -- A council with two pay scales has two rows, told apart by the name of the scale.
        case
            when '{{ table }}' = 'pay'
                then max(lower(cell_text)) filter (where field = 'scale') over (partition by submission_id, source_sheet, source_row)
        end as row_name
    from {{ ref('stg_council_returns__' ~ table ~ '_cells') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

together as (

    select
        own_rows.submission_id,
        own_rows.as_at_date,
        own_rows.organisation_code,
        own_rows.counts_as_figure,
        true as is_own_return,
        own_cells.figure,
        coalesce(row_names.row_name, '') as row_name,
        coalesce(row_names.row_number_of_name, own_rows.source_row) as row_number_of_name,
        own_cells.field,
        own_cells.cell_text,
        own_cells.source_sheet,
        own_cells.source_row,
        own_cells.source_cell
    from own_cells
    inner join own_rows
        on
            own_cells.submission_id = own_rows.submission_id
            and own_cells.source_sheet = own_rows.source_sheet
            and own_cells.source_row = own_rows.source_row
    left join row_names
        on
            own_cells.submission_id = row_names.submission_id
            and own_cells.source_sheet = row_names.source_sheet
            and own_cells.source_row = row_names.source_row
    union all
    select
        collated_rows.submission_id,
        collated_rows.as_at_date,
        collated_rows.organisation_code,
        collated_rows.figure as counts_as_figure,
        false as is_own_return,
        collated_cells.figure,
        coalesce(collated_cells.row_name, '') as row_name,
        1 as row_number_of_name,
        collated_cells.field,
        collated_cells.cell_text,
        collated_cells.source_sheet,
        collated_cells.source_row,
        collated_cells.source_cell
    from collated_cells
    inner join collated_rows
        on
            collated_cells.submission_id = collated_rows.submission_id
            and collated_cells.figure = collated_rows.figure
            and collated_cells.source_sheet = collated_rows.source_sheet
            and collated_cells.source_row = collated_rows.source_row

)

select
    together.submission_id,
    together.as_at_date,
    together.organisation_code,
    together.counts_as_figure,
    together.is_own_return,
    together.figure,
    together.row_name,
    -- An answer is known by its question, wherever on the sheet it stands.
    case when together.figure in ('Cover', 'Leadership') then 1 else together.row_number_of_name end as row_number_of_name,
    together.field,
    together.cell_text,
    judged.value_used
from together
left join judged
    on
        together.submission_id = judged.submission_id
        and together.figure = judged.figure
        and together.source_sheet = judged.source_sheet
        and together.source_row = judged.source_row
        and together.source_cell = judged.source_cell
-- Two rows of one council in a figure cannot be told apart, and neither is used.
qualify row_number() over (
    partition by
        together.submission_id, together.as_at_date, together.organisation_code, together.counts_as_figure, together.figure,
        together.row_name, row_number_of_name, together.field
    order by together.source_row
) = 1
