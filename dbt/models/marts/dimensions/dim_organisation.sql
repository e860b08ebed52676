select
    organisation_code,
    organisation_name,
    official_name,
    organisation_type,
    council_type,
    valid_from,
    valid_to,
    source,
    evidence
from {{ ref('organisations') }}
