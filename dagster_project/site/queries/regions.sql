-- Occupational therapists by ADASS region, the latest two days of each
select
    workforce.geography_type,
    workforce.geography_code,
    workforce.geography_name,
    workforce.as_at_date,
    workforce.as_at_date = max(workforce.as_at_date) over (partition by workforce.geography_code) as is_newest,
    workforce.is_roll_up,
    workforce.headcount,
    workforce.fte,
    workforce.fte_permanent,
    workforce.fte_temporary,
    workforce.fte_vacant,
    workforce.councils_expected,
    workforce.councils_returned as headcount_councils_returned,
    workforce.fte_councils_returned,
    workforce.fte_permanent_councils_returned,
    workforce.fte_temporary_councils_returned,
    workforce.fte_vacant_councils_returned,
    workforce.value_status,
    statuses.symbol as value_symbol,
    rates.value as vacancy_rate,
    rates.status as vacancy_rate_status,
    rates.councils_returned as vacancy_rate_councils_returned
from marts.regional_workforce as workforce
left join reference.value_statuses as statuses on workforce.value_status = statuses.value_status
left join marts.regional_measures as rates
    on
        workforce.geography_type = rates.geography_type
        and workforce.geography_code = rates.geography_code
        and workforce.source = rates.source
        and workforce.as_at_date = rates.as_at_date
        and workforce.return_group = rates.return_group
        and rates.measure = 'vacancy_rate'
where
    workforce.geography_type = 'adass_region'
    and workforce.source = 'council_returns'
    and workforce.return_group = 'occupational_therapists'
qualify dense_rank() over (partition by workforce.geography_code order by workforce.as_at_date desc) <= 2
order by workforce.geography_name, workforce.as_at_date desc
