-- Which councils pay for occupational therapists with funding that ends, and would count as reliant on it?
select
    measures.geography_name as council,
    measures.as_at_date,
    measures.numerator as fte_temporary,
    measures.denominator as fte,
    round(measures.value, 1) as temporary_share_pct,
    measures.value / 100 >= policies.value as is_reliant,
    100 * policies.value as reliant_from_pct
from marts.regional_measures as measures
cross join reference.policies as policies
where
    measures.measure = 'temporary_share'
    and measures.geography_type = 'council'
    and measures.return_group = 'occupational_therapists'
    and measures.numerator > 0
    and policies.policy = 'reliant_temporary_share'
order by measures.geography_name, measures.as_at_date
