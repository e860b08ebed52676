-- No name, read without case and punctuation, is borne by two councils on the same day.
-- Rows: a row is added when no name is known at all, so that an empty list fails.
with

names as (

    select * from {{ ref('int_organisations__names') }}

)

select
    names.name_normalised,
    names.organisation_code,
    others.organisation_code as other_organisation_code
from names
inner join names as others
    on
        names.name_normalised = others.name_normalised
        and names.organisation_code < others.organisation_code
        and names.valid_from <= others.valid_to
        and others.valid_from <= names.valid_to
union all
select
    'no name is known' as name_normalised,
    cast(null as varchar) as organisation_code,
    cast(null as varchar) as other_organisation_code
where not exists (select 1 from names)
