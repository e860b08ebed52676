-- How many student placements and degree apprentices are there for each occupational therapist?
select
    geography_name as region,
    as_at_date,
    measure,
    numerator as learners,
    denominator as occupational_therapists,
    round(value, 3) as learners_per_therapist,
    councils_returned,
    councils_expected,
    caveat
from marts.regional_measures
where
    measure in ('students_per_ot', 'apprentices_per_ot')
    and geography_type = 'adass_region'
order by geography_name, as_at_date, measure
