with

names as (

    select * from {{ ref('organisation_names') }}

)

select
    {{ normalised_name('name_as_written') }} as name_normalised,
    organisation_code,
    -- A spelling that is also a proper name is not held against anyone.
    min(case when name_kind = 'misprint' then 1 else 0 end) = 1 as is_misprint,
    min(valid_from) as valid_from,
    max(coalesce(valid_to, date '9999-12-31')) as valid_to
from names
group by {{ normalised_name('name_as_written') }}, organisation_code
