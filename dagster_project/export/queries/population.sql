-- People who live in each area, by age
select
    areas.area_kind,
    population.geography_name,
    population.geography_code,
    population.reference_date,
    population.source,
    population.source_document,
    replace(population.age_group, '_', ' ') as age_group,
    population.people,
    population.councils_returned,
    population.councils_expected,
    replace(population.value_status, '_', ' ') as value_status
from marts.fct_population as population
inner join chosen_areas as areas
    on population.geography_type = areas.geography_type and population.geography_code = areas.geography_code
order by
    areas.kind_order,
    population.geography_name,
    population.geography_code,
    population.reference_date desc,
    list_position(
        ['all_ages', '0_to_17', '18_to_64', '65_and_over', '75_and_over', '85_and_over'], population.age_group
    )
