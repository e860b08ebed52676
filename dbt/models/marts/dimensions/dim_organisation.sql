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
union all
select
    organisation_code,
    organisation_name,
    official_name,
    organisation_type,
    cast(null as varchar) as council_type,
    in_ics_from as valid_from,
    cast(null as date) as valid_to,
    source,
    evidence
from {{ ref('nhs_organisations') }}
