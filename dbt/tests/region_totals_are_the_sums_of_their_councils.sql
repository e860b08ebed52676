-- Every measure of every ADASS region and return group, and of each role and profession in it, is the sum of the numbers its
-- councils returned.
-- Rows: a region stands in regional_workforce and regional_workforce_by_role as soon as one of its councils stands in
-- fct_workforce; the full join shows a region or a group that is in one side only. No landed return at all leaves all empty,
-- and rightly.
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

councils as (

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

),

summed as (

    select
        {% for measure in measures %}
        sum(councils.{{ measure }}) as {{ measure }},
        {% endfor %}
        regions.geography_code,
        councils.source,
        councils.as_at_date,
        councils.return_group,
        councils.is_whole_group,
        councils.role_group,
        councils.role_code,
        councils.profession
    from councils
    left join {{ ref('bridge_organisation_geography') }} as regions
        on
            councils.organisation_code = regions.organisation_code
            and regions.geography_type = 'adass_region'
            and councils.as_at_date >= regions.valid_from
            and councils.as_at_date <= coalesce(regions.valid_to, date '9999-12-31')
    group by
        regions.geography_code, councils.source, councils.as_at_date, councils.return_group, councils.is_whole_group,
        councils.role_group, councils.role_code, councils.profession

),

published as (

    select
        * replace (null as role_group, null as role_code, null as profession),
        true as is_whole_group
    from {{ ref('regional_workforce') }}
    where geography_type = 'adass_region' and not is_roll_up
    union all by name
    select
        *,
        false as is_whole_group
    from {{ ref('regional_workforce_by_role') }}
    where geography_type = 'adass_region'

)

select
    coalesce(published.geography_code, summed.geography_code) as geography_code,
    coalesce(published.as_at_date, summed.as_at_date) as as_at_date,
    coalesce(published.return_group, summed.return_group) as return_group,
    coalesce(published.is_whole_group, summed.is_whole_group) as is_whole_group
from published
full join summed
    on
        published.geography_code = summed.geography_code
        and published.source = summed.source
        and published.as_at_date = summed.as_at_date
        and published.return_group = summed.return_group
        and published.is_whole_group = summed.is_whole_group
        and published.role_group is not distinct from summed.role_group
        and published.role_code is not distinct from summed.role_code
        and published.profession is not distinct from summed.profession
where
    (published.geography_code is null and summed.geography_code is not null)
{% for measure in measures %}
or (
    published.{{ measure }} is distinct from summed.{{ measure }}
    -- A council that told its whole group apart has nobody in the combinations it does not name.
    and (
        published.is_whole_group
        or summed.{{ measure }} is not null
        or published.{{ measure }} is distinct from 0
    )
)
{% endfor %}
