with

documents as (

    select * from {{ ref('stg_store__documents') }}

)

select
    as_at_date,
    source,
    source_document,
    title as document_title,
    published_on,
    as_at_basis,
    academic_year,
    pay_year,
    service_age_scope
from documents
