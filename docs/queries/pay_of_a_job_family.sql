-- What do councils pay experienced occupational therapists, and how sure is each range?
select
    pay.organisation_name as council,
    pay.pay_year,
    pay.pay_scale,
    pay.pay_minimum,
    pay.pay_maximum,
    pay.value_status,
    statuses.meaning as what_the_status_means,
    pay.cell_text as as_printed
from marts.fct_pay_scale as pay
inner join reference.value_statuses as statuses on pay.value_status = statuses.value_status
inner join marts.bridge_organisation_geography as bridge
    on
        pay.organisation_code = bridge.organisation_code
        and pay.as_at_date between bridge.valid_from and coalesce(bridge.valid_to, date '9999-12-31')
        and bridge.is_main
where
    pay.job_family = 'experienced_ot' -- reference.job_families lists them
    and bridge.geography_type = 'adass_region'
    and bridge.geography_name = 'East Midlands'
order by pay.organisation_name, pay.pay_year, pay.range_number
