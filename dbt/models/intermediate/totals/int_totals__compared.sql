with

totals as (

    select * from {{ ref('stg_council_returns__total_cells') }}
    where field <> 'apprentice_funding'

),

cells as (

    select * from {{ ref('int_workforce__cells') }}

),

figures as (

    select * from {{ ref('int_submissions__figures') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

rows_summed as (

    select
        submission_id,
        source_document,
        figure,
        region_block,
        field,
        count(*) as rows_in_block,
        count(value_number) as rows_with_number,
        sum(value_number) as rows_total
    from cells
    group by submission_id, source_document, figure, region_block, field

)

select
    totals.submission_id,
    totals.source,
    totals.source_document,
    totals.source_file,
    totals.figure,
    totals.region_block,
    totals.council_as_written as total_as_written,
    totals.field,
    totals.cell_text,
    totals.value_kind,
    totals.value_number as printed_total,
    totals.source_sheet,
    totals.source_row,
    totals.source_cell,
    documents.as_at_date,
    -- A later file without this total leaves the earlier one standing.
    dense_rank() over (
        partition by totals.source_document, totals.figure, totals.council_as_written order by figures.recency
    ) = 1
    and not coalesce(figures.is_set_aside, false) as is_current,
    figures.received_at,
    figures.superseded_at,
    rows_summed.rows_in_block,
    rows_summed.rows_with_number,
    rows_summed.rows_total,
    -- Only a block whose every row was read can be held against its total.
    coalesce(rows_summed.rows_with_number = rows_summed.rows_in_block, false) as is_comparable
from totals
inner join figures
    on
        totals.submission_id = figures.submission_id
        and totals.source_document = figures.source_document
        and totals.figure = figures.figure
inner join documents on totals.source_document = documents.source_document
left join rows_summed
    on
        totals.submission_id = rows_summed.submission_id
        and totals.source_document = rows_summed.source_document
        and totals.figure = rows_summed.figure
        and totals.region_block = rows_summed.region_block
        and totals.field = rows_summed.field
