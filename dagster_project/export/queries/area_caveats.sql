-- What has to be known before a number of an area is quoted, worked out from the numbers
select
    areas.area_kind,
    caveats.geography_name,
    caveats.geography_code,
    caveats.as_at_date,
    caveats.source,
    coalesce(return_groups.return_group_name, 'All groups') as return_group_name,
    replace(caveats.caveat, '_', ' ') as caveat,
    caveats.message as what_to_know
from quality.area_caveats as caveats
inner join chosen_areas as areas
    on caveats.geography_type = areas.geography_type and caveats.geography_code = areas.geography_code
left join reference.return_groups as return_groups on caveats.return_group = return_groups.return_group
-- The caution on comparing councils stands above every table.
where caveats.caveat <> 'council_against_council'
order by
    areas.kind_order desc,
    caveats.geography_name,
    caveats.geography_code,
    caveats.as_at_date desc,
    return_groups.figure nulls first,
    caveats.caveat,
    caveats.message
