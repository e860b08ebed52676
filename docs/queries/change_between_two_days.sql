-- How has the number of occupational therapists changed between two days, like for like?
select
    geography_name as area,
    measure,
    previous_as_at_date as earlier_day,
    as_at_date as later_day,
    matched_previous_value as earlier,
    matched_value as later,
    change,
    councils_in_both,
    councils_expected,
    comparability,
    breaks
from marts.workforce_trend
where
    geography_type = 'adass_region' -- or ics, ons_region, council
    and return_group = 'occupational_therapists'
    and measure in ('headcount', 'fte', 'fte_vacant')
order by geography_name, as_at_date, measure
