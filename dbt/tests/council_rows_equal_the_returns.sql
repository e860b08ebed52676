-- A council's own row in regional_workforce is its row in fct_workforce, number for number.
-- Rows: every row of fct_workforce must find its partner, so an empty regional_workforce fails.
{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

council_level as (

    select
        geography_code,
        source,
        as_at_date,
        return_group,
        role_group,
        role_code,
        profession,
        {% for measure in measures %}
        {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('regional_workforce') }}
    where geography_type = 'council' and not is_roll_up

),

workforce as (

    select
        organisation_code,
        source,
        as_at_date,
        return_group,
        role_group,
        role_code,
        profession,
        {% for measure in measures %}
        -- A number with a part missing is not known; what does not apply to a row adds nothing.
        case
            when bool_and({{ measure }} is not null
                {%- if measure not in ('headcount', 'fte') %} or {{ measure }}_status = 'not_applicable'{% endif %})
                then sum({{ measure }})
        end as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_workforce') }}
    group by organisation_code, source, as_at_date, return_group, role_group, role_code, profession

)

select
    coalesce(workforce.organisation_code, council_level.geography_code) as organisation_code,
    coalesce(workforce.as_at_date, council_level.as_at_date) as as_at_date,
    coalesce(workforce.return_group, council_level.return_group) as return_group
from workforce
full join council_level
    on
        workforce.organisation_code = council_level.geography_code
        and workforce.source = council_level.source
        and workforce.as_at_date = council_level.as_at_date
        and workforce.return_group = council_level.return_group
        and workforce.role_group is not distinct from council_level.role_group
        and workforce.role_code is not distinct from council_level.role_code
        and workforce.profession is not distinct from council_level.profession
where
    (workforce.organisation_code is not null and council_level.geography_code is null)
    -- A group that a council has not returned stands all the same, without numbers.
    or (
        workforce.organisation_code is null
        and coalesce({% for measure in measures %}council_level.{{ measure }}{{ ', ' if not loop.last }}{% endfor %}) is not null
    )
    {% for measure in measures %}
    or (workforce.organisation_code is not null and workforce.{{ measure }} is distinct from council_level.{{ measure }})
    {% endfor %}
