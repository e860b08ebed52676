with

cells as (

    select * from {{ ref('stg_council_returns__workforce_cells') }}
    union all
    select * from {{ ref('stg_council_returns__pipeline_cells') }}
    where field <> 'apprentice_funding'
    {% for table in ['workforce', 'learner', 'equality'] %}
    union all
    select * exclude (date_read) from {{ ref('stg_council_returns__return_' ~ table ~ '_cells') }}
    {% endfor %}

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

),

fields as (

    select * from {{ ref('measure_fields') }}

),

located as (

    select
        cells.submission_id,
        cells.source,
        cells.source_document,
        cells.source_file,
        cells.figure,
        cells.region_block,
        cells.council_as_written,
        cells.field,
        cells.cell_text,
        cells.value_kind,
        cells.value_number,
        cells.value_note,
        cells.source_sheet,
        cells.source_row,
        cells.source_cell,
        cells.transcription_note,
        fields.must_be_whole,
        fields.is_expected,
        fields.smallest,
        fields.largest,
        council_rows.is_own_return,
        council_rows.as_at_date,
        council_rows.organisation_code,
        council_rows.organisation_name,
        council_rows.is_current,
        council_rows.recency,
        council_rows.received_at,
        council_rows.superseded_at,
        -- Two rows that name one council in different words: neither can be told to be the right one.
        council_rows.organisation_code is not null
        and not council_rows.is_own_return
        and count(*) over (
            partition by
                cells.submission_id, cells.source_document, cells.figure, council_rows.organisation_code, cells.field
        ) > 1 as is_duplicate,
        regexp_matches(lower(cells.transcription_note), 'uncertain|not certain') as is_uncertain
    from cells
    inner join council_rows
        on
            cells.submission_id = council_rows.submission_id
            and cells.figure = council_rows.figure
            and cells.source_sheet = council_rows.source_sheet
            and cells.source_row = council_rows.source_row
    inner join fields on cells.field = fields.field

),

judged as (

    select
        *,
        case
            when value_kind = 'blank' then 'not_supplied'
            -- In a return of its own 'none' is the council's word for zero; a printed table may mean something else by it.
            when value_kind = 'none' and is_own_return then 'zero_stated'
            when value_kind = 'none' then 'none_stated'
            when value_kind in ('not_applicable', 'queried', 'cannot_quantify', 'unreadable') then value_kind
            when value_number is null then 'unreadable'
            -- Beyond all reason: a slip of the keyboard, a telephone number, or pay by the hour.
            when value_number > largest or (value_number > 0 and value_number < smallest) then 'unreadable'
            when is_duplicate or value_number < 0 then 'contradictory'
            when must_be_whole and value_number <> floor(value_number) then 'contradictory'
            when is_uncertain then 'uncertain'
            when value_kind = 'number_with_note' then 'reported_with_note'
            else 'reported'
        end as value_status
    from located

)

select
    *,
    case when value_status in ('reported', 'reported_with_note', 'zero_stated', 'uncertain') then value_number end as value_used
from judged
