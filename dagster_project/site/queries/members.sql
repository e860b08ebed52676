-- Councils of each area, with what each returned for the latest day of the area
with

latest as (

    select
        geography_type,
        geography_code,
        max(as_at_date) as as_at_date
    from marts.regional_workforce
    where source = 'council_returns' and geography_type <> 'council'
    group by geography_type, geography_code

)

select
    latest.geography_type,
    latest.geography_code,
    organisations.organisation_code,
    organisations.organisation_name,
    latest.as_at_date,
    coalesce(own.value_status, 'not_supplied') as value_status,
    statuses.symbol as value_symbol,
    statuses.meaning
from latest
inner join marts.bridge_organisation_geography as bridge
    on
        latest.geography_type = bridge.geography_type
        and latest.geography_code = bridge.geography_code
        and bridge.is_main
        and latest.as_at_date between bridge.valid_from and coalesce(bridge.valid_to, date '9999-12-31')
inner join marts.dim_organisation as organisations
    on
        bridge.organisation_code = organisations.organisation_code
        and organisations.organisation_type = 'council'
        and latest.as_at_date between organisations.valid_from and coalesce(organisations.valid_to, date '9999-12-31')
left join marts.regional_workforce as own
    on
        organisations.organisation_code = own.geography_code
        and own.geography_type = 'council'
        and own.source = 'council_returns'
        and latest.as_at_date = own.as_at_date
        and own.is_roll_up
left join reference.value_statuses as statuses on coalesce(own.value_status, 'not_supplied') = statuses.value_status
order by latest.geography_type, latest.geography_code, organisations.organisation_name
