with

memberships as (

    -- A council that reaches into two systems counts whole, once, in the one that holds most of it: people are not split.
    select * from {{ ref('int_geography__membership') }}
    where is_main and geography_type in ('adass_region', 'ons_region', 'ics', 'council')

),

returns as (

    select * from {{ ref('int_workforce__returns') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

collections as (

    select distinct
        source,
        source_document,
        as_at_date
    from returns

),

returned_in as (

    select distinct
        collections.source_document,
        memberships.geography_type,
        memberships.geography_code
    from collections
    inner join returns on collections.source_document = returns.source_document
    inner join memberships
        on
            returns.organisation_code = memberships.organisation_code
            and collections.as_at_date between memberships.valid_from and memberships.valid_to

)

-- Every council of every geography from which at least one council returned, whether or not it returned itself.
select
    collections.source,
    collections.source_document,
    collections.as_at_date,
    memberships.geography_type,
    memberships.geography_code,
    memberships.geography_name,
    memberships.organisation_code,
    return_groups.return_group,
    return_groups.role_group,
    return_groups.role_code,
    return_groups.profession,
    returns.headcount,
    returns.fte,
    returns.fte_permanent,
    returns.fte_temporary,
    returns.fte_vacant,
    returns.submission_id
from collections
inner join returned_in on collections.source_document = returned_in.source_document
inner join memberships
    on
        returned_in.geography_type = memberships.geography_type
        and returned_in.geography_code = memberships.geography_code
        and collections.as_at_date between memberships.valid_from and memberships.valid_to
-- A group whose figure nobody has sent is expected all the same, and shows as not supplied.
cross join return_groups
left join returns
    on
        collections.source_document = returns.source_document
        and memberships.organisation_code = returns.organisation_code
        and return_groups.return_group = returns.return_group
