{# The cells of a landed table of councils' own returns: text, kind, number and note, and the day where one was read. #}
{# Signs that look alike become one, and a unit after a number is left out where it is the unit of the field. In a return #}
{# 'none' is the number 0, as its guidance says. #}
{% macro return_cells(landed_table) -%}
with

cells as (

    select * from {{ source('landed', landed_table) }}

),

words as (

    select * from {{ ref('value_words') }}

),

fields as (

    select * from {{ ref('measure_fields') }}

),

plain as (

    select
        cells.*,
        fields.unit,
        trim(regexp_replace(translate(cells.cell_text, chr(160) || '−–—‐‑‒', ' ------'), '\s+', ' ', 'g')) as plain_text
    from cells
    left join fields on cells.field = fields.field

),

without_unit as (

    select
        *,
        case unit
            when 'FTE' then regexp_replace(plain_text, '(?i)^(.*[0-9]) ?(fte|wte)s?$', '\1')
            when 'people' then regexp_replace(plain_text, '(?i)^(.*[0-9]) ?(people|persons?|staff|heads?)$', '\1')
            when 'learners'
                then regexp_replace(plain_text, '(?i)^(.*[0-9]) ?(people|placements?|students?|apprentices?)$', '\1')
            when 'pounds a year'
                then regexp_replace(regexp_replace(plain_text, '^£ ?([0-9].*)$', '\1'), '(?i)^(.*[0-9]) ?(p\.?a\.?|a year)$', '\1')
            else plain_text
        end as number_text
    from plain

),

read as (

    select
        without_unit.*,
        case
            -- In FTE a comma before three digits may stand for a decimal point as well as for thousands.
            when without_unit.unit = 'FTE' and regexp_matches(without_unit.number_text, '^-?[0-9]{1,3},[0-9]{3}$')
                then 'unreadable'
            else {{ value_kind('without_unit.number_text', 'words.value_kind') }}
        end as value_kind
    from without_unit
    left join words on lower(without_unit.number_text) = words.text_normalised

)

select
    submission_id,
    source,
    source_file,
    source_document,
    figure,
    region_block,
    council_as_written,
    field,
    cell_text,
    value_kind,
    case
        when value_kind = 'none' then 0
        when value_kind <> 'unreadable' then {{ value_number('number_text') }}
    end as value_number,
    {{ value_note('number_text') }} as value_note,
    source_sheet,
    source_row,
    source_cell,
    transcription_note,
    try_cast(nullif(date_read, '') as date) as date_read
from read
{%- endmacro %}
