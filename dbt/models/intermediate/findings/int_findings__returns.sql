-- What a council's own return says against itself: answers outside their lists, statements against rows, parts against wholes.
{% set lists = {
    'profession': 'profession', 'level': 'level', 'registered': 'whether it is registered', 'employer': 'employer',
    'funder': 'funder', 'funding_stream': 'temporary funding stream'
} %}

with

workforce_rows as (

    select
        *,
        coalesce(job_title, 'a row without a title') as row_name
    from {{ ref('int_returns__coded_rows') }}

),

places as (

    select
        submission_id,
        source_sheet,
        source_row,
        field,
        source_cell
    from {{ ref('stg_council_returns__return_workforce_cells') }}

),

answers as (

    select * from {{ ref('int_returns__answers') }}

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}
    where is_own_return

),

questions as (

    select * from {{ ref('stg_store__return_questions') }}

),

learners as (

    select * from {{ ref('int_returns__learners') }}

),

fields as (

    select * from {{ ref('measure_fields') }}

),

policies as (

    select max(case when policy = 'total_tolerance' then value end) as total_tolerance
    from {{ ref('policies') }}

),

learner_cells as (

    select * from {{ ref('stg_council_returns__return_learner_cells') }}

),

listed as (

    select
        submission_id,
        return_group as stated_for,
        count(*) as rows_listed
    from workforce_rows
    group by submission_id, return_group
    union all
    select
        submission_id,
        learner_type as stated_for,
        count(*) as rows_listed
    from learners
    where is_listed
    group by submission_id, learner_type

),

{% for field, name in lists.items() %}
{{ field }}_not_in_list as (

    select
        'answer_not_in_list' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        '{{ field }}' as field,
        places.source_cell,
        workforce_rows.{{ field }}_as_written as value,
        'the {{ name }} of ''' || workforce_rows.row_name || ''' is given as ''' || workforce_rows.{{ field }}_as_written
        || ''', which is not one of the answers. It counts as not known.' as message,
        'Choose one of the answers in the list of the cell.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field = '{{ field }}'
    where workforce_rows.{{ field }}_as_written is not null and workforce_rows.{{ field }} is null

),

{% endfor %}
answers_not_in_list as (

    select
        'answer_not_in_list' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        answers.field,
        answers.source_cell,
        answers.cell_text as value,
        '''' || questions.question || ''' is answered ''' || answers.cell_text
        || ''', which is not one of the answers. It counts as not answered.' as message,
        'Choose one of the answers in the list of the cell.' as suggestion
    from answers
    inner join questions on answers.field = questions.field
    inner join council_rows
        on
            answers.submission_id = council_rows.submission_id
            and answers.source_sheet = council_rows.source_sheet
            and answers.source_row = council_rows.source_row
    where answers.value_status = 'unreadable'

),

not_answered as (

    select
        'question_not_answered' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        answers.field,
        answers.source_cell,
        cast(null as varchar) as value,
        '''' || questions.question || ''' is not answered'
        || case
            when questions.return_group is not null or questions.learner_type is not null
                then ', and no row is listed. The number is held as missing, not as zero.'
            else '.'
        end as message,
        case
            when questions.return_group is not null or questions.learner_type is not null
                then 'List the rows, or answer None where there is nobody and Cannot quantify where it cannot be counted.'
            else 'Answer the question.'
        end as suggestion
    from answers
    inner join questions on answers.field = questions.field
    inner join council_rows
        on
            answers.submission_id = council_rows.submission_id
            and answers.source_sheet = council_rows.source_sheet
            and answers.source_row = council_rows.source_row
    left join listed
        on
            answers.submission_id = listed.submission_id
            and coalesce(answers.return_group, answers.learner_type) = listed.stated_for
    where
        answers.value_status = 'not_supplied'
        and listed.rows_listed is null
        and answers.field in (
            'delivery_model', 'principal_ot_input', 'return_owner_role', 'principal_ot_in_post',
            'has_occupational_therapists', 'has_other_ahps', 'has_non_registered_assessors', 'has_senior_practitioners',
            'has_managers', 'has_students', 'has_degree_apprentices'
        )

),

