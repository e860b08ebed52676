-- The change of a region or system is the sum of the changes of the councils that were in it on both days.
-- Rows: every change of an area is looked at. There are none while every area has one day only; that none is lost is held
-- by every_total_with_an_earlier_day_is_in_the_trend.
with

trend as (

    select * from {{ ref('workforce_trend') }}

),

memberships as (

    select
        organisation_code,
        geography_type,
        geography_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('bridge_organisation_geography') }}
    where is_main

),

-- A council as it is, and as it was where it replaced another in the same area.
forms as (

    select
        organisation_code,
        organisation_code as earlier_code
    from {{ ref('dim_organisation') }}
    union all
    select
        successor_code as organisation_code,
        predecessor_code as earlier_code
    from {{ ref('organisation_changes') }}
    where is_comparable

),

summed as (

    select
        memberships.geography_type,
        memberships.geography_code,
        trend.source,
        trend.return_group,
        trend.measure,
        trend.as_at_date,
        trend.previous_as_at_date,
        sum(trend.change) as change,
        sum(trend.councils_in_both) as councils_in_both
    from trend
    inner join forms on trend.geography_code = forms.organisation_code
    inner join memberships
        on
            trend.geography_code = memberships.organisation_code
            and trend.as_at_date between memberships.valid_from and memberships.valid_to
    inner join memberships as earlier_memberships
        on
            forms.earlier_code = earlier_memberships.organisation_code
            and memberships.geography_type = earlier_memberships.geography_type
            and memberships.geography_code = earlier_memberships.geography_code
            and trend.previous_as_at_date between earlier_memberships.valid_from and earlier_memberships.valid_to
    where trend.geography_type = 'council' and trend.comparability in ('comparable', 'marked')
    group by
        memberships.geography_type, memberships.geography_code, trend.source, trend.return_group, trend.measure,
        trend.as_at_date, trend.previous_as_at_date

)

select
    areas.geography_type,
    areas.geography_code,
    areas.return_group,
    areas.measure,
    areas.as_at_date,
    areas.change,
    summed.change as change_of_its_councils
from trend as areas
left join summed
    on
        areas.geography_type = summed.geography_type
        and areas.geography_code = summed.geography_code
        and areas.source = summed.source
        and areas.return_group = summed.return_group
        and areas.measure = summed.measure
        and areas.as_at_date = summed.as_at_date
        and areas.previous_as_at_date = summed.previous_as_at_date
where
    areas.geography_type <> 'council'
    and (areas.change is distinct from summed.change or areas.councils_in_both <> coalesce(summed.councils_in_both, 0))
