with

memberships as (

    select * from {{ ref('organisation_geography') }}

),

organisations as (

    select * from {{ ref('organisations') }}

)

select
    organisation_code,
    geography_type,
    geography_code,
    geography_name,
    share,
    is_main,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from memberships
union all
select
    organisation_code,
    'council' as geography_type,
    organisation_code as geography_code,
    organisation_name as geography_name,
    1 as share,
    true as is_main,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from organisations
