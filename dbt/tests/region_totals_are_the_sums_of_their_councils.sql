-- Every measure of every ADASS region and return group is the sum of the numbers its councils returned.
-- Rows: a region stands in regional_workforce as soon as one of its councils stands in fct_workforce; the full join
-- shows a region or a group that is in one of the two only. No landed return at all leaves both empty, and rightly.
{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

summed as (

    select
        {% for measure in measures %}
        sum(workforce.{{ measure }}) as {{ measure }},
        {% endfor %}
        regions.geography_code,
        workforce.source_document,
        workforce.return_group
    from {{ ref('fct_workforce') }} as workforce
    left join {{ ref('bridge_organisation_geography') }} as regions
        on
            workforce.organisation_code = regions.organisation_code
            and regions.geography_type = 'adass_region'
            and workforce.as_at_date >= regions.valid_from
            and workforce.as_at_date <= coalesce(regions.valid_to, date '9999-12-31')
    group by regions.geography_code, workforce.source_document, workforce.return_group

),

published as (

    select *
    from {{ ref('regional_workforce') }}
    where geography_type = 'adass_region' and not is_roll_up

)

select
    coalesce(published.geography_code, summed.geography_code) as geography_code,
    coalesce(published.source_document, summed.source_document) as source_document,
    coalesce(published.return_group, summed.return_group) as return_group
from published
full join summed
    on
        published.geography_code = summed.geography_code
        and published.source_document = summed.source_document
        and published.return_group = summed.return_group
where
    published.geography_code is null
    {% for measure in measures %}
    or published.{{ measure }} is distinct from summed.{{ measure }}
    {% endfor %}
