with

cells as (

    select * from {{ source('landed', 'council_pay') }}

),

words as (

    select * from {{ ref('value_words') }}

)

select
    cells.submission_id,
    cells.source,
    cells.source_file,
    cells.source_document,
    cells.figure,
    cells.region_block,
    coalesce(nullif(cells.council_as_written, ''), cells.continued_council) as council_as_written,
    cells.continued_council <> '' as is_continued_row,
    cells.field,
    -- Spaces that look alike and dashes that look alike become one, so that one reading serves all.
    trim(regexp_replace(translate(cells.cell_text, chr(160) || '–—−‐‑', ' -----'), '\s+', ' ', 'g')) as cell_text,
    case
        when cells.cell_text = '' then 'blank'
        else coalesce(words.value_kind, 'text')
    end as value_kind,
    cells.source_sheet,
    cells.source_row,
    cells.source_cell,
    cells.transcription_note
from cells
left join words on lower(cells.cell_text) = words.text_normalised
