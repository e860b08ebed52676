-- How mature organisations judge their integration to be
select
    organisation_name,
    replace(organisation_kind, '_', ' ') as organisation_kind,
    dimension,
    dimension_name,
    activity,
    as_at_date,
    source,
    source_document,
    replace(level_from, '_', '-') as level_from,
    replace(level_to, '_', '-') as level_to,
    marks_as_printed,
    replace(level_status, '_', ' ') as value_status
from marts.fct_maturity
-- Most of these organisations are not councils and lie in no area a workbook could be of.
where getvariable('geography_type') = 'all'
order by source_document, dimension, activity nulls first, organisation_name
