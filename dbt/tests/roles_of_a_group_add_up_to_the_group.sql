-- Where every council is known in every role and profession of a group, these add up to the group in regional_workforce.
-- Rows: each group of regional_workforce must have rows in regional_workforce_by_role, so an empty table fails.
{% set councils_returned = {
    'headcount': 'councils_returned',
    'fte': 'fte_councils_returned',
    'fte_permanent': 'fte_permanent_councils_returned',
    'fte_temporary': 'fte_temporary_councils_returned',
    'fte_vacant': 'fte_vacant_councils_returned',
} %}

with

added_up as (

    select
        {% for measure, returned in councils_returned.items() %}
        case when bool_and({{ returned }} = councils_expected) then sum({{ measure }}) end as {{ measure }},
        {% endfor %}
        geography_type,
        geography_code,
        source,
        as_at_date,
        return_group
    from {{ ref('regional_workforce_by_role') }}
    group by geography_type, geography_code, source, as_at_date, return_group

),

whole_groups as (

    select * from {{ ref('regional_workforce') }}
    where not is_roll_up

)

select
    coalesce(whole_groups.geography_code, added_up.geography_code) as geography_code,
    coalesce(whole_groups.as_at_date, added_up.as_at_date) as as_at_date,
    coalesce(whole_groups.return_group, added_up.return_group) as return_group
from whole_groups
full join added_up
    on
        whole_groups.geography_type = added_up.geography_type
        and whole_groups.geography_code = added_up.geography_code
        and whole_groups.source = added_up.source
        and whole_groups.as_at_date = added_up.as_at_date
        and whole_groups.return_group = added_up.return_group
where
    whole_groups.geography_code is null
    or added_up.geography_code is null
    {% for measure in councils_returned %}
    or (added_up.{{ measure }} is not null and added_up.{{ measure }} is distinct from whole_groups.{{ measure }})
    {% endfor %}
