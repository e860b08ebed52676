-- Degree apprentices by the year they qualify, beside vacant FTE, the latest day of each area
select
    geography_type,
    geography_code,
    as_at_date,
    coalesce(cast(qualifying_year as varchar), 'not told') as qualifying_year,
    coalesce(replace(funding_route, '_', ' '), 'not told') as funding_route,
    apprentices,
    apprentices_qualified,
    ot_fte_vacant,
    councils_returned || ' of ' || councils_expected as councils
from marts.apprentices_qualifying
where source = 'council_returns' and apprentices > 0
qualify as_at_date = max(as_at_date) over (partition by geography_type, geography_code)
order by geography_type, geography_code, qualifying_year nulls last, funding_route nulls last
