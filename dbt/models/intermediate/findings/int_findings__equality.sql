-- Equality counts of a council's own return held against its headcount and against the completeness asked for. A finding
-- names a question and a number of people, never an answer: small groups of answers are nobody's business.
with

answers as (

    select * from {{ ref('int_returns__equality') }}

),

completeness as (

    select * from {{ ref('edi_completeness') }}

),

headcounts as (

    select
        submission_id,
        {{ whole_sum('headcount') }} as headcount
    from {{ ref('int_returns__workforce') }}
    group by submission_id

),

policies as (

    select max(case when policy = 'edi_amber_recorded_pct' then value end) as amber_from
    from {{ ref('policies') }}

),

counted as (

    select
        answers.source,
        answers.source_document,
        answers.organisation_code,
        answers.council_as_written,
        answers.as_at_date,
        answers.figure,
        answers.submission_id,
        answers.source_file,
        answers.source_sheet,
        min(answers.source_row) as source_row,
        answers.is_current,
        answers.received_at,
        answers.superseded_at,
        answers.characteristic,
        answers.characteristic_as_written,
        arg_min(answers.source_cell, answers.source_row) as source_cell,
        sum(answers.people) as people,
        -- Several unknown numbers leave the sum open.
        count(*) filter (where answers.people is null and answers.value_status <> 'not_supplied') as rows_open,
        headcounts.headcount
    from answers
    left join headcounts on answers.submission_id = headcounts.submission_id
    group by all

),

exceeds as (

    select
        'equality_exceeds_headcount' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('counted') }},
        counted.characteristic as field,
        counted.source_cell,
        cast(null as varchar) as value,
        lower(counted.characteristic_as_written) || ': the answers come from ' || {{ as_written('counted.people') }}
        || ' people, and ' || {{ as_written('counted.headcount') }} || ' are counted on the sheet Workforce.' as message,
        'Count the same people in both places.' as suggestion
    from counted
    where counted.people > counted.headcount

),

differs as (

    select
        'equality_differs_from_headcount' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('counted') }},
        counted.characteristic as field,
        counted.source_cell,
        cast(null as varchar) as value,
        lower(counted.characteristic_as_written) || ': the answers come from ' || {{ as_written('counted.people') }}
        || ' of the ' || {{ as_written('counted.headcount') }}
        || ' people counted on the sheet Workforce. The others count as not recorded.' as message,
        'Count people without an answer under Not recorded.' as suggestion
    from counted
    where counted.people < counted.headcount and counted.people > 0 and counted.rows_open = 0

),

not_in_list as (

    select
        'answer_not_in_list' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('answers') }},
        'category' as field,
        answers.category_cell as source_cell,
        answers.category_as_written as value,
        lower(answers.characteristic_as_written) || ': ''' || answers.category_as_written
        || ''' is not one of the answers. Those people count as having given an answer nobody can use.' as message,
        'Use the answers of the template.' as suggestion
    from answers
    where answers.answer_kind = 'invalid' and answers.value_status <> 'not_supplied'

),

incomplete as (

    select
        'edi_incomplete' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('counted') }},
        counted.characteristic as field,
        counted.source_cell,
        cast(null as varchar) as value,
        lower(counted.characteristic_as_written) || ' is recorded for '
        || {{ as_written('cast(round(completeness.recorded_pct, 1) as decimal(9, 1))') }}
        || ' percent of the people, prefer not to say included. Below '
        || {{ as_written('cast(policies.amber_from as decimal(9, 1))') }} || ' percent no share can be shown fairly.' as message,
        'Ask staff again through the usual self-service route. Prefer not to say is a full answer.' as suggestion
    from counted
    inner join completeness
        on counted.submission_id = completeness.submission_id and counted.characteristic = completeness.characteristic
    cross join policies
    where completeness.band = 'red' and counted.is_current

)

{% for finding in ['exceeds', 'differs', 'not_in_list', 'incomplete'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
