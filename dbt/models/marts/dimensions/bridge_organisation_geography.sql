select
    organisation_code,
    geography_type,
    geography_code,
    geography_name,
    share,
    is_main,
    valid_from,
    valid_to,
    source,
    evidence
from {{ ref('organisation_geography') }}
