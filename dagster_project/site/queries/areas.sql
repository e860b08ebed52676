-- Areas with numbers: the latest day of each, and the councils in it
select
    geography_type,
    geography_code,
    arg_max(geography_name, as_at_date) as geography_name,
    max(as_at_date) as latest_as_at_date,
    arg_max(councils_expected, as_at_date) as councils_expected,
    arg_max(value_status, as_at_date) filter (is_roll_up and return_group is null) as value_status
from marts.regional_workforce
where source = 'council_returns'
group by geography_type, geography_code
order by geography_type, geography_name, geography_code
