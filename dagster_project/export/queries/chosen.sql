-- Which areas and organisations the workbook is about
create temp table chosen_areas as
with

first_day as (

    select min(as_at_date) as as_at_date
    from marts.dim_period

),

placed as (

    select distinct
        bridge.organisation_code,
        bridge.geography_type,
        bridge.geography_code
    from marts.bridge_organisation_geography as bridge
    inner join first_day on coalesce(bridge.valid_to, date '9999-12-31') >= first_day.as_at_date
    inner join marts.dim_organisation as organisations
        on bridge.organisation_code = organisations.organisation_code and organisations.organisation_type = 'council'
    where bridge.is_main and bridge.geography_type in ('adass_region', 'ons_region', 'ics')

),

councils as (

    select organisation_code
    from placed
    where
        getvariable('geography_type') = 'all'
        or (geography_type = getvariable('geography_type') and geography_code = getvariable('geography_code'))
        or (getvariable('geography_type') = 'council' and organisation_code = getvariable('geography_code'))

),

areas as (

    select
        'council' as geography_type,
        organisation_code as geography_code
    from councils
    union
    -- The region that counts here is that of the directors of adult social services; only the workbook of everything
    -- holds the regions of the Office for National Statistics too.
    select
        placed.geography_type,
        placed.geography_code
    from placed
    inner join councils on placed.organisation_code = councils.organisation_code
    where placed.geography_type <> 'ons_region' or getvariable('geography_type') = 'all'

)

select
    geography_type,
    geography_code,
    case geography_type
        when 'adass_region' then 'ADASS region'
        when 'ons_region' then 'ONS region'
        when 'ics' then 'Integrated care system'
        when 'council' then 'Council'
    end as area_kind,
    list_position(['council', 'ics', 'adass_region', 'ons_region'], geography_type) as kind_order
from areas;

create temp table chosen_organisations as
select geography_code as organisation_code
from chosen_areas
where geography_type = 'council'
union
-- Trusts go with their system, but not into the workbook of one council.
select bridge.organisation_code
from marts.bridge_organisation_geography as bridge
inner join marts.dim_organisation as organisations
    on bridge.organisation_code = organisations.organisation_code and organisations.organisation_type <> 'council'
inner join chosen_areas as areas
    on bridge.geography_type = areas.geography_type and bridge.geography_code = areas.geography_code
where bridge.is_main and getvariable('geography_type') <> 'council';
