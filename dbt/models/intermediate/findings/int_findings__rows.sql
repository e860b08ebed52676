-- What the numbers of one row say against each other, rows whose reading or whose council is not certain, and councils
-- without a senior post.
with

cells as (

    select * from {{ ref('int_workforce__cells') }}

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

),

returns as (

    select * from {{ ref('int_workforce__returns') }}
    where return_group in ('occupational_therapists', 'senior_practitioners')

),

policies as (

    select max(case when policy = 'total_tolerance' then value end) as total_tolerance
    from {{ ref('policies') }}

),

row_values as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        -- A number below zero is a finding of its own and says nothing about the others.
        {% for field in ['headcount', 'fte', 'fte_permanent', 'fte_temporary'] %}
        max(case when field = '{{ field }}' and value_number >= 0 then value_number end) as {{ field }},
        {% endfor %}
        min(case when field = 'fte' then source_cell end) as fte_cell,
        count(value_number) as numbers_read
    from cells
    group by submission_id, figure, source_sheet, source_row

),

fte_exceeds_headcount as (

    select
        'fte_exceeds_headcount' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        'fte' as field,
        row_values.fte_cell as source_cell,
        {{ as_written('row_values.fte') }} as value,
        'FTE is ' || {{ as_written('row_values.fte') }} || ' for a headcount of '
        || {{ as_written('row_values.headcount') }} || '; one person is at most 1 FTE.' as message,
        'Check both: FTE should be ' || {{ as_written('row_values.headcount') }} || ' or less, or the headcount is too low.'
            as suggestion
    from council_rows
    inner join row_values
        on
            council_rows.submission_id = row_values.submission_id
            and council_rows.figure = row_values.figure
            and council_rows.source_sheet = row_values.source_sheet
            and council_rows.source_row = row_values.source_row
    where row_values.fte > row_values.headcount and row_values.headcount = floor(row_values.headcount)

),

fte_not_sum as (

    select
        'fte_not_permanent_plus_temporary' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        'fte' as field,
        row_values.fte_cell as source_cell,
        {{ as_written('row_values.fte') }} as value,
        'FTE is ' || {{ as_written('row_values.fte') }} || ', but permanent '
        || {{ as_written('row_values.fte_permanent') }} || ' and temporary '
        || {{ as_written('row_values.fte_temporary') }} || ' add up to '
        || {{ as_written('(row_values.fte_permanent + row_values.fte_temporary)') }} || '.' as message,
        'Check the three; FTE should be the sum of the other two.' as suggestion
    from council_rows
    inner join row_values
        on
            council_rows.submission_id = row_values.submission_id
            and council_rows.figure = row_values.figure
            and council_rows.source_sheet = row_values.source_sheet
            and council_rows.source_row = row_values.source_row
    cross join policies
    where abs(row_values.fte - row_values.fte_permanent - row_values.fte_temporary) > policies.total_tolerance

),

pay_rows as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        count(*) filter (where value_status not in ('not_supplied')) as numbers_read
    from {{ ref('int_pay__cells') }}
    group by submission_id, figure, source_sheet, source_row

),

rows_with_something as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row
    from row_values
    where numbers_read > 0
    union all
    select
        submission_id,
        figure,
        source_sheet,
        source_row
    from pay_rows
    where numbers_read > 0

),

transcription_uncertain as (

    select
        'transcription_uncertain' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        cast(null as varchar) as field,
        cast(null as varchar) as source_cell,
        council_rows.transcription_note as value,
        'the row could not be read from the publication with certainty: ' || council_rows.transcription_note as message,
        'Ask the council to confirm its figures before relying on this row.' as suggestion
    from council_rows
    inner join rows_with_something
        on
            council_rows.submission_id = rows_with_something.submission_id
            and council_rows.figure = rows_with_something.figure
            and council_rows.source_sheet = rows_with_something.source_sheet
            and council_rows.source_row = rows_with_something.source_row
    where regexp_matches(lower(council_rows.transcription_note), 'uncertain|not certain')

),

