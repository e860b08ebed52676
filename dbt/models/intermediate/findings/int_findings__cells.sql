-- One finding for each cell that cannot be taken as it stands, and one for each row with cells missing.
with

cells as (

    select * from {{ ref('int_workforce__cells') }}

),

fields as (

    select * from {{ ref('measure_fields') }}

),

readings as (

    select
        source_document,
        figure,
        organisation_code,
        -- A printed part of a garbled line, by what it might be; it explains a gap and is never used as a number.
        string_agg(distinct text_printed, ' or ' order by text_printed) filter (where field = 'headcount')
            as possible_headcounts,
        string_agg(distinct text_printed, ' or ' order by text_printed) filter (where field = 'fte') as possible_ftes,
        string_agg(distinct text_printed, ', ' order by text_printed) filter (
            where field = 'headcount' and try_cast(text_printed as decimal(18, 4)) <> floor(try_cast(text_printed as decimal(18, 4)))
        ) as headcounts_not_whole
    from {{ ref('illegible_readings') }}
    group by source_document, figure, organisation_code

),

named as (

    select
        cells.*,
        fields.field_name,
        fields.unit
    from cells
    inner join fields on cells.field = fields.field

),

text_in_number as (

    select
        'text_in_number' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('named') }},
        named.field,
        named.source_cell,
        named.cell_text as value,
        {{ in_a_sentence('named.field_name') }} || ' is given as ''' || named.cell_text || '''; it was read as '
        || {{ as_written('named.value_number') }} || ' with the note ''' || named.value_note || '''.' as message,
        'Put ' || {{ as_written('named.value_number') }} || ' alone in the cell and the note beside the table.' as suggestion
    from named
    where named.value_kind = 'number_with_note' and named.value_number is not null

),

unreadable as (

    select
        'value_unreadable' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('named') }},
        named.field,
        named.source_cell,
        named.cell_text as value,
        {{ in_a_sentence('named.field_name') }} || ' is given as ''' || named.cell_text
        || ''', which cannot be '
        || case when named.value_number is null then 'read as one number with certainty' else 'believed' end
        || '. It is held as missing, not as zero.' as message,
        case
            when named.is_own_return then 'Put one number in the cell, or cannot quantify where it cannot be counted.'
            else 'Put one number in the cell, or leave it blank when the number is not known.'
        end as suggestion
    from named
    where named.value_status = 'unreadable'

),

negative as (

    select
        'value_negative' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('named') }},
        named.field,
        named.source_cell,
        named.cell_text as value,
        {{ in_a_sentence('named.field_name') }} || ' is given as ''' || named.cell_text
        || ''', which is below zero. It is not used.' as message,
        'Put the number of '
        || case
            when named.unit = 'pounds a year' then 'pounds a year'
            when named.must_be_whole then 'people'
            else 'full-time equivalents'
        end
        || ', zero or above.' as suggestion
    from named
    where named.value_number < 0

),

not_whole as (

    select
        'headcount_not_whole' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('named') }},
        named.field,
        named.source_cell,
        named.cell_text as value,
        {{ in_a_sentence('named.field_name') }} || ' is given as ''' || named.cell_text
        || ''', but people and placements are counted whole. It is not used.' as message,
        'Put the number of people in this column; full-time equivalents belong in the FTE column.' as suggestion
    from named
    where named.must_be_whole and named.value_number >= 0 and named.value_number <> floor(named.value_number)

),

duplicates as (

    select
        'duplicate_row' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('named') }},
        string_agg(named.field, ', ' order by named.source_cell) as field,
        min(named.source_cell) as source_cell,
        named.council_as_written as value,
        named.organisation_name || ' stands more than once in ' || named.figure || ', here as '''
        || named.council_as_written || '''. None of its rows is used.' as message,
        'Keep the row that is right and remove the others.' as suggestion
    from named
    where named.is_duplicate
    group by all

),

missing as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        string_agg(field, ', ' order by source_cell) as field,
        min(source_cell) as source_cell,
        string_agg(source_cell, ', ' order by source_cell) as cells_missing,
        string_agg({{ in_a_sentence('field_name') }}, ', ' order by source_cell) as fields_missing,
        count(*) as missing_count,
        string_agg(distinct nullif(cell_text, ''), ', ') as value,
        -- A council that says it cannot count has answered.
        bool_and(is_own_return and value_status = 'cannot_quantify') as is_answered
    from named
    where
        is_expected
        and (
            value_status in ('not_supplied', 'queried', 'cannot_quantify')
            -- Everybody counted has a headcount and an FTE.
            or (is_own_return and value_status = 'not_applicable' and field in ('headcount', 'fte', 'learner_count'))
        )
    group by submission_id, figure, source_sheet, source_row

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

),

cells_in_row as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        count(*) as cell_count
    from cells
    group by submission_id, figure, source_sheet, source_row

),

value_missing as (

    select
        'value_missing' as rule_id,
        case when missing.is_answered then 'info' end as severity_here,
        {{ finding_row('council_rows') }},
        missing.field,
        missing.source_cell,
        missing.value,
        case
            when missing.missing_count = cells_in_row.cell_count then 'no figure of this row is given'
            else 'not given: ' || missing.fields_missing
        end
        || coalesce('; the text is ''' || missing.value || '''', '; blank')
        || ' in ' || missing.cells_missing || '. Held as missing, not as zero.'
        || case
            when coalesce(readings.possible_headcounts, readings.possible_ftes) is null then ''
            else
                ' The published line is garbled; depending on how it is read it prints '
                || concat_ws(
                    ' and ', 'a headcount of ' || readings.possible_headcounts, 'an FTE of ' || readings.possible_ftes
                ) || '.'
        end
        || coalesce(
            ' A headcount of ' || readings.headcounts_not_whole || ' cannot be right, because people are counted whole.', ''
        ) as message,
        case
            when council_rows.is_own_return
                then 'Give the number; put 0 or none where there is nobody, and cannot quantify where it cannot be counted.'
            else 'Ask the council for the figures; put 0 where there is truly nobody.'
        end as suggestion
    from missing
    inner join council_rows
        on
            missing.submission_id = council_rows.submission_id
            and missing.figure = council_rows.figure
            and missing.source_sheet = council_rows.source_sheet
            and missing.source_row = council_rows.source_row
    inner join cells_in_row
        on
            missing.submission_id = cells_in_row.submission_id
            and missing.figure = cells_in_row.figure
            and missing.source_sheet = cells_in_row.source_sheet
            and missing.source_row = cells_in_row.source_row
    left join readings
        on
            council_rows.source_document = readings.source_document
            and missing.figure = readings.figure
            and council_rows.organisation_code = readings.organisation_code
            and missing.missing_count = cells_in_row.cell_count

)

{% for finding in ['text_in_number', 'unreadable', 'negative', 'not_whole', 'duplicates', 'value_missing'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
