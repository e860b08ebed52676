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
cells_split as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        cell_text as funding_text,
        value_kind,
        regexp_split_to_array(lower(cell_text), '\s+and\s+|;|\+') as part_texts
    from funding_cells
    where cell_text <> ''

),

funding_parts as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        funding_text,
        value_kind,
        part_texts,
        unnest(range(1, len(part_texts) + 1)) as part_position
    from cells_split

),

parts_by_route as (

    select
        funding_parts.submission_id,
        funding_parts.figure,
        funding_parts.source_sheet,
        funding_parts.source_row,
        funding_parts.funding_text,
        funding_parts.value_kind,
        funding_parts.part_position,
        try_cast(
            nullif(regexp_extract(list_extract(funding_parts.part_texts, funding_parts.part_position), '^\s*(\d+)\s', 1), '')
            as decimal(18, 4)
        ) as part_number,
        min(routes.funding_route) as funding_route,
        count(distinct routes.funding_route) = 1 as is_route_known
    from funding_parts
    left join routes
        on regexp_matches(list_extract(funding_parts.part_texts, funding_parts.part_position), routes.text_pattern)
    group by all

),

cells_read as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        min(funding_text) as funding_text,
        min(value_kind) as value_kind,
        count(*) as parts_in_cell,
        bool_and(is_route_known) as is_every_route_known,
        count(part_number) as parts_with_number,
        sum(part_number) as parts_total,
        min(funding_route) as first_route
    from parts_by_route
    group by submission_id, figure, source_sheet, source_row

),

students as (

    select
        counts.*,
        'student' as learner_type,
        cast(null as varchar) as funding_route,
        cast(null as varchar) as funding_text,
        'not_applicable' as funding_status,
        value_used as pipeline_count,
        cast(null as decimal(38, 4)) as parts_total
    from counts
    where field = 'students'

),

apprentices as (

    select
        counts.*,
        cells_read.funding_text,
        cells_read.parts_in_cell,
        cells_read.parts_total,
        cells_read.first_route,
        case
            when cells_read.funding_text is null and counts.value_used = 0 then 'not_applicable'
            when cells_read.funding_text is null then 'not_supplied'
            when cells_read.value_kind = 'none' then 'none_stated'
            when cells_read.value_kind in ('not_applicable', 'queried', 'cannot_quantify') then cells_read.value_kind
            when not cells_read.is_every_route_known then 'unreadable'
            when
                cells_read.parts_in_cell = 1
                and (coalesce(cells_read.parts_total, counts.value_used) is not distinct from counts.value_used)
                then 'reported'
            when cells_read.parts_with_number < cells_read.parts_in_cell then 'unreadable'
            when cells_read.parts_total = counts.value_used then 'reported'
            else 'contradictory'
        end as funding_status
    from counts
    left join cells_read
        on
            counts.submission_id = cells_read.submission_id
            and counts.figure = cells_read.figure
            and counts.source_sheet = cells_read.source_sheet
            and counts.source_row = cells_read.source_row
    where counts.field = 'apprentices'

),

-- Only parts that account for every apprentice are told apart; otherwise the count stands whole, without a route.
apprentices_whole as (

    select
        apprentices.* exclude (parts_in_cell, parts_total, first_route, funding_text, funding_status),
        'degree_apprentice' as learner_type,
        case when funding_status = 'reported' then first_route end as funding_route,
        funding_text,
        funding_status,
        value_used as pipeline_count,
        parts_total
    from apprentices
    where funding_status <> 'reported' or parts_in_cell = 1

),

-- Two parts may be on one route, such as posts in two teams; they are one row.
parts_on_route as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        funding_route,
        sum(part_number) as part_number
    from parts_by_route
    group by submission_id, figure, source_sheet, source_row, funding_route

),

apprentices_in_parts as (

    select
        apprentices.* exclude (parts_in_cell, parts_total, first_route, funding_text, funding_status),
        'degree_apprentice' as learner_type,
        parts_on_route.funding_route,
        apprentices.funding_text,
        apprentices.funding_status,
        parts_on_route.part_number as pipeline_count,
        apprentices.parts_total
    from apprentices
    inner join parts_on_route
        on
            apprentices.submission_id = parts_on_route.submission_id
            and apprentices.figure = parts_on_route.figure
            and apprentices.source_sheet = parts_on_route.source_sheet
            and apprentices.source_row = parts_on_route.source_row
    where apprentices.funding_status = 'reported' and apprentices.parts_in_cell > 1

)

select * from students
union all
select * from apprentices_whole
union all
select * from apprentices_in_parts
