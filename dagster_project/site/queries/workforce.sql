-- Staff by area, day and group of staff
select
    workforce.geography_type,
    workforce.geography_code,
    workforce.as_at_date,
    workforce.as_at_date = max(workforce.as_at_date) over (
        partition by workforce.geography_type, workforce.geography_code
    ) as is_latest,
    workforce.is_roll_up,
    workforce.return_group,
    coalesce(return_groups.return_group_name, 'All groups') as return_group_name,
    workforce.headcount,
    workforce.fte,
    workforce.fte_permanent,
    workforce.fte_temporary,
    workforce.fte_vacant,
    workforce.councils_expected,
    workforce.councils_returned as headcount_councils_returned,
    workforce.fte_councils_returned,
    workforce.fte_permanent_councils_returned,
    workforce.fte_temporary_councils_returned,
    workforce.fte_vacant_councils_returned,
    workforce.value_status,
    statuses.symbol as value_symbol
from marts.regional_workforce as workforce
left join reference.return_groups as return_groups on workforce.return_group = return_groups.return_group
left join reference.value_statuses as statuses on workforce.value_status = statuses.value_status
where workforce.source = 'council_returns'
order by
    workforce.geography_type,
    workforce.geography_code,
    workforce.as_at_date desc,
    workforce.is_roll_up,
    return_groups.figure
