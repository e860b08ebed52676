-- The apprentices of a council, over all funding routes, are the number it returned; students likewise.
-- Rows: every number returned in Figure 23 and in force must be found again, so an empty fct_pipeline fails.
with

returned as (

    select
        source_document,
        organisation_code,
        case when field = 'students' then 'student' else 'degree_apprentice' end as learner_type,
        max(value_used) as returned_count
    from {{ ref('int_workforce__cells') }}
    where is_current and organisation_code is not null and field in ('students', 'apprentices')
    group by source_document, organisation_code, field

),

published as (

    select
        source_document,
        organisation_code,
        learner_type,
        sum(pipeline_count) as published_count
    from {{ ref('fct_pipeline') }}
    group by source_document, organisation_code, learner_type

)

select
    coalesce(returned.organisation_code, published.organisation_code) as organisation_code,
    coalesce(returned.learner_type, published.learner_type) as learner_type,
    returned.returned_count,
    published.published_count
from returned
full join published
    on
        returned.source_document = published.source_document
        and returned.organisation_code = published.organisation_code
        and returned.learner_type = published.learner_type
where
    returned.organisation_code is null
    or published.organisation_code is null
    or returned.returned_count is distinct from published.published_count
