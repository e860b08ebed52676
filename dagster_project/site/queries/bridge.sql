-- The way from a council's return to Skills for Care and the NHS, step by step, the latest day of each area
select
    geography_type,
    geography_code,
    geography_name,
    as_at_date,
    social_care_from,
    social_care_to,
    extract_as_at_date,
    measure,
    step,
    is_total,
    value,
    value_status,
    unit,
    councils_compared,
    trusts_compared
from marts.source_bridge
qualify as_at_date = max(as_at_date) over (partition by geography_type, geography_code)
order by geography_type, geography_name, geography_code, measure, step_number
