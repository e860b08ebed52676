-- Rates and ratios by area and group of staff, the latest day of each area
select
    measures.geography_type,
    measures.geography_code,
    measures.as_at_date,
    named.measure,
    named.measure_name,
    -- Some measures are told apart by a job family, others by a day or a year.
    coalesce(job_families.job_family_name, measures.field, '') as field,
    measures.return_group,
    coalesce(return_groups.return_group_name, '') as return_group_name,
    measures.value,
    measures.unit,
    measures.numerator,
    measures.denominator,
    named.numerator as numerator_name,
    named.denominator as denominator_name,
    measures.councils_expected,
    measures.councils_returned,
    measures.status,
    statuses.symbol as status_symbol,
    measures.definition,
    measures.caveat
from marts.regional_measures as measures
left join reference.measures as named on measures.measure = named.measure
left join reference.return_groups as return_groups on measures.return_group = return_groups.return_group
left join reference.job_families as job_families on measures.field = job_families.job_family
left join reference.value_statuses as statuses on measures.status = statuses.value_status
-- How many councils stand behind each number is shown beside the number itself.
where measures.source = 'council_returns' and measures.measure <> 'coverage'
qualify
    measures.as_at_date
    = max(measures.as_at_date) over (partition by measures.geography_type, measures.geography_code)
-- What most people come for stands first.
order by
    measures.geography_type,
    measures.geography_code,
    named.measure = 'vacancy_rate' desc,
    named.measure_name,
    return_groups.figure,
    measures.field
