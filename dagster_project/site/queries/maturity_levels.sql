-- How many organisations stand at each level of integration maturity
select
    source_document,
    as_at_date,
    dimension,
    dimension_name,
    activity,
    level,
    organisations_at_level,
    is_mode,
    organisations_with_level,
    organisations_without_data,
    organisations_not_legible,
    organisations
from marts.maturity_distribution
order by source_document, dimension, activity nulls first, level_ordinal
