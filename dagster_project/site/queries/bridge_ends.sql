-- What each source counts of the same staff, and what nothing explains, the latest day of each area
select
    geography_type,
    geography_code,
    geography_name,
    as_at_date,
    social_care_from,
    social_care_to,
    extract_as_at_date,
    max(value) filter (step = 'council_return') as council_return,
    max(value) filter (step = 'skills_for_care') as skills_for_care,
    max(value) filter (step = 'unexplained') as unexplained,
    max(value) filter (step = 'nhs_naming_the_council') as nhs_naming_the_council,
    max(councils_compared) as councils_compared
from marts.source_bridge
where measure = 'headcount'
group by
    geography_type, geography_code, geography_name, as_at_date, social_care_from, social_care_to, extract_as_at_date
qualify as_at_date = max(as_at_date) over (partition by geography_type, geography_code)
order by geography_type, geography_name, geography_code
