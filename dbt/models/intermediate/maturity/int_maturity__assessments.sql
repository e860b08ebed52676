-- One row per printing of an assessment, and which of several printings of one assessment is the one that is published.
with

cells as (

    select * from {{ ref('stg_maturity__cells') }}

),

figures as (

    select * from {{ ref('int_submissions__figures') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

named_organisations as (

    select * from {{ ref('maturity_organisations') }}

),

council_names as (

    select * from {{ ref('int_organisations__names') }}

),

levels as (

    select
        unnest(['pre_emerging', 'emerging', 'developing', 'maturing']) as level,
        unnest([0, 1, 2, 3]) as ordinal

),

marks as (

    select
        cells.submission_id,
        cells.source_sheet,
        cells.source_row,
        min(levels.ordinal) filter (where lower(cells.cell_text) in ('x', '✓', 'yes')) as first_marked,
        max(levels.ordinal) filter (where lower(cells.cell_text) in ('x', '✓', 'yes')) as last_marked,
        -- An arrow in one cell does not show where it begins or ends.
        bool_or(cells.cell_text = '→') as has_bare_arrow,
        bool_or(lower(cells.cell_text) = 'no data') as says_no_data,
        bool_and(cells.cell_text = '') as is_blank,
        max(replace(lower(regexp_extract(cells.cell_text, '(?i)from ([a-z-]+) to ([a-z-]+)\]$', 1)), '-', '_')) as worded_from,
        max(replace(lower(regexp_extract(cells.cell_text, '(?i)from ([a-z-]+) to ([a-z-]+)\]$', 2)), '-', '_')) as worded_to,
        min(levels.ordinal) filter (where cells.cell_text like '[%') as worded_under,
        string_agg(levels.level, ' and ' order by levels.ordinal) filter (where cells.cell_text <> '') as marked_under,
        min(levels.ordinal) filter (where cells.cell_text <> '') as first_marked_under,
        max(levels.ordinal) filter (where cells.cell_text <> '') as last_marked_under
    from cells
    inner join levels on cells.field = levels.level
    group by cells.submission_id, cells.source_sheet, cells.source_row

),

printed_rows as (

    select
        submission_id,
        source,
        source_document,
        figure,
        source_file,
        source_sheet,
        source_row,
        max(cell_text) filter (where field = 'organisation') as organisation_as_written,
        max(cell_text) filter (where field = 'activity') as activity,
        max(cell_text) filter (where field = 'dimension') as dimension_as_written,
        max(region_block) as region_block,
        max(transcription_note) as transcription_note
    from cells
    group by submission_id, source, source_document, figure, source_file, source_sheet, source_row

),

named as (

    select
        printed_rows.*,
        figures.is_current,
        figures.received_at,
        figures.superseded_at,
        documents.as_at_date,
        coalesce(named_organisations.organisation_name, organisations.organisation_name, printed_rows.organisation_as_written)
            as organisation_name,
        coalesce(
            named_organisations.organisation_kind, if(council_names.organisation_code is null, 'not_stated', 'council')
        ) as organisation_kind,
        -- A name in a report that means a place or a care system there is not taken for the council of that name.
        case
            when named_organisations.name_as_written is not null then named_organisations.organisation_code
            else council_names.organisation_code
        end as organisation_code,
        named_organisations.dimensions_without_data,
        cast(
            case printed_rows.figure
                when 'Table 5' then '2'
                when 'Table 8' then '3'
                when 'Table 13' then '4'
                when 'Table 19' then '5'
                when 'Figure 20' then nullif(regexp_extract(printed_rows.region_block, 'Dimension ([1-5])', 1), '')
                else printed_rows.dimension_as_written
            end as integer
        ) as dimension
    from printed_rows
    inner join figures
        on
            printed_rows.submission_id = figures.submission_id
            and printed_rows.source_document = figures.source_document
            and printed_rows.figure = figures.figure
    left join documents on printed_rows.source_document = documents.source_document
    left join named_organisations
        on
            printed_rows.source_document = named_organisations.source_document
            and printed_rows.organisation_as_written = named_organisations.name_as_written
    left join council_names
        on
            {{ normalised_name('printed_rows.organisation_as_written') }} = council_names.name_normalised
            and documents.as_at_date between council_names.valid_from and council_names.valid_to
    left join {{ ref('organisations') }} as organisations on council_names.organisation_code = organisations.organisation_code

),

spans as (

    select
        named.*,
        marks.marked_under,
        marks.first_marked_under,
        marks.last_marked_under,
        marks.worded_under,
        coalesce(worded_from.ordinal, marks.first_marked) as from_ordinal,
        coalesce(worded_to.ordinal, marks.last_marked) as to_ordinal,
        case
            when
                marks.says_no_data
                or list_contains(string_split(named.dimensions_without_data, ' '), cast(named.dimension as varchar))
                then 'no_data'
            when coalesce(worded_from.ordinal > worded_to.ordinal, false) then 'contradictory'
            when worded_from.ordinal is not null and worded_to.ordinal is not null then 'reported'
            when marks.has_bare_arrow then 'unreadable'
            when marks.first_marked is not null then 'reported'
            -- In a transcribed row without any mark the mark was lost on the way.
            when named.transcription_note <> '' then 'unreadable'
            else 'not_supplied'
        end as level_status
    from named
    inner join marks
        on
            named.submission_id = marks.submission_id
            and named.source_sheet = marks.source_sheet
            and named.source_row = marks.source_row
    left join levels as worded_from on marks.worded_from = worded_from.level
    left join levels as worded_to on marks.worded_to = worded_to.level

)

select
    spans.source,
    spans.source_document,
    spans.figure,
    spans.as_at_date,
    spans.organisation_name,
    spans.organisation_kind,
    spans.organisation_code,
    spans.organisation_as_written,
    spans.dimension,
    nullif(spans.activity, '') as activity,
    spans.level_status,
    level_from.level as level_from,
    level_to.level as level_to,
    level_from.ordinal as level_from_ordinal,
    level_to.ordinal as level_to_ordinal,
    spans.marked_under,
    spans.first_marked_under as first_marked_under_ordinal,
    spans.last_marked_under as last_marked_under_ordinal,
    spans.worded_under <> level_from.ordinal as stands_under_another_level,
    row_number() over (
        partition by
            spans.source_document, spans.organisation_name, spans.organisation_kind, spans.dimension, spans.activity,
            spans.is_current
        order by
            (spans.level_status <> 'reported'), (spans.level_status <> 'no_data'), spans.received_at desc, spans.figure desc,
            spans.source_row
    ) = 1 as is_published_printing,
    spans.submission_id,
    spans.source_file,
    spans.source_sheet,
    spans.source_row,
    nullif(spans.transcription_note, '') as transcription_note,
    spans.is_current,
    spans.received_at,
    spans.superseded_at
from spans
left join levels as level_from on spans.level_status = 'reported' and spans.from_ordinal = level_from.ordinal
left join levels as level_to on spans.level_status = 'reported' and spans.to_ordinal = level_to.ordinal