statements_contradicted as (

    select
        'statement_contradicts_rows' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        answers.field,
        answers.source_cell,
        answers.cell_text as value,
        case
            when answers.answer = 'listed'
                then '''' || questions.question || ''' are said to be listed, and no row of theirs is.'
            else
                '''' || questions.question || ''' is answered ''' || answers.cell_text || ''', and '
                || listed.rows_listed || case when listed.rows_listed = 1 then ' row is listed.' else ' rows are listed.' end
                || ' Neither is used.'
        end as message,
        case
            when answers.answer = 'listed' then 'List them, or answer None or Cannot quantify on the cover.'
            else 'Answer Listed in this return, or remove the rows.'
        end as suggestion
    from answers
    inner join questions on answers.field = questions.field
    inner join council_rows
        on
            answers.submission_id = council_rows.submission_id
            and answers.source_sheet = council_rows.source_sheet
            and answers.source_row = council_rows.source_row
    left join listed
        on
            answers.submission_id = listed.submission_id
            and coalesce(answers.return_group, answers.learner_type) = listed.stated_for
    where
        coalesce(answers.return_group, answers.learner_type) is not null
        and (
            (answers.answer = 'listed' and listed.rows_listed is null)
            or (answers.answer in ('none', 'cannot_quantify') and listed.rows_listed > 0)
        )

),

parts as (

    {% for part, whole, part_name, whole_name in [
        ('fte_agency', 'fte', 'agency FTE', 'FTE'),
        ('fte_outsourced', 'fte', 'outsourced FTE', 'FTE'),
        ('headcount_seconded', 'headcount', 'number of seconded people', 'headcount'),
        ('headcount_top_of_band', 'headcount', 'number of people at the top of their range', 'headcount'),
    ] %}
    select
        workforce_rows.*,
        '{{ part }}' as part_field,
        '{{ part_name }}' as part_name,
        '{{ whole_name }}' as whole_name,
        {{ part }} as part_value,
        {{ whole }} as whole_value
    from workforce_rows
    where {{ part }} > {{ whole }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

part_exceeds_whole as (

    select
        'part_exceeds_whole' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('parts') }},
        parts.part_field as field,
        places.source_cell,
        {{ as_written('parts.part_value') }} as value,
        'the ' || parts.part_name || ' of ''' || parts.row_name || ''' is ' || {{ as_written('parts.part_value') }}
        || ', more than the ' || parts.whole_name || ' of ' || {{ as_written('parts.whole_value') }}
        || ' it is part of.' as message,
        'Check both; the part is among the ' || parts.whole_name || ' and no larger.' as suggestion
    from parts
    inner join places
        on
            parts.submission_id = places.submission_id
            and parts.source_sheet = places.source_sheet
            and parts.source_row = places.source_row
            and parts.part_field = places.field

),

job_title_missing as (

    select
        'job_title_missing' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'job_title' as field,
        workforce_rows.job_title_cell as source_cell,
        cast(null as varchar) as value,
        'row ' || workforce_rows.source_row || ' has numbers and no job title. It counts in its group.' as message,
        'Write the title as the council uses it.' as suggestion
    from workforce_rows
    where workforce_rows.job_title is null

),

level_contradicts_group as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'level' as field,
        places.source_cell,
        workforce_rows.level_as_written as value,
        '''' || workforce_rows.row_name || ''' stands in the group ' || workforce_rows.return_group_name
        || ' with the level ' || workforce_rows.level_as_written
        || ', which that group does not hold. It counts in the group; the level is not used.' as message,
        'Check the group and the level; one of the two does not fit the title.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field = 'level'
    where workforce_rows.is_level_contradicted

),

registration_contradicts_group as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'registered' as field,
        places.source_cell,
        workforce_rows.registered_as_written as value,
        '''' || workforce_rows.row_name || ''' stands in the group ' || workforce_rows.return_group_name
        || ', whose staff are '
        || case when workforce_rows.group_registration = 'registered' then 'registered' else 'not registered' end
        || ', and registered is answered ' || workforce_rows.registered_as_written || '.' as message,
        'Check the group and the answer; one of the two does not fit the post.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field = 'registered'
    where
        (workforce_rows.registered = 'no' and workforce_rows.group_registration = 'registered')
        or (workforce_rows.registered = 'yes' and workforce_rows.group_registration = 'non_registered')

),

funding_end_missing as (

    select
        'funding_end_missing' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        case when workforce_rows.funding_stream_as_written is null then 'funding_stream' else 'funding_end_date' end as field,
        places.source_cell,
        cast(null as varchar) as value,
        '''' || workforce_rows.row_name || ''' has ' || {{ as_written('workforce_rows.fte_temporary') }}
        || ' FTE with temporary funding, and '
        || case
            when workforce_rows.funding_stream_as_written is null and workforce_rows.funding_end_date_as_written is null
                then 'neither the funding stream nor its end date is given.'
            when workforce_rows.funding_stream_as_written is null then 'the funding stream is not given.'
            else 'the end date of the funding is not given.'
        end as message,
        'Give the funding stream and the last day of the funding.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field
            = case when workforce_rows.funding_stream_as_written is null then 'funding_stream' else 'funding_end_date' end
    where
        workforce_rows.fte_temporary > 0
        and (workforce_rows.funding_stream_as_written is null or workforce_rows.funding_end_date_as_written is null)

),

