-- What the survey of employer standards and the self-assessments of maturity say against themselves, disclose or leave open.
with

results as (

    select
        *,
        case
            when subject = 'standard' then 'standard ' || standard_number || ' (' || standard_name || ')'
            when subject = 'all_standards' then 'all standards'
            when subject = 'engagement' then 'engagement with job and organisation'
            when subject = 'experience' then 'the answer ''' || answer || ''''
            else 'the question ''' || question || ''''
        end
        || case
            when breakdown is not null and breakdown <> 'region'
                then ', ' || replace(breakdown, '_', ' ') || ' ' || group_name
            else ''
        end
        || ', ' || replace(staff_group, '_', ' ') || ', ' || survey_year as what,
        -- What is said of England names nobody.
        case when geography_type = 'national' then null else geography_name end as area_of_finding
    from {{ ref('int_surveys__results') }}

),

published as (

    select * from results
    where is_current and is_published_printing and geography_type is not null

),

assessments as (

    select * from {{ ref('int_maturity__assessments') }}

),

of_results as (

    {% set of_a_result -%}
        results.source,
        results.source_document,
        results.organisation_code,
        results.area_of_finding as organisation_as_written,
        results.as_at_date,
        results.figure,
        results.unit as field,
        results.submission_id,
        results.source_file,
        results.source_sheet,
        results.source_row,
        results.source_cell,
        results.score_as_printed as value
    {%- endset %}

    select
        'survey_change_differs' as rule_id,
        cast(null as varchar) as severity_here,
        {{ of_a_result }},
        'for ' || results.what || ', ' || case
            when results.change_printed <> results.change
                then 'the change is printed as ' || results.change_printed
            else 'the sign ''' || results.arrow || ''' is printed'
        end || ', but ' || results.score || ' less ' || results.previous_score || ' is ' || results.change || '.' as message,
        'Ask the publisher which of the three is wrong.' as suggestion,
        results.is_current,
        results.received_at as seen_at,
        results.superseded_at
    from results
    where
        results.change_printed <> results.change
        or (results.arrow = '↑' and results.change <= 0)
        or (results.arrow = '↓' and results.change >= 0)
        or (results.arrow = '=' and results.change <> 0)
    union all
    select
        'survey_score_out_of_range' as rule_id,
        cast(null as varchar) as severity_here,
        {{ of_a_result }},
        'for ' || results.what || ', ' || {{ as_written('results.printed_number') }}
        || ' is printed, which is not from 0 to 100. It is held as missing.' as message,
        'Look it up in the report and correct the file.' as suggestion,
        results.is_current,
        results.received_at as seen_at,
        results.superseded_at
    from results
    where results.printed_number not between 0 and 100
    union all
    select
        'value_unreadable' as rule_id,
        'warning' as severity_here,
        {{ of_a_result }},
        'for ' || results.what || ', '
        || coalesce(
            '''' || results.score_as_printed || ''' is printed, which is not one score', 'no score in the row can be read'
        ) || '. It is held as missing'
        || coalesce(' (' || results.transcription_note || ')', '') || '.' as message,
        'Ask the publisher for the score, and send the row with it.' as suggestion,
        results.is_current,
        results.received_at as seen_at,
        results.superseded_at
    from results
    where results.score_status = 'unreadable' and results.printed_number is null
    union all
    select
        'survey_below_ten_printed' as rule_id,
        cast(null as varchar) as severity_here,
        -- The finding must not pass on what is withheld.
        {{ of_a_result | replace('results.score_as_printed', 'cast(null as varchar)') }},
        'for ' || results.what || ', a score is printed, though fewer than ten people responded. It is not passed on.' as message,
        'Take the score out of the file and tell the publisher.' as suggestion,
        results.is_current,
        results.received_at as seen_at,
        results.superseded_at
    from results
    where results.score_status = 'withheld'
    union all
    select
        'survey_printings_differ' as rule_id,
        cast(null as varchar) as severity_here,
        {% set unless_withheld = "case when published.score_status <> 'withheld' then results.score_as_printed end" -%}
        {{ of_a_result | replace('results.score_as_printed', unless_withheld) }},
        'for ' || results.what || ', ' || results.part_of_document || ' and ' || published.part_of_document
        || ' print different results'
        || case
            when published.score_status = 'withheld' or results.score_status = 'withheld' then ''
            else ': ' || coalesce(results.score_as_printed, 'nothing') || ' and ' || coalesce(published.score_as_printed, 'nothing')
        end || '. The second is used.' as message,
        'Ask the publisher which of them holds.' as suggestion,
        results.is_current,
        results.received_at as seen_at,
        results.superseded_at
    from results
    inner join published on results.result = published.result and results.survey_year = published.survey_year
    where
        results.is_current
        and not results.is_published_printing
        and results.printed_number is distinct from published.printed_number
    union all
    select
        'unknown_organisation' as rule_id,
        cast(null as varchar) as severity_here,
        {{ of_a_result | replace('results.score_as_printed', 'results.area_as_written') }},
        'the area ''' || results.area_as_written || ''' is neither England nor a region nor a council that is known. '
        || 'The result for ' || results.what || ' is left out.' as message,
        'Write National, the name of a region or the council''s official name as region_block.' as suggestion,
        results.is_current,
        results.received_at as seen_at,
        results.superseded_at
    from results
    where results.geography_type is null

),

complements as (

    select
        'survey_complement_disclosed' as rule_id,
        cast(null as varchar) as severity_here,
        part.source,
        part.source_document,
        part.organisation_code,
        part.area_of_finding as organisation_as_written,
        part.as_at_date,
        part.figure,
        'respondents ' || part.survey_year as field,
        part.submission_id,
        part.source_file,
        min(part.source_sheet) as source_sheet,
        min(part.source_row) as source_row,
        cast(null as varchar) as source_cell,
        whole.respondents || ' and ' || part.respondents as value,
        'results of ' || part.survey_year || ' are printed for ' || whole.respondents || ' people (' || replace(whole.staff_group, '_', ' ')
        || ') and for ' || part.respondents || ' of them (' || replace(part.staff_group, '_', ' ')
        || '), so the scores of the few who are left can be worked out. They are fewer than ten.' as message,
        'Pass on one of the two results only, and never both outside the organisation.' as suggestion,
        true as is_current,
        part.received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from published as part
    inner join published as whole
        on
            part.source_document = whole.source_document
            and part.part_of_staff_group = whole.staff_group
            and part.geography_name = whole.geography_name
            and part.survey_year = whole.survey_year
            and part.subject = whole.subject
            and part.standard_number is not distinct from whole.standard_number
            and part.question is not distinct from whole.question
            and part.breakdown is not distinct from whole.breakdown
            and part.group_name is not distinct from whole.group_name
    cross join {{ ref('policies') }} as policies
    where
        policies.policy = 'survey_minimum_respondents'
        and whole.respondents - part.respondents between 1 and policies.value - 1
        and part.score is not null
        and whole.score is not null
    group by all

),

statements as (

    select
        statements.*,
        case when statement_kind = 'share' then round(100.0 * part / base, if(stated_value = floor(stated_value), 0, 1)) end
            as share_of_printed,
        documents.source,
        documents.as_at_date
    from {{ ref('survey_statements') }} as statements
    inner join {{ ref('stg_store__documents') }} as documents on statements.source_document = documents.source_document

),

-- A statement is held against the tables once a file of its report is in force that could confirm it. Of a question that
-- no table prints, the tables of the other questions say so.
matched as (

    select
        statements.*,
        published.figure,
        published.submission_id,
        published.source_file,
        published.source_sheet,
        published.source_row,
        published.received_at,
        published.organisation_code,
        published.area_of_finding,
        published.score,
        published.change as change_of_scores,
        published.change_printed,
        published.band,
        published.comparability,
        coalesce(published.question = statements.question, statements.question is null) as is_meant
    from statements
    inner join published
        on
            statements.source_document = published.source_document
            and statements.survey_year = published.survey_year
            and (
                statements.statement_kind = 'share'
                or (
                    published.subject = statements.subject
                    and published.breakdown is not distinct from statements.breakdown
                    and published.standard_number is not distinct from statements.standard_number
                )
            )

),

held_against as (

    select
        statement_id,
        source,
        source_document,
        as_at_date,
        section,
        statement_kind,
        stated_as,
        stated_value,
        note,
        part,
        base,
        case statement_kind
            when 'score' then max(score) filter (where is_meant)
            when 'change' then max(coalesce(change_printed, change_of_scores)) filter (where is_meant)
            when 'results' then count(*)
            when 'results_moderate' then count(*) filter (where band = 'moderate')
            when 'results_good' then count(*) filter (where band = 'good')
            when 'lowest_of_new' then min(score) filter (where comparability = 'new_question')
            else max(share_of_printed)
        end as observed,
        -- A share is of numbers that stand in the text as well.
        {% for column in ['figure', 'submission_id', 'source_file', 'source_sheet'] %}
        case when statement_kind <> 'share' then arg_min({{ column }}, source_row) end as {{ column }},
        {% endfor %}
        case when statement_kind in ('score', 'change') then min(source_row) filter (where is_meant) end as source_row,
        min(received_at) as received_at,
        any_value(organisation_code) as organisation_code,
        any_value(area_of_finding) filter (where organisation_code is not null) as organisation_as_written
    from matched
    group by
        statement_id, source, source_document, as_at_date, section, statement_kind, stated_as, stated_value, note, part, base

),

contradicted as (

    select
        'stated_figure_differs' as rule_id,
        cast(null as varchar) as severity_here,
        source,
        source_document,
        organisation_code,
        organisation_as_written,
        as_at_date,
        figure,
        statement_id as field,
        submission_id,
        source_file,
        source_sheet,
        source_row,
        cast(null as varchar) as source_cell,
        stated_as as value,
        'the text of the report gives ' || stated_as || ' (' || section || '), but '
        || case
            when observed is null and statement_kind = 'change' then 'no table prints it'
            when observed is null then 'no table prints a score that can be read'
            when statement_kind = 'share'
                then part || ' of ' || base || ' people are ' || {{ as_written('cast(observed as decimal(18, 4))') }} || ' per cent'
            when statement_kind = 'change'
                then
                    'the table prints ' || case when observed > 0 then '+' else '' end
                    || {{ as_written('cast(observed as decimal(18, 4))') }}
            when statement_kind = 'lowest_of_new'
                then 'the lowest in the table is ' || {{ as_written('cast(observed as decimal(18, 4))') }}
            else 'the table gives ' || {{ as_written('cast(observed as decimal(18, 4))') }}
        end || '.' || coalesce(' ' || note || '.', '') as message,
        'Ask the publisher which of the two holds, and quote neither until then.' as suggestion,
        true as is_current,
        received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from held_against
    where observed is distinct from stated_value

),

of_assessments as (

    {% set of_an_assessment -%}
        assessments.source,
        assessments.source_document,
        assessments.organisation_code,
        assessments.organisation_name as organisation_as_written,
        assessments.as_at_date,
        assessments.figure,
        'dimension ' || assessments.dimension || coalesce(', ' || assessments.activity, '') as field,
        assessments.submission_id,
        assessments.source_file,
        assessments.source_sheet,
        assessments.source_row,
        cast(null as varchar) as source_cell,
        assessments.marked_under as value
    {%- endset %}

    select
        'maturity_level_unreadable' as rule_id,
        cast(null as varchar) as severity_here,
        {{ of_an_assessment }},
        'the assessment of dimension ' || assessments.dimension || coalesce(', ' || assessments.activity, '') || ' has no level: '
        || case assessments.level_status
            when 'contradictory' then 'its arrow runs from a higher level to a lower one'
            when 'not_supplied' then 'nothing stands in the row'
            when 'unreadable'
                then
                    case
                        when assessments.marked_under is null then 'its mark was lost when the table was transcribed'
                        else
                            'a mark stands under ' || replace(assessments.marked_under, '_', '-')
                            || ', and it is not known where it begins and ends'
                    end
        end || '.' as message,
        'Look the level up in the printed report or ask the organisation, and put an x under each level.' as suggestion,
        assessments.is_current,
        assessments.received_at as seen_at,
        assessments.superseded_at
    from assessments
    where
        assessments.is_published_printing
        and assessments.level_status in ('contradictory', 'not_supplied', 'unreadable')
    union all
    select
        'maturity_level_doubtful' as rule_id,
        cast(null as varchar) as severity_here,
        {{ of_an_assessment }},
        'for dimension ' || assessments.dimension || coalesce(', ' || assessments.activity, '') || ', the words of the arrow begin at '
        || replace(assessments.level_from, '_', '-') || ', but it stands under ' || replace(assessments.marked_under, '_', '-')
        || '. The words are used.' as message,
        'Compare the row with the printed page.' as suggestion,
        assessments.is_current,
        assessments.received_at as seen_at,
        assessments.superseded_at
    from assessments
    where assessments.is_published_printing and assessments.stands_under_another_level
    union all
    select
        'maturity_level_doubtful' as rule_id,
        cast(null as varchar) as severity_here,
        {{ of_an_assessment }},
        'for dimension ' || assessments.dimension || coalesce(', ' || assessments.activity, '') || ', ' || published_printing.figure
        || ' gives ' || replace(published_printing.level_from, '_', '-') || ' to ' || replace(published_printing.level_to, '_', '-')
        || ', but the mark in ' || assessments.figure || ' stands under ' || replace(assessments.marked_under, '_', '-')
        || '. The first is used.' as message,
        'Compare both with the printed pages.' as suggestion,
        assessments.is_current,
        assessments.received_at as seen_at,
        assessments.superseded_at
    from assessments
    inner join assessments as published_printing
        on
            published_printing.is_current
            and published_printing.is_published_printing
            and assessments.source_document = published_printing.source_document
            and assessments.organisation_name = published_printing.organisation_name
            and assessments.dimension = published_printing.dimension
            and assessments.activity is not distinct from published_printing.activity
    where
        assessments.is_current
        and not assessments.is_published_printing
        and published_printing.level_status = 'reported'
        and (
            assessments.last_marked_under_ordinal < published_printing.level_from_ordinal
            or assessments.first_marked_under_ordinal > published_printing.level_to_ordinal
            or (assessments.level_status = 'reported' and assessments.level_from is distinct from published_printing.level_from)
            or (assessments.level_status = 'reported' and assessments.level_to is distinct from published_printing.level_to)
        )

)

{% for finding in ['of_results', 'complements', 'contradicted', 'of_assessments'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
