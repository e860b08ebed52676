with

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

),

published as (

    select distinct
        submission_id,
        figure,
        organisation_code
    from {{ ref('fct_workforce') }}
    union all
    select distinct
        submission_id,
        figure,
        organisation_code
    from {{ ref('fct_pipeline') }}
    union all
    select distinct
        submission_id,
        figure,
        organisation_code
    from {{ ref('fct_pay_scale') }}
    union all
    select distinct
        submission_id,
        figure,
        organisation_code
    from {{ ref('fct_leadership') }}

),

landed as (

    {% for table in ['workforce', 'pipeline', 'pay', 'leadership'] %}
    select
        'council_{{ table }}' as landed_table,
        submission_id,
        source_document,
        figure,
        source_sheet,
        source_row
    from {{ ref('stg_council_returns__' ~ table ~ '_cells') }}
    {{ 'union' if not loop.last }}
    {% endfor %}

),

-- The rows of a council's own return are followed one by one.
own_rows_published as (

    select
        'return_workforce' as landed_table,
        submission_id,
        source_sheet,
        source_row
    from {{ ref('fct_workforce_by_title') }}
    union
    select
        'return_learners' as landed_table,
        submission_id,
        source_sheet,
        source_row
    from {{ ref('fct_pipeline') }}

),