funding_already_ended as (

    select
        'funding_already_ended' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'funding_end_date' as field,
        places.source_cell,
        workforce_rows.funding_end_date_as_written as value,
        'the temporary funding of ''' || workforce_rows.row_name || ''' ended on '
        || strftime(workforce_rows.funding_end_date, '%-d %B %Y') || ', before the as-at date, and '
        || {{ as_written('workforce_rows.fte_temporary') }} || ' FTE are still paid from it.' as message,
        'Check the end date, or move the FTE to permanent funding.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field = 'funding_end_date'
    where workforce_rows.fte_temporary > 0 and workforce_rows.funding_end_date < workforce_rows.as_at_date

),

date_unreadable as (

    select
        'date_unreadable' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'funding_end_date' as field,
        places.source_cell,
        workforce_rows.funding_end_date_as_written as value,
        'the end date of the temporary funding of ''' || workforce_rows.row_name || ''' is given as '''
        || workforce_rows.funding_end_date_as_written || ''', which cannot be read as one day. It is left out.' as message,
        'Write day, month and year, such as 31/03/2027.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field = 'funding_end_date'
    where workforce_rows.funding_end_date_as_written is not null and workforce_rows.funding_end_date is null

),

funder_not_council as (

    select
        'funder_not_council' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'funder' as field,
        places.source_cell,
        workforce_rows.funder_as_written as value,
        '''' || workforce_rows.row_name || ''' is paid for by ' || case
            when workforce_rows.funder = 'nhs' then 'the NHS' else 'another organisation'
        end || ', not by the council. It counts here, and may count in the numbers of whoever pays as well.' as message,
        'Leave out posts the council does not pay for, or correct the funder.' as suggestion
    from workforce_rows
    inner join places
        on
            workforce_rows.submission_id = places.submission_id
            and workforce_rows.source_sheet = places.source_sheet
            and workforce_rows.source_row = places.source_row
            and places.field = 'funder'
    where workforce_rows.funder in ('nhs', 'other')

),

pay_reversed as (

    select
        'pay_range_reversed' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('workforce_rows') }},
        'pay_minimum' as field,
        workforce_rows.pay_minimum_cell as source_cell,
        workforce_rows.pay_as_written as value,
        'the pay of ''' || workforce_rows.row_name || ''' runs from £' || {{ as_written('workforce_rows.pay_minimum') }}
        || ' down to £' || {{ as_written('workforce_rows.pay_maximum') }} || '. Neither is used.' as message,
        'Put the lower amount first.' as suggestion
    from workforce_rows
    where workforce_rows.pay_minimum > workforce_rows.pay_maximum

),

twins as (

    select
        *,
        count(*) over (
            partition by
                submission_id, return_group, lower(job_title), profession, level, lower(grade), employer, funder, funding_stream,
                funding_end_date, registered
        ) as rows_alike
    from workforce_rows
    where job_title is not null

),

rows_alike as (

    select
        'duplicate_row' as rule_id,
        -- Both count: two teams may well have the same grade of the same title.
        'warning' as severity_here,
        {{ finding_row('twins') }},
        'job_title' as field,
        twins.job_title_cell as source_cell,
        twins.job_title as value,
        '''' || twins.job_title || ''' stands ' || twins.rows_alike || ' times with the same group, grade, employer and funding. '
        || 'All of them count.' as message,
        'Put them into one row, or say in the note how they differ.' as suggestion
    from twins
    where twins.rows_alike > 1

),

learner_answers as (

    select
        learners.*,
        cells.field as cell_field,
        cells.source_cell,
        cells.cell_text as answer_text
    from learners
    inner join learner_cells as cells
        on
            learners.submission_id = cells.submission_id
            and learners.source_sheet = cells.source_sheet
            and learners.source_row = cells.source_row
    where
        cells.cell_text <> ''
        and (
            (cells.field = 'funding_route' and learners.funding_route is null)
            or (cells.field = 'learner_profession' and learners.profession is null)
            or (cells.field = 'qualifying_year' and learners.qualifying_year is null)
        )

),

