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

{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

-- A council's own return may hold several rows in a group; a group with a row whose number is missing has no number.
groups_returned as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        {% for measure in measures %}
        {{ whole_sum(measure) }} as {{ measure }},
        {% endfor %}
        min(source_document) as source_document,
        min(submission_id) as submission_id
    from returns
    group by source, as_at_date, organisation_code, return_group

),

collections as (

    select
        source,
        as_at_date,
        -- Where a collation and councils' own returns speak of one day, both are named.
        string_agg(distinct source_document, ', ' order by source_document) as source_document
    from returns
    group by source, as_at_date

),

returned_in as (

    select distinct
        collections.source,
        collections.as_at_date,
        memberships.geography_type,
        memberships.geography_code
    from collections
    inner join returns on collections.source = returns.source and collections.as_at_date = returns.as_at_date
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
    {% for measure in measures %}
    groups_returned.{{ measure }},
    {% endfor %}
    groups_returned.submission_id
from collections
inner join returned_in on collections.source = returned_in.source and collections.as_at_date = returned_in.as_at_date
inner join memberships
    on
        returned_in.geography_type = memberships.geography_type
        and returned_in.geography_code = memberships.geography_code
        and collections.as_at_date between memberships.valid_from and memberships.valid_to
-- A group whose figure nobody has sent is expected all the same, and shows as not supplied.
cross join return_groups
left join groups_returned
    on
        collections.source = groups_returned.source
        and collections.as_at_date = groups_returned.as_at_date
        and memberships.organisation_code = groups_returned.organisation_code
        and return_groups.return_group = groups_returned.return_group
