with

counts as (

    select * from {{ ref('int_workforce__cells') }}
    where is_current and organisation_code is not null and field in ('students', 'apprentices')

),

funding_cells as (

    select * from {{ ref('stg_council_returns__pipeline_cells') }}
    where field = 'apprentice_funding'

),

routes as (

    select * from {{ ref('apprentice_funding') }}

),

-- "6 super numeri and 1 substantive (...)" is two parts with a number each; "Substantive OT posts" is one part without.
funding_parts as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        cell_text as funding_text,
        unnest(regexp_split_to_array(lower(cell_text), '\s+and\s+|;|\+')) as part_text
    from funding_cells
    where cell_text <> ''

),

parts_by_route as (

    select
        funding_parts.submission_id,
        funding_parts.figure,
        funding_parts.source_sheet,
        funding_parts.source_row,
        funding_parts.funding_text,
        funding_parts.part_text,
        try_cast(nullif(regexp_extract(funding_parts.part_text, '^\s*(\d+)\s', 1), '') as decimal(18, 4))
            as part_number,
        min(routes.funding_route) as funding_route,
        count(distinct routes.funding_route) as routes_matched
    from funding_parts
    left join routes on regexp_matches(funding_parts.part_text, routes.text_pattern)
    group by all

),

parts as (

    select
        *,
        count(*) over (partition by submission_id, figure, source_sheet, source_row) as parts_in_cell,
        sum(part_number) over (partition by submission_id, figure, source_sheet, source_row) as parts_total
    from parts_by_route

),

students as (

    select
        counts.*,
        'student' as learner_type,
        cast(null as varchar) as funding_route,
        cast(null as varchar) as funding_text,
        'not_applicable' as funding_status,
        value_used as pipeline_count
    from counts
    where field = 'students'

),

apprentices as (

    select
        counts.*,
        'degree_apprentice' as learner_type,
        case when parts.routes_matched = 1 then parts.funding_route end as funding_route,
        parts.funding_text,
        case
            when counts.value_used = 0 and parts.funding_text is null then 'not_applicable'
            when parts.funding_text is null then 'not_supplied'
            when parts.routes_matched <> 1 then 'unreadable'
            when parts.parts_in_cell > 1 and coalesce(parts.parts_total, -1) <> counts.value_used then 'contradictory'
            else 'reported'
        end as funding_status,
        case when parts.parts_in_cell > 1 then parts.part_number else counts.value_used end as pipeline_count
    from counts
    left join parts
        on
            counts.submission_id = parts.submission_id
            and counts.figure = parts.figure
            and counts.source_sheet = parts.source_sheet
            and counts.source_row = parts.source_row
    where counts.field = 'apprentices'

)

select * from students
union all
select * from apprentices