own_landed as (

    {% for table, cells in {'return_workforce': 'return_workforce_cells', 'return_learners': 'return_learner_cells'}.items() %}
    select distinct
        '{{ table }}' as landed_table,
        submission_id,
        source_sheet,
        source_row
    from {{ ref('stg_council_returns__' ~ cells) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

own_followed as (

    select
        own_landed.landed_table,
        own_landed.submission_id,
        case
            when council_rows.submission_id is null then 'lost'
            when not council_rows.is_current then 'superseded'
            when own_rows_published.submission_id is not null then 'published'
            else 'lost'
        end as fate
    from own_landed
    left join council_rows
        on
            own_landed.submission_id = council_rows.submission_id
            and own_landed.source_sheet = council_rows.source_sheet
            and own_landed.source_row = council_rows.source_row
    left join own_rows_published
        on
            own_landed.landed_table = own_rows_published.landed_table
            and own_landed.submission_id = own_rows_published.submission_id
            and own_landed.source_sheet = own_rows_published.source_sheet
            and own_landed.source_row = own_rows_published.source_row

),

-- A result that is printed twice is published once; of two printings that differ one is held back, and a finding names it.
survey_rows as (

    select
        'employer_standards' as landed_table,
        landed.submission_id,
        case
            when not figures.is_current then 'superseded'
            when bool_or(published_results.result is not null) then 'published'
            else 'held_back'
        end as fate
    from (
        select distinct
            submission_id,
            source_document,
            figure,
            source_sheet,
            source_row
        from {{ ref('stg_employer_standards__cells') }}
    ) as landed
    inner join {{ ref('int_submissions__figures') }} as figures
        on
            landed.submission_id = figures.submission_id
            and landed.source_document = figures.source_document
            and landed.figure = figures.figure
    left join {{ ref('int_surveys__results') }} as results
        on
            results.is_current
            and (
                (
                    landed.submission_id = results.submission_id
                    and landed.source_sheet = results.source_sheet
                    and landed.source_row = results.source_row
                )
                or (
                    landed.submission_id = results.respondents_submission_id
                    and landed.source_sheet = results.respondents_source_sheet
                    and landed.source_row = results.respondents_source_row
                )
            )
    left join {{ ref('int_surveys__results') }} as published_results
        on
            published_results.is_current
            and published_results.is_published_printing
            and published_results.geography_type is not null
            and results.result = published_results.result
            and results.survey_year = published_results.survey_year
            and results.printed_number is not distinct from published_results.printed_number
    group by landed.submission_id, landed.figure, landed.source_sheet, landed.source_row, figures.is_current

),

maturity_rows as (

    select
        'maturity' as landed_table,
        submission_id,
        case when is_current then 'published' else 'superseded' end as fate
    from {{ ref('int_maturity__assessments') }}

),

followed as (

    select
        landed.landed_table,
        landed.submission_id,
        case
            when council_rows.submission_id is null then 'lost'
            when not council_rows.is_current then 'superseded'
            when published.organisation_code is not null then 'published'
            when council_rows.organisation_code is null then 'held_back'
            else 'lost'
        end as fate
    from landed
    left join council_rows
        on
            landed.submission_id = council_rows.submission_id
            and landed.figure = council_rows.figure
            and landed.source_sheet = council_rows.source_sheet
            and landed.source_row = council_rows.source_row
    left join published
        on
            council_rows.submission_id = published.submission_id
            and council_rows.figure = published.figure
            and council_rows.organisation_code = published.organisation_code
    union all
    select * from own_followed
    union all
    select * from survey_rows
    union all
    select * from maturity_rows

),

-- Most lines of an extract are of staff who are no AHPs, or of assignments that are no post.
extracts as (

    select
        'esr_assignments' as landed_table,
        submission_id,
        cast(sum(rows_landed) as bigint) as rows_landed,
        cast(sum(rows_landed) filter (where not is_current) as bigint) as rows_superseded,
        cast(sum(rows_landed) filter (where is_current and not is_known_organisation) as bigint) as rows_held_back
    from {{ ref('int_esr__extracts') }}
    group by submission_id

),

assignments as (

    select
        submission_id,
        count(*) filter (where is_ahp and is_counted) as rows_published,
        count(*) filter (where not is_ahp or not is_counted) as rows_out_of_scope
    from {{ ref('int_esr__assignments') }}
    where is_known_organisation
    group by submission_id

),

-- Of social care, workers in other job roles are counted while a file is read and are not landed.
care_extracts as (

    select
        landed_table,
        submission_id,
        cast(sum(rows_landed) as bigint) as rows_landed,
        cast(sum(rows_landed) filter (where not is_current) as bigint) as rows_superseded,
        cast(sum(rows_landed) filter (where is_current and not is_known_organisation) as bigint) as rows_held_back
    from {{ ref('int_asc_wds__extracts') }}
    group by landed_table, submission_id

),

care_rows as (

    select
        submission_id,
        count(*) filter (where is_counted and is_ahp) as rows_published,
        count(*) filter (where not is_counted) as rows_out_of_scope,
        count(*) filter (where is_counted and not is_ahp) as rows_held_back
    from {{ ref('int_asc_wds__workers') }}
    where is_known_organisation
    group by submission_id
    union all
    select
        submission_id,
        count(*) filter (where is_counted) as rows_published,
        count(*) filter (where not is_counted) as rows_out_of_scope,
        0 as rows_held_back
    from {{ ref('int_asc_wds__workplaces') }}
    where is_known_organisation
    group by submission_id
    union all
    select
        submission_id,
        count(*) filter (where is_ahp) as rows_published,
        count(*) filter (where not is_ahp) as rows_out_of_scope,
        0 as rows_held_back
    from {{ ref('int_asc_wds__published_rates') }}
    where is_known_organisation
    group by submission_id
    union all
    select
        submission_id,
        cast(sum(accounts) as bigint) as rows_published,
        0 as rows_out_of_scope,
        0 as rows_held_back
    from {{ ref('fct_social_care_return_progress') }}
    group by submission_id

),

not_landed as (

    select
        submission_id,
        rows_out_of_scope
    from {{ ref('int_submissions__latest') }}
    where rows_out_of_scope > 0

)

select
    landed_table,
    submission_id,
    count(*) as rows_landed,
    count(*) filter (where fate = 'published') as rows_published,
    count(*) filter (where fate = 'superseded') as rows_superseded,
    count(*) filter (where fate = 'held_back') as rows_held_back,
    0 as rows_out_of_scope
from followed
group by landed_table, submission_id
union all
select
    extracts.landed_table,
    extracts.submission_id,
    extracts.rows_landed,
    coalesce(assignments.rows_published, 0) as rows_published,
    coalesce(extracts.rows_superseded, 0) as rows_superseded,
    coalesce(extracts.rows_held_back, 0) as rows_held_back,
    coalesce(assignments.rows_out_of_scope, 0) as rows_out_of_scope
from extracts
left join assignments on extracts.submission_id = assignments.submission_id
union all
select
    coalesce(care_extracts.landed_table, 'asc_wds_workers') as landed_table,
    coalesce(care_extracts.submission_id, not_landed.submission_id) as submission_id,
    coalesce(care_extracts.rows_landed, 0) + coalesce(not_landed.rows_out_of_scope, 0) as rows_landed,
    coalesce(care_rows.rows_published, 0) as rows_published,
    coalesce(care_extracts.rows_superseded, 0) as rows_superseded,
    coalesce(care_extracts.rows_held_back, 0) + coalesce(care_rows.rows_held_back, 0) as rows_held_back,
    coalesce(care_rows.rows_out_of_scope, 0) + coalesce(not_landed.rows_out_of_scope, 0) as rows_out_of_scope
from care_extracts
left join care_rows on care_extracts.submission_id = care_rows.submission_id
full join not_landed on care_extracts.submission_id = not_landed.submission_id
