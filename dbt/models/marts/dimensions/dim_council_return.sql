with

answers as (

    select * from {{ ref('int_returns__answers') }}
    where is_current and figure = 'Cover'

),

documents as (

    select * from {{ ref('stg_store__documents') }}

)

select
    documents.source,
    answers.source_document,
    answers.organisation_code,
    answers.organisation_name,
    answers.as_at_date,
    max(case when answers.field = 'return_owner_role' then answers.answer end) as return_owner_role,
    max(case when answers.field = 'principal_ot_input' then answers.answer end) as principal_ot_input,
    max(case when answers.field = 'delivery_model' then answers.answer end) as delivery_model,
    max(case when answers.field = 'service_age_scope' then answers.answer end) as service_age_scope,
    max(case when answers.field = 'academic_year' then answers.answer end) as academic_year,
    max(case when answers.field = 'pay_year' then answers.answer end) as pay_year,
    {% for group in [
        'occupational_therapists', 'other_ahps', 'non_registered_assessors', 'senior_practitioners', 'managers', 'students',
        'degree_apprentices'
    ] %}
    max(case when answers.field = 'has_{{ group }}' then answers.answer end) as {{ group }}_stated,
    {% endfor %}
    answers.submission_id,
    min(answers.source_file) as source_file
from answers
inner join documents on answers.source_document = documents.source_document
group by
    documents.source, answers.source_document, answers.organisation_code, answers.organisation_name, answers.as_at_date,
    answers.submission_id
