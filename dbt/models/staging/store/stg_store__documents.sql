select
    source,
    document as source_document,
    title,
    published_on,
    as_at_date,
    as_at_basis,
    academic_year,
    pay_year,
    employer,
    funder,
    service_age_scope
from {{ source('landed', 'documents') }}
