-- Each number of each group in regional_workforce whose area has an earlier day stands in workforce_trend, as it is there,
-- beside the number of the latest day before.
-- Rows: the totals are read from regional_workforce, so a trend that lost rows cannot hide it. With one day only there is
-- nothing to find, and rightly.
{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

totals as (

    {% for measure in measures %}
    select
        source,
        geography_type,
        geography_code,
        return_group,
        '{{ measure }}' as measure,
        as_at_date,
        cast({{ measure }} as decimal(18, 4)) as value
    from {{ ref('regional_workforce') }}
    where not is_roll_up
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

with_the_day_before as (

    select
        *,
        lag(as_at_date) over days_of_the_area as previous_as_at_date,
        lag(value) over days_of_the_area as previous_value
    from totals
    window days_of_the_area as (
        partition by source, geography_type, geography_code, return_group, measure order by as_at_date
    )

)

select
    totals.geography_type,
    totals.geography_code,
    totals.return_group,
    totals.measure,
    totals.as_at_date,
    totals.previous_as_at_date,
    totals.value,
    trend.value as value_in_the_trend
from with_the_day_before as totals
left join {{ ref('workforce_trend') }} as trend
    on
        totals.source = trend.source
        and totals.geography_type = trend.geography_type
        and totals.geography_code = trend.geography_code
        and totals.return_group = trend.return_group
        and totals.measure = trend.measure
        and totals.as_at_date = trend.as_at_date
where
    totals.previous_as_at_date is not null
    and (
        trend.source is null
        or totals.previous_as_at_date is distinct from trend.previous_as_at_date
        or totals.value is distinct from trend.value
        or totals.previous_value is distinct from trend.previous_value
    )
