-- NHS employees who work for a council: those its return lists, beside those whose position in an extract names the council.
with

names as (

    select * from {{ ref('int_organisations__names') }}

),

policies as (

    select max(case when policy = 'sources_days_apart' then value end) as days_apart
    from {{ ref('policies') }}

),

areas as (

    select * from {{ ref('bridge_organisation_geography') }}
    where geography_type = 'ics' and is_main

),

-- Assignments out on secondment do not count where they are paid, and are looked for all the same.
positions as (

    select
        assignments.organisation_code,
        assignments.organisation_name,
        assignments.as_at_date,
        assignments.person_key,
        assignments.is_counted,
        {{ normalised_name('written.position_title') }} as title
    from {{ ref('int_esr__assignments') }} as assignments
    inner join {{ ref('stg_esr__assignments') }} as written
        on assignments.submission_id = written.submission_id and assignments.source_row = written.source_row
    where
        assignments.is_ahp
        and assignments.is_known_organisation
        and not assignments.is_repeated
        and (assignments.is_counted or starts_with(written.assignment_status_plain, 'out on external secondment'))
        and regexp_matches(lower(written.position_title), '\b(council|section 75|s75)\b')

),

titles as (

    select distinct
        title,
        as_at_date
    from positions

),

named as (

    select
        titles.title,
        titles.as_at_date,
        names.name_normalised,
        names.organisation_code
    from titles
    inner join names
        on
            titles.as_at_date between names.valid_from and names.valid_to
            and contains(' ' || titles.title || ' ', ' ' || names.name_normalised || ' ')

),

-- Somerset stands in Bath and North East Somerset too; a title that names two councils says nothing of either.
councils_named as (

    select
        title,
        as_at_date,
        min(organisation_code) as council_code
    from named
    where
        not exists (
            select 1
            from named as longer
            where
                longer.title = named.title
                and longer.as_at_date = named.as_at_date
                and longer.name_normalised <> named.name_normalised
                and contains(' ' || longer.name_normalised || ' ', ' ' || named.name_normalised || ' ')
        )
    group by title, as_at_date
    having count(distinct organisation_code) = 1

),

in_extracts as (

    select
        positions.organisation_code as nhs_organisation_code,
        positions.organisation_name as nhs_organisation_name,
        positions.as_at_date as extract_as_at_date,
        councils_named.council_code,
        count(distinct positions.person_key) as in_extract,
        count(distinct positions.person_key) filter (where positions.is_counted) as counted_in_extract
    from positions
    inner join councils_named on positions.title = councils_named.title and positions.as_at_date = councils_named.as_at_date
    group by all

),

returned as (

    select
        organisation_code as council_code,
        organisation_name as council_name,
        as_at_date,
        min(source_document) as source_document,
        min(submission_id) as submission_id,
        min(source_file) as source_file,
        min(received_at) as received_at,
        coalesce(sum(headcount) filter (where employer = 'nhs' and funder is distinct from 'nhs'), 0) as paid_by_council,
        coalesce(sum(headcount) filter (where employer = 'nhs'), 0) as in_return,
        count(*) filter (where employer = 'nhs' and headcount is null) as rows_without_headcount
    from {{ ref('int_returns__coded_rows') }}
    where is_current and organisation_code is not null
    group by organisation_code, organisation_name, as_at_date

),

-- Of each trust the newest extract that is no later than the return, and not much earlier.
extracts_beside as (

    select
        returned.council_code,
        returned.as_at_date,
        extracts.organisation_code as nhs_organisation_code,
        max(extracts.as_at_date) as extract_as_at_date
    from returned
    cross join policies
    inner join {{ ref('int_esr__extracts') }} as extracts
        on extracts.as_at_date between returned.as_at_date - cast(policies.days_apart as integer) and returned.as_at_date
    where extracts.is_current and extracts.is_known_organisation
    group by all

),

-- Only beside an extract of the council's own care system can it be missed that nobody names the council.
councils_with_neighbours as (

    select distinct
        beside.council_code,
        beside.as_at_date
    from extracts_beside as beside
    inner join areas as of_council
        on
            beside.council_code = of_council.organisation_code
            and beside.as_at_date between of_council.valid_from and coalesce(of_council.valid_to, date '9999-12-31')
    inner join areas as of_trust
        on
            beside.nhs_organisation_code = of_trust.organisation_code
            and beside.as_at_date between of_trust.valid_from and coalesce(of_trust.valid_to, date '9999-12-31')
            and of_council.geography_code = of_trust.geography_code

),

beside as (

    select
        returned.*,
        in_extracts.nhs_organisation_code,
        in_extracts.nhs_organisation_name,
        in_extracts.extract_as_at_date,
        in_extracts.in_extract,
        in_extracts.counted_in_extract,
        count(*) over (partition by returned.council_code, returned.as_at_date) as trusts_naming_the_council,
        coalesce(sum(in_extracts.in_extract) over (
            partition by returned.council_code, returned.as_at_date
            order by in_extracts.nhs_organisation_code
            rows between unbounded preceding and 1 preceding
        ), 0) as in_extracts_before
    from returned
    inner join extracts_beside
        on returned.council_code = extracts_beside.council_code and returned.as_at_date = extracts_beside.as_at_date
    inner join in_extracts
        on
            returned.council_code = in_extracts.council_code
            and extracts_beside.nhs_organisation_code = in_extracts.nhs_organisation_code
            and extracts_beside.extract_as_at_date = in_extracts.extract_as_at_date

),

by_council as (

    select
        council_code,
        as_at_date,
        count(*) as trusts_naming_the_council,
        sum(in_extract) as in_all_extracts
    from beside
    group by council_code, as_at_date

),

-- No return says which trust employs whom. Where several trusts name the council, they are taken in the order of codes,
-- and whoever is left belongs to none of them; so does everybody where no trust names the council.
placed as (

    select
        * exclude (in_extracts_before) replace (
            case
                when trusts_naming_the_council = 1 then in_return
                else least(in_extract, greatest(in_return - in_extracts_before, 0))
            end as in_return
        ),
        least(in_extract, greatest(in_return - in_extracts_before, 0)) as matched,
        least(in_return, in_extracts_before) as matched_before
    from beside
    union all by name
    select
        returned.* replace (returned.in_return - coalesce(by_council.in_all_extracts, 0) as in_return),
        coalesce(by_council.trusts_naming_the_council, 0) as trusts_naming_the_council,
        0 as in_extract,
        0 as counted_in_extract,
        0 as matched,
        0 as matched_before
    from returned
    inner join councils_with_neighbours
        on
            returned.council_code = councils_with_neighbours.council_code
            and returned.as_at_date = councils_with_neighbours.as_at_date
    left join by_council
        on returned.council_code = by_council.council_code and returned.as_at_date = by_council.as_at_date
    where
        coalesce(by_council.trusts_naming_the_council, 0) <> 1
        and returned.in_return > coalesce(by_council.in_all_extracts, 0)

)

select
    council_code,
    council_name,
    nhs_organisation_code,
    nhs_organisation_name,
    as_at_date,
    extract_as_at_date,
    trusts_naming_the_council,
    source_document,
    submission_id,
    source_file,
    received_at,
    rows_without_headcount,
    cast(in_return as bigint) as in_return,
    cast(in_extract as bigint) as in_extract,
    cast(counted_in_extract as bigint) as counted_in_extract,
    cast(matched as bigint) as matched,
    -- Those the council pays for are matched first.
    cast(least(matched, greatest(paid_by_council - matched_before, 0)) as bigint) as counted_by_council
from placed
