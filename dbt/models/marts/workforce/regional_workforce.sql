{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

expected as (

    select * from {{ ref('int_geography__expected_returns') }}

),

by_return_group as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        false as is_roll_up,
        return_group,
        role_group,
        role_code,
        profession,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        count({{ measure }}) as {{ measure }}_councils_returned,
        {% endfor %}
        count(*) as councils_expected
    from expected
    group by all

),

by_council as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        count({{ measure }}) = count(*) as has_every_{{ measure }},
        {% endfor %}
        organisation_code
    from expected
    group by all

),

rolled_up as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        true as is_roll_up,
        cast(null as varchar) as return_group,
        cast(null as varchar) as role_group,
        cast(null as varchar) as role_code,
        cast(null as varchar) as profession,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        count(*) filter (where has_every_{{ measure }}) as {{ measure }}_councils_returned,
        {% endfor %}
        count(*) as councils_expected
    from by_council
    group by geography_type, geography_code, geography_name, as_at_date, source, source_document

),

together as (

    select * from by_return_group
    union all by name
    select * from rolled_up

)

select
    geography_type,
    geography_code,
    geography_name,
    as_at_date,
    source,
    source_document,
    is_roll_up,
    return_group,
    role_group,
    role_code,
    profession,
    cast(headcount as bigint) as headcount,
    cast(fte as decimal(18, 4)) as fte,
    cast(fte_permanent as decimal(18, 4)) as fte_permanent,
    cast(fte_temporary as decimal(18, 4)) as fte_temporary,
    cast(fte_vacant as decimal(18, 4)) as fte_vacant,
    councils_expected,
    headcount_councils_returned as councils_returned,
    fte_councils_returned,
    fte_permanent_councils_returned,
    fte_temporary_councils_returned,
    fte_vacant_councils_returned,
    case
        when least(
            headcount_councils_returned, fte_councils_returned, fte_permanent_councils_returned,
            fte_temporary_councils_returned, fte_vacant_councils_returned
        ) = councils_expected then 'complete'
        when coalesce(headcount, fte, fte_permanent, fte_temporary, fte_vacant) is null then 'not_supplied'
        else 'partial'
    end as value_status
from together
