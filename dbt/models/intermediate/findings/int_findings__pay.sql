-- Pay cells: what could not be read, what was read although it is written irregularly, and what is missing.
with

cells as (

    select * from {{ ref('int_pay__cells') }}

),

ranges as (

    select * from {{ ref('int_pay__ranges') }}

),

unreadable as (

    select
        'pay_unreadable' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('cells') }},
        cells.job_family as field,
        cells.source_cell,
        cells.cell_text as value,
        'pay of the ' || {{ in_a_sentence('cells.job_family_name') }} || ' is printed as ''' || cells.cell_text
        || ''', which does not give a lowest and a highest amount. It is held as missing.' as message,
        'Print the range, for example ''£30,000 to £35,000'', and name the grade beside it.' as suggestion
    from cells
    where cells.value_status = 'unreadable'

),

joined_ranges as (

    select
        cells.*,
        ranges.range_text,
        ranges.pay_minimum,
        ranges.pay_maximum,
        regexp_matches(ranges.range_text, '[0-9](, | |\. ?)[0-9]{3}') as has_irregular_number,
        len(ranges.range_text) - len(replace(ranges.range_text, '£', ''))
        < case when ranges.is_single_point then 1 else 2 end as lacks_pound_sign,
        regexp_matches(ranges.range_text, 'TO') as has_irregular_separator
    from cells
    inner join ranges
        on
            cells.submission_id = ranges.submission_id
            and cells.source_sheet = ranges.source_sheet
            and cells.source_row = ranges.source_row
            and cells.job_family = ranges.job_family

),

{% set irregularities = {
    'pay_number_irregular': {
        'where': 'has_irregular_number',
        'found': 'a stray space or point stands inside an amount',
        'suggestion': "Print each amount as '£30,000'."
    },
    'pay_sign_missing': {
        'where': 'lacks_pound_sign',
        'found': 'a pound sign is missing',
        'suggestion': "Print each amount with its pound sign, as '£30,000'."
    },
    'pay_separator_irregular': {
        'where': 'has_irregular_separator',
        'found': "the two ends of the range are joined by 'TO' in capitals",
        'suggestion': "Join the two ends by 'to'."
    },
    'pay_range_reversed': {
        'where': 'pay_minimum > pay_maximum',
        'found': 'the range runs downwards, so it is not used',
        'suggestion': 'Print the lowest amount first.'
    },
} %}

{% for rule_id, rule in irregularities.items() %}
{{ rule_id }} as (

    select
        '{{ rule_id }}' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('joined_ranges') }},
        string_agg(distinct joined_ranges.job_family, ', ' order by joined_ranges.job_family) as field,
        min(joined_ranges.source_cell) as source_cell,
        string_agg(joined_ranges.range_text, '; ' order by joined_ranges.source_cell) as value,
        '{{ rule.found | replace("'", "''") }}: '
        || string_agg(
            joined_ranges.source_cell || ' prints ''' || joined_ranges.range_text || ''', read as £'
            || format('{:,}', joined_ranges.pay_minimum)
            || case
                when joined_ranges.pay_minimum <> joined_ranges.pay_maximum
                    then ' to £' || format('{:,}', joined_ranges.pay_maximum)
                else ''
            end,
            '; ' order by joined_ranges.source_cell
        ) || '.' as message,
        '{{ rule.suggestion | replace("'", "''") }}' as suggestion
    from joined_ranges
    where {{ rule.where }}
    group by all

),
{% endfor %}

several_ranges as (

    select
        'pay_several_ranges' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('cells') }},
        cells.job_family as field,
        cells.source_cell,
        cells.cell_text as value,
        'pay of the ' || {{ in_a_sentence('cells.job_family_name') }} || ' holds ' || len(cells.range_texts)
        || ' ranges in one cell: ''' || cells.cell_text || '''. Each is kept as a range of its own.' as message,
        'Print one range to a cell, and name the grade each belongs to.' as suggestion
    from cells
    where cells.value_status in ('reported', 'reported_with_note', 'uncertain') and len(cells.range_texts) > 1

),

-- A council with two scales may leave a job family blank on one of its rows; it is missing only when blank on all.
by_job_family as (

    select
        submission_id,
        council_as_written,
        job_family,
        min(job_family_name) as job_family_name,
        bool_and(value_status in ('not_supplied', 'queried', 'cannot_quantify')) as is_missing,
        string_agg(distinct nullif(cell_text, ''), ', ') as text_printed,
        min(source_row) as first_row,
        min(source_cell) as first_cell
    from cells
    group by submission_id, council_as_written, job_family

),

missing as (

    select
        submission_id,
        council_as_written,
        min(first_row) as first_row,
        min(first_cell) as first_cell,
        count(*) as families,
        count(*) filter (where is_missing) as families_missing,
        string_agg(job_family, ', ' order by first_cell) filter (where is_missing) as fields_missing,
        string_agg({{ in_a_sentence('job_family_name') }}, ', ' order by first_cell) filter (where is_missing) as names_missing,
        string_agg(distinct text_printed, ', ') filter (where is_missing) as text_printed
    from by_job_family
    group by submission_id, council_as_written

),

first_cells as (

    select distinct on (submission_id, council_as_written) *
    from cells
    order by submission_id, council_as_written, source_row, source_cell

),

value_missing as (

    select
        'value_missing' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('first_cells') }},
        missing.fields_missing as field,
        missing.first_cell as source_cell,
        missing.text_printed as value,
        case
            when missing.families_missing = missing.families then 'no pay is given for any job family'
            else 'pay is not given for: ' || missing.names_missing
        end || coalesce('; the text is ''' || missing.text_printed || '''', '; the cells are blank')
        || '. Held as missing.' as message,
        'Ask the council for its pay ranges; print ''n/a'' where it has no such post.' as suggestion
    from missing
    inner join first_cells
        on
            missing.submission_id = first_cells.submission_id
            and missing.council_as_written = first_cells.council_as_written
    where missing.families_missing > 0

)

{% for finding in ['unreadable', 'several_ranges', 'value_missing'] + irregularities.keys() | list %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
