-- What has to be known before a number of an area is quoted, the latest day of each area
select
    caveats.geography_type,
    caveats.geography_code,
    caveats.as_at_date,
    caveats.message
from quality.area_caveats as caveats
left join reference.return_groups as return_groups on caveats.return_group = return_groups.return_group
-- That councils must not be compared stands at the head of every page it is about.
where caveats.source = 'council_returns' and caveats.caveat <> 'council_against_council'
qualify
    caveats.as_at_date
    = max(caveats.as_at_date) over (partition by caveats.geography_type, caveats.geography_code)
order by caveats.geography_type, caveats.geography_code, caveats.caveat, return_groups.figure
