-- How many of the councils expected stand behind each total
select
    areas.area_kind,
    workforce.geography_name,
    workforce.geography_code,
    workforce.as_at_date,
    workforce.source,
    coalesce(return_groups.return_group_name, 'All groups') as return_group_name,
    workforce.councils_expected,
    workforce.councils_returned,
    workforce.fte_councils_returned,
    workforce.fte_permanent_councils_returned,
    workforce.fte_temporary_councils_returned,
    workforce.fte_vacant_councils_returned,
    replace(workforce.value_status, '_', ' ') as value_status
from marts.regional_workforce as workforce
inner join chosen_areas as areas
    on workforce.geography_type = areas.geography_type and workforce.geography_code = areas.geography_code
left join reference.return_groups as return_groups on workforce.return_group = return_groups.return_group
where workforce.source = 'council_returns' and (workforce.is_roll_up or workforce.return_group is not null)
order by
    areas.kind_order desc,
    workforce.geography_name,
    workforce.geography_code,
    workforce.as_at_date desc,
    workforce.is_roll_up,
    return_groups.figure
