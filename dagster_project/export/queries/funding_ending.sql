-- What would be left of the staff in post if temporary funding ended when councils say it does
select
    return_groups.return_group_name,
    areas.area_kind,
    ending.geography_name,
    ending.geography_code,
    ending.as_at_date,
    ending.source,
    replace(ending.funding_stream, '_', ' ') as funding_stream,
    ending.ends_on,
    ending.fte_ending,
    ending.fte_ended,
    ending.fte_in_post,
    ending.fte_left,
    ending.ended_pct,
    ending.councils_returned,
    ending.councils_expected,
    replace(ending.value_status, '_', ' ') as value_status
from marts.funding_ending as ending
inner join chosen_areas as areas
    on ending.geography_type = areas.geography_type and ending.geography_code = areas.geography_code
left join reference.return_groups as return_groups on ending.return_group = return_groups.return_group
order by
    return_groups.figure,
    areas.kind_order,
    ending.geography_name,
    ending.geography_code,
    ending.as_at_date desc,
    ending.ends_on nulls last,
    ending.funding_stream
