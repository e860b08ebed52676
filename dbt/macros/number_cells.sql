{# The cells of a landed table whose cells hold numbers: text, kind, number and note. Every figure is read alike. #}
{% macro number_cells(landed_table) -%}
with

cells as (

    select * from {{ source('landed', landed_table) }}

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
    cells.council_as_written,
    cells.field,
    cells.cell_text,
    {{ value_kind('cells.cell_text', 'words.value_kind') }} as value_kind,
    {{ value_number('cells.cell_text') }} as value_number,
    {{ value_note('cells.cell_text') }} as value_note,
    cells.source_sheet,
    cells.source_row,
    cells.source_cell,
    cells.transcription_note
from cells
left join words on lower(cells.cell_text) = words.text_normalised
{%- endmacro %}
