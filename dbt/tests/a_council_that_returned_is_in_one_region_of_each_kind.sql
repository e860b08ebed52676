-- On the day of its return each council is in exactly one ADASS region and one ONS region, and has at most one main system.
-- Rows: every council of fct_workforce is looked at; a council in no region at all is found by the left join.
with

returned as (

    select distinct
        organisation_code,
        as_at_date
    from {{ ref('fct_workforce') }}
    where source = 'council_returns'

),

kinds as (

    select unnest(['adass_region', 'ons_region', 'ics']) as geography_type

)

select
    returned.organisation_code,
    returned.as_at_date,
    kinds.geography_type,
    count(bridge.geography_code) as geographies_found
from returned
cross join kinds
left join {{ ref('bridge_organisation_geography') }} as bridge
    on
        returned.organisation_code = bridge.organisation_code
        and kinds.geography_type = bridge.geography_type
        and bridge.is_main
        and returned.as_at_date >= bridge.valid_from
        and returned.as_at_date <= coalesce(bridge.valid_to, date '9999-12-31')
-- Systems exist since July 2022.
where kinds.geography_type <> 'ics' or returned.as_at_date >= date '2022-07-01'
group by returned.organisation_code, returned.as_at_date, kinds.geography_type
having
    count(bridge.geography_code) > 1
    -- Which of the systems made in April 2026 a council belongs to is not known for all; that is a finding, and stops nobody.
    or (count(bridge.geography_code) = 0 and kinds.geography_type <> 'ics')
