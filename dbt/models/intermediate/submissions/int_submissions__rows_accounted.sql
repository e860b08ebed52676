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

)

select
    landed_table,
    submission_id,
    count(*) as rows_landed,
    count(*) filter (where fate = 'published') as rows_published,
    count(*) filter (where fate = 'superseded') as rows_superseded,
    count(*) filter (where fate = 'held_back') as rows_held_back
from followed
group by landed_table, submission_id
