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
union all
select
    organisation_code,
    'ics' as geography_type,
    ics_code as geography_code,
    ics_name as geography_name,
    1 as share,
    true as is_main,
    in_ics_from as valid_from,
    in_ics_to as valid_to,
    source,
    evidence
from {{ ref('nhs_organisations') }}
