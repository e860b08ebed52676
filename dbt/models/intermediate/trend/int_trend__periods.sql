with

expected as (

    select * from {{ ref('int_geography__expected_returns') }}

),

changes as (

    select * from {{ ref('organisation_changes') }}

),

days as (

    select distinct
        source,
        geography_type,
        geography_code,
        geography_name,
        as_at_date
    from expected

),

-- A council that took over the whole of another's area and duties continues its series.
series as (

    select
        source,
        geography_type,
        geography_code,
        as_at_date,
        geography_code as code_on_the_day
    from days
    union all
    select
        days.source,
        days.geography_type,
        changes.successor_code as geography_code,
        days.as_at_date,
        days.geography_code as code_on_the_day
    from days
    inner join changes on days.geography_code = changes.predecessor_code and changes.is_comparable
    where days.geography_type = 'council'

),

with_day_before as (

    select
        days.source,
        days.geography_type,
        days.geography_code,
        days.geography_name,
        days.as_at_date,
        max(series.as_at_date) as previous_as_at_date,
        arg_max(series.code_on_the_day, series.as_at_date) as previous_geography_code
    from days
    inner join series
        on
            days.source = series.source
            and days.geography_type = series.geography_type
            and days.geography_code = series.geography_code
            and days.as_at_date > series.as_at_date
    group by days.source, days.geography_type, days.geography_code, days.geography_name, days.as_at_date

),

-- A council whose only forerunners are not comparable has no earlier day; it stands here so that somebody says why.
begun_anew as (

    select distinct
        days.source,
        days.geography_type,
        days.geography_code,
        days.geography_name,
        days.as_at_date,
        cast(null as date) as previous_as_at_date,
        cast(null as varchar) as previous_geography_code
    from days
    inner join changes on days.geography_code = changes.successor_code and not changes.is_comparable
    inner join days as days_of_predecessor
        on
            changes.predecessor_code = days_of_predecessor.geography_code
            and days.source = days_of_predecessor.source
            and days_of_predecessor.geography_type = 'council'
    anti join with_day_before
        on
            days.source = with_day_before.source
            and days.geography_type = with_day_before.geography_type
            and days.geography_code = with_day_before.geography_code
            and days.as_at_date = with_day_before.as_at_date
    where days.geography_type = 'council'

)

select * from with_day_before
union all
select * from begun_anew
