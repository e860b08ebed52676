-- A council's own row in regional_workforce is its row in fct_workforce, number for number.
-- Rows: every row of fct_workforce must find its partner, so an empty regional_workforce fails.
{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

council_level as (

    select *
    from {{ ref('regional_workforce') }}
    where geography_type = 'council' and not is_roll_up

)

select
    coalesce(workforce.organisation_code, council_level.geography_code) as organisation_code,
    coalesce(workforce.source_document, council_level.source_document) as source_document,
    coalesce(workforce.return_group, council_level.return_group) as return_group
from {{ ref('fct_workforce') }} as workforce
full join council_level
    on
        workforce.organisation_code = council_level.geography_code
        and workforce.source_document = council_level.source_document
        and workforce.return_group = council_level.return_group
where
    council_level.geography_code is null
    {% for measure in measures %}
    or workforce.{{ measure }} is distinct from council_level.{{ measure }}
    {% endfor %}