learner_answers_not_in_list as (

    select
        'answer_not_in_list' as rule_id,
        cast(null as varchar) as severity_here,
        council_rows.source,
        council_rows.source_document,
        council_rows.organisation_code,
        council_rows.council_as_written as organisation_as_written,
        council_rows.as_at_date,
        council_rows.figure,
        council_rows.submission_id,
        council_rows.source_file,
        council_rows.source_sheet,
        council_rows.source_row,
        council_rows.is_current,
        council_rows.received_at as seen_at,
        council_rows.superseded_at,
        learner_answers.cell_field as field,
        learner_answers.source_cell,
        learner_answers.answer_text as value,
        case learner_answers.cell_field
            when 'qualifying_year' then 'the year of qualifying is given as '''
            when 'funding_route' then 'the way of funding is given as '''
            else 'the profession is given as '''
        end
        || learner_answers.answer_text || ''', which is not one of the answers. It counts as not known.' as message,
        case
            when learner_answers.cell_field = 'qualifying_year' then 'Write a year of four digits, such as 2028.'
            else 'Choose one of the answers in the list of the cell.'
        end as suggestion
    from learner_answers
    inner join council_rows
        on
            learner_answers.submission_id = council_rows.submission_id
            and learner_answers.source_sheet = council_rows.source_sheet
            and learner_answers.source_row = council_rows.source_row

),

totals_of_rows as (

    select
        submission_id,
        source_sheet,
        field,
        count(*) as rows_above,
        count(value_used) as rows_with_number,
        sum(value_used) as rows_total
    from {{ ref('int_workforce__cells') }}
    where is_own_return
    group by submission_id, source_sheet, field

),

totals as (

    select
        cells.submission_id,
        submissions.source,
        cells.source_document,
        submissions.organisation_code,
        cells.council_as_written,
        submissions.as_at_date,
        cells.figure,
        cells.field,
        fields.field_name,
        cells.cell_text,
        cells.value_kind,
        cells.value_number,
        cells.source_file,
        cells.source_sheet,
        cells.source_row,
        cells.source_cell,
        cover.is_current,
        cover.received_at,
        cover.superseded_at
    from {{ ref('stg_council_returns__return_total_cells') }} as cells
    inner join fields on cells.field = fields.field
    inner join {{ ref('int_submissions__latest') }} as submissions on cells.submission_id = submissions.submission_id
    inner join {{ ref('int_submissions__claims') }} as cover
        on
            cells.submission_id = cover.submission_id
            and submissions.as_at_date = cover.as_at_date
            and submissions.organisation_code = cover.organisation_code
            and cover.figure = 'Return'

),

totals_differ as (

    select
        'total_differs_from_rows' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('totals') }},
        totals.field,
        totals.source_cell,
        totals.cell_text as value,
        {{ in_a_sentence('totals.field_name') }} || ': ' || totals.cell_text || ' is given as the total, but the '
        || totals_of_rows.rows_above || ' rows add up to ' || {{ as_written('totals_of_rows.rows_total') }}
        || '. The rows are counted, the total is not.' as message,
        'Correct the row that is wrong, or leave the total out; totals are worked out here.' as suggestion
    from totals
    inner join totals_of_rows
        on
            totals.submission_id = totals_of_rows.submission_id
            and totals.source_sheet = totals_of_rows.source_sheet
            and totals.field = totals_of_rows.field
    cross join policies
    where
        totals_of_rows.rows_with_number = totals_of_rows.rows_above
        and abs(totals.value_number - totals_of_rows.rows_total) > policies.total_tolerance

),

totals_unreadable as (

    select
        'total_not_given' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('totals') }},
        totals.field,
        totals.source_cell,
        totals.cell_text as value,
        {{ in_a_sentence('totals.field_name') }} || ': ''' || totals.cell_text
        || ''' is given as the total and cannot be read as one number, so the rows cannot be held against it. '
        || 'The rows are counted, the total is not.' as message,
        'Give the total as one number, or leave it out; totals are worked out here.' as suggestion
    from totals
    where totals.value_number is null and totals.value_kind not in ('blank', 'not_applicable', 'cannot_quantify', 'none')

)

{% for finding in [
    'answers_not_in_list', 'not_answered', 'statements_contradicted', 'part_exceeds_whole', 'job_title_missing',
    'level_contradicts_group', 'registration_contradicts_group', 'funding_end_missing', 'funding_already_ended',
    'date_unreadable', 'funder_not_council', 'pay_reversed', 'rows_alike', 'learner_answers_not_in_list',
    'profession_not_in_list', 'level_not_in_list', 'registered_not_in_list', 'employer_not_in_list', 'funder_not_in_list',
    'funding_stream_not_in_list', 'totals_differ', 'totals_unreadable'
] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
