-- How many occupational therapist posts stand vacant in each region, and how many councils is that number built on?
select
    measures.geography_name as region,
    measures.as_at_date,
    workforce.headcount,
    workforce.fte,
    measures.numerator as fte_vacant,
    round(measures.value, 2) as vacancy_rate_pct,
    measures.councils_returned,
    measures.councils_expected,
    measures.status
from marts.regional_measures as measures
inner join marts.regional_workforce as workforce
    on
        measures.source = workforce.source
        and measures.source_document = workforce.source_document
        and measures.as_at_date = workforce.as_at_date
        and measures.geography_code = workforce.geography_code
        and measures.return_group = workforce.return_group
        and not workforce.is_roll_up
where
    measures.measure = 'vacancy_rate'
    and measures.geography_type = 'adass_region' -- or ics, ons_region, council; one kind at a time
    and measures.return_group = 'occupational_therapists'
order by measures.geography_name, measures.as_at_date
