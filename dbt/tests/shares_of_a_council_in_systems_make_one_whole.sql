-- On every day on which a membership begins, the council's shares over systems add up to 1.
-- Rows: a row is added when no council has a system, so that an empty list fails.
with

systems as (

    select * from {{ ref('bridge_organisation_geography') }}
    where geography_type = 'ics'

),

first_days as (

    select distinct
        organisation_code,
        valid_from as on_day
    from systems

),

on_the_day as (

    select
        first_days.organisation_code,
        first_days.on_day,
        sum(systems.share) as share_total
    from first_days
    inner join systems
        on
            first_days.organisation_code = systems.organisation_code
            and first_days.on_day >= systems.valid_from
            and first_days.on_day <= coalesce(systems.valid_to, date '9999-12-31')
    group by first_days.organisation_code, first_days.on_day

)

select
    organisation_code,
    on_day,
    share_total
from on_the_day
where share_total <> 1
union all
select
    cast(null as varchar) as organisation_code,
    cast(null as date) as on_day,
    cast(0 as decimal(18, 4)) as share_total
where not exists (select 1 from systems)
