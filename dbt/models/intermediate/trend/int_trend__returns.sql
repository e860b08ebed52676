with

returns as (

    select * from {{ ref('int_workforce__returns') }}

),

answers as (

    select * from {{ ref('int_returns__answers') }}
    where field = 'delivery_model'

),

submissions as (

    select * from {{ ref('int_submissions__latest') }}

),

-- A group of a council and day comes from one submission, and each submission states one scope of ages.
groups_returned as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        min(submission_id) as submission_id,
        min(service_age_scope) as service_age_scope
    from returns
    group by source, as_at_date, organisation_code, return_group

)

select
    groups_returned.source,
    groups_returned.as_at_date,
    groups_returned.organisation_code,
    groups_returned.return_group,
    groups_returned.service_age_scope,
    answers.answer as delivery_model,
    submissions.organisation_code is not null as is_own_return
from groups_returned
inner join submissions on groups_returned.submission_id = submissions.submission_id
left join answers on groups_returned.submission_id = answers.submission_id
