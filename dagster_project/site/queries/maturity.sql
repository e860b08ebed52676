-- Where each organisation judges itself to stand, by dimension and activity
select
    assessed.source_document,
    period.document_title,
    assessed.as_at_date,
    assessed.organisation_name,
    replace(assessed.organisation_kind, '_', ' ') as organisation_kind,
    assessed.dimension,
    assessed.dimension_name,
    assessed.activity,
    assessed.level_status,
    assessed.level_from,
    assessed.level_to,
    assessed.marks_as_printed
from marts.fct_maturity as assessed
left join marts.dim_period as period
    on assessed.source = period.source and assessed.source_document = period.source_document
order by assessed.source_document, assessed.dimension, assessed.activity nulls first, assessed.organisation_name
