-- How many degree apprentices qualify by when, beside the vacant FTE of occupational therapists
select
    areas.area_kind,
    apprentices.geography_name,
    apprentices.geography_code,
    apprentices.as_at_date,
    apprentices.source,
    apprentices.qualifying_year,
    replace(apprentices.funding_route, '_', ' ') as funding_route,
    apprentices.apprentices,
    apprentices.apprentices_qualified,
    apprentices.ot_fte_vacant,
    apprentices.councils_returned,
    apprentices.councils_expected,
    replace(apprentices.value_status, '_', ' ') as value_status
from marts.apprentices_qualifying as apprentices
inner join chosen_areas as areas
    on apprentices.geography_type = areas.geography_type and apprentices.geography_code = areas.geography_code
order by
    areas.kind_order,
    apprentices.geography_name,
    apprentices.geography_code,
    apprentices.as_at_date desc,
    apprentices.qualifying_year nulls last,
    apprentices.funding_route
