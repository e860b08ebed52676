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
union all
select distinct
    as_at_date,
    source,
    source_document,
    case when is_invented then 'Invented example, not real: ' else '' end
    || 'ESR extract of staff in post as at ' || strftime(as_at_date, '%-d %B %Y') as document_title,
    as_at_date as published_on,
    'collection' as as_at_basis,
    cast(null as varchar) as academic_year,
    cast(null as varchar) as pay_year,
    'all_age' as service_age_scope
from {{ ref('int_esr__extracts') }}
union all
select distinct
    as_at_date,
    source,
    source_document,
    case when is_invented then 'Invented example, not real: ' else '' end
    || 'Adult Social Care Workforce Data Set as at ' || strftime(as_at_date, '%-d %B %Y') as document_title,
    as_at_date as published_on,
    'collection' as as_at_basis,
    cast(null as varchar) as academic_year,
    cast(null as varchar) as pay_year,
    'adult' as service_age_scope
from {{ ref('int_asc_wds__extracts') }}