misprints as (

    select
        'organisation_name_misprint' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        'council' as field,
        cast(null as varchar) as source_cell,
        council_rows.council_as_written as value,
        'the council is printed as ''' || council_rows.council_as_written || ''', a known misprint of '
        || council_rows.organisation_name || '.' as message,
        'Write the council''s name as ' || council_rows.organisation_name || '.' as suggestion
    from council_rows
    where council_rows.is_misprint and council_rows.organisation_code is not null

),

pay_scales_of_row as (

    select distinct
        submission_id,
        source_sheet,
        source_row,
        lower(coalesce(scale_as_written, '')) as scale
    from {{ ref('int_pay__cells') }}

),

-- Rows of the numeric figures are compared cell by cell elsewhere. A council may have one pay row for each pay scale.
counted as (

    select
        council_rows.*,
        count(*) over (
            partition by
                council_rows.submission_id, council_rows.figure, council_rows.organisation_code, pay_scales_of_row.scale
        ) as rows_of_council
    from council_rows
    left join row_values
        on
            council_rows.submission_id = row_values.submission_id
            and council_rows.figure = row_values.figure
            and council_rows.source_sheet = row_values.source_sheet
            and council_rows.source_row = row_values.source_row
    left join pay_scales_of_row
        on
            council_rows.submission_id = pay_scales_of_row.submission_id
            and council_rows.source_sheet = pay_scales_of_row.source_sheet
            and council_rows.source_row = pay_scales_of_row.source_row
    where
        council_rows.organisation_code is not null
        and row_values.submission_id is null
        and not council_rows.is_own_return

),

duplicates as (

    select
        'duplicate_row' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('counted') }},
        'council' as field,
        cast(null as varchar) as source_cell,
        counted.council_as_written as value,
        counted.organisation_name || ' stands more than once in ' || counted.figure || ', here as '''
        || counted.council_as_written || '''.' as message,
        'Keep the row that is right and remove the others.' as suggestion
    from counted
    where counted.rows_of_council > 1

),

-- The first row about senior practitioners of each council and day, and what its rows in force add up to.
staff_of_council as (

    select
        source,
        as_at_date,
        organisation_code,
        {% for group, short in {'occupational_therapists': 'practitioners', 'senior_practitioners': 'seniors'}.items() %}
        case
            when count(*) filter (where return_group = '{{ group }}' and fte is null) = 0
                then sum(fte) filter (where return_group = '{{ group }}')
        end as {{ short }},
        {% endfor %}
        arg_min(submission_id, source_row) filter (where return_group = 'senior_practitioners') as submission_id,
        arg_min(source_sheet, source_row) filter (where return_group = 'senior_practitioners') as source_sheet,
        min(source_row) filter (where return_group = 'senior_practitioners') as source_row
    from returns
    group by source, as_at_date, organisation_code

),

no_seniors as (

    select
        'no_senior_post' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        'fte' as field,
        cast(null as varchar) as source_cell,
        {{ as_written('staff_of_council.seniors') }} as value,
        'no senior practitioner is counted beside ' || {{ as_written('staff_of_council.practitioners') }}
        || ' FTE of occupational therapists, so there is no number of practitioners per senior.' as message,
        'Say whether the council has no senior post, or whether its seniors are counted in another group.' as suggestion
    from staff_of_council
    inner join council_rows
        on
            staff_of_council.submission_id = council_rows.submission_id
            and staff_of_council.source_sheet = council_rows.source_sheet
            and staff_of_council.source_row = council_rows.source_row
            and staff_of_council.organisation_code = council_rows.organisation_code
    where staff_of_council.seniors = 0 and staff_of_council.practitioners > 0

)

{% for finding in [
    'duplicates', 'fte_exceeds_headcount', 'fte_not_sum', 'transcription_uncertain', 'misprints', 'no_seniors'
] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
