-- Every council of today, the areas it lies in, and the latest day it has numbers for
with

latest as (

    select
        organisation_code,
        max(as_at_date) as latest_as_at_date
    from marts.fct_workforce
    where source = 'council_returns'
    group by organisation_code

)

select
    organisations.organisation_code,
    organisations.organisation_name,
    upper(left(organisations.organisation_name, 1)) as letter,
    organisations.council_type,
    regions.geography_code as region_code,
    regions.geography_name as region_name,
    systems.geography_code as system_code,
    systems.geography_name as system_name,
    latest.latest_as_at_date
from marts.dim_organisation as organisations
left join marts.bridge_organisation_geography as regions
    on
        organisations.organisation_code = regions.organisation_code
        and regions.geography_type = 'adass_region'
        and regions.is_main
        and regions.valid_to is null
left join marts.bridge_organisation_geography as systems
    on
        organisations.organisation_code = systems.organisation_code
        and systems.geography_type = 'ics'
        and systems.is_main
        and systems.valid_to is null
left join latest on organisations.organisation_code = latest.organisation_code
where organisations.organisation_type = 'council' and organisations.valid_to is null
order by organisations.organisation_name
