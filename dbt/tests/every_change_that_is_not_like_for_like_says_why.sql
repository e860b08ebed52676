-- A change that is partial, marked or refused gives its reason, and a comparable one needs none; a refused one shows no
-- change, and every other shows one.
-- Rows: every change is looked at. That none is lost is held by every_total_with_an_earlier_day_is_in_the_trend.
select
    geography_type,
    geography_code,
    return_group,
    measure,
    as_at_date,
    comparability,
    breaks
from {{ ref('workforce_trend') }}
where
    (comparability = 'comparable') <> (coalesce(trim(breaks), '') = '')
    or (comparability = 'refused') <> (change is null)
    or (comparability = 'refused') <> (matched_value is null)
    or (comparability = 'refused') <> (matched_previous_value is null)
    or (comparability = 'refused') <> (councils_in_both = 0)
    or councils_in_both > least(councils_returned, previous_councils_returned)
    or (comparability = 'comparable' and councils_in_both < greatest(councils_returned, previous_councils_returned))
    or (change_pct is null) <> (change is null or matched_previous_value = 0)
