-- Why do the council's return, Skills for Care and the NHS count different numbers of people for one council?
select
    geography_name as council,
    as_at_date as return_day,
    extract_as_at_date as nhs_day,
    step_number,
    replace(step, '_', ' ') as step,
    is_total,
    value as people,
    value_status
from marts.source_bridge
where
    measure = 'headcount'
    and geography_type = 'council'
    and geography_name = 'Derby' -- your council
order by as_at_date, step_number
