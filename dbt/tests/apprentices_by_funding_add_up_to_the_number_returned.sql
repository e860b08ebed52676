-- The apprentices of a council, over all funding routes, are the number it returned; students likewise.
-- Rows: every number returned and in force must be found again, so an empty fct_pipeline fails.
with

returned as (

    select
        as_at_date,
        organisation_code,
        learner_type,
        learners as returned_count
    from {{ ref('int_pipeline__learners') }}

),

published as (

    select
        as_at_date,
        organisation_code,
        learner_type,
        case when count(pipeline_count) = count(*) then sum(pipeline_count) end as published_count
    from {{ ref('fct_pipeline') }}
    group by as_at_date, organisation_code, learner_type

)

select
    coalesce(returned.organisation_code, published.organisation_code) as organisation_code,
    coalesce(returned.learner_type, published.learner_type) as learner_type,
    returned.returned_count,
    published.published_count
from returned
full join published
    on
        returned.as_at_date = published.as_at_date
        and returned.organisation_code = published.organisation_code
        and returned.learner_type = published.learner_type
where
    returned.organisation_code is null
    or published.organisation_code is null
    or returned.returned_count is distinct from published.published_count
