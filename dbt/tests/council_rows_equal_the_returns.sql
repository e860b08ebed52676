-- A council's own rows in regional_workforce and regional_workforce_by_role are its rows in fct_workforce, number for number.
-- Rows: every row of fct_workforce must find its partner in both, so an empty table fails.
{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}
{% set may_not_apply = {
    'fte_permanent': " or fte_permanent_status = 'not_applicable'",
    'fte_temporary': " or fte_temporary_status = 'not_applicable'",
    'fte_vacant': " or fte_vacant_status = 'not_applicable'",
} %}

with

-- Each row counts in its whole group and in its role and profession.
returned as (

    select
        * replace (null as role_group, null as role_code, null as profession),
        true as is_whole_group
    from {{ ref('fct_workforce') }}
    where source = 'council_returns'
    union all by name
    select
        *,
        false as is_whole_group
    from {{ ref('fct_workforce') }}
    where source = 'council_returns'

),

council_level as (

    select
        * replace (null as role_group, null as role_code, null as profession),
        true as is_whole_group
    from {{ ref('regional_workforce') }}
    where geography_type = 'council' and not is_roll_up
    union all by name
    select
        *,
        false as is_whole_group
    from {{ ref('regional_workforce_by_role') }}
    where geography_type = 'council'

),

workforce as (

    select
        {% for measure in measures %}
        -- A number with a part missing is not known; what does not apply to a row adds nothing.
        case when bool_and({{ measure }} is not null{{ may_not_apply[measure] }}) then sum({{ measure }}) end as {{ measure }},
        {% endfor %}
        organisation_code,
        source,
        as_at_date,
        return_group,
        is_whole_group,
        role_group,
        role_code,
        profession
    from returned
    group by organisation_code, source, as_at_date, return_group, is_whole_group, role_group, role_code, profession

)

select
    coalesce(workforce.organisation_code, council_level.geography_code) as organisation_code,
    coalesce(workforce.as_at_date, council_level.as_at_date) as as_at_date,
    coalesce(workforce.return_group, council_level.return_group) as return_group,
    coalesce(workforce.is_whole_group, council_level.is_whole_group) as is_whole_group
from workforce
full join council_level
    on
        workforce.organisation_code = council_level.geography_code
        and workforce.source = council_level.source
        and workforce.as_at_date = council_level.as_at_date
        and workforce.return_group = council_level.return_group
        and workforce.is_whole_group = council_level.is_whole_group
        and workforce.role_group is not distinct from council_level.role_group
        and workforce.role_code is not distinct from council_level.role_code
        and workforce.profession is not distinct from council_level.profession
where
    (workforce.organisation_code is not null and council_level.geography_code is null)
    -- A group that a council has not returned stands all the same, without numbers.
    {% for measure in measures %}
    or workforce.{{ measure }} is distinct from council_level.{{ measure }}
    {% endfor %}
