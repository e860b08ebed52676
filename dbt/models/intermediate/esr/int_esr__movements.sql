-- Who came and who went between two extracts of an organisation that follow one another.
with

people as (

    select * from {{ ref('int_esr__people') }}

),

extracts as (

    select distinct
        organisation_code,
        as_at_date,
        key_fingerprint
    from {{ ref('int_esr__extracts') }}
    where is_current and is_known_organisation

),

pairs as (

    select
        organisation_code,
        lag(as_at_date) over (partition by organisation_code order by as_at_date) as from_date,
        as_at_date as to_date,
        coalesce(key_fingerprint, '') as key_at_end,
        lag(coalesce(key_fingerprint, '')) over (partition by organisation_code order by as_at_date) as key_at_start
    from extracts

),

consecutive as (

    -- Extracts are monthly: a day further away than the month after leaves a gap.
    select
        *,
        to_date > last_day(from_date + interval 1 month) as is_gap
    from pairs
    -- Pseudonyms of two keys cannot be compared: everybody would seem to have left and joined.
    where from_date is not null and key_at_start = key_at_end

),

at_start as (

    select
        consecutive.organisation_code,
        consecutive.from_date,
        consecutive.to_date,
        people.person_key,
        people.profession,
        people.role_group,
        people.organisation_name,
        people.source,
        later.person_key is not null as is_still_here,
        coalesce(later.is_ahp, false) as is_still_ahp_here
    from consecutive
    inner join people
        on consecutive.organisation_code = people.organisation_code and consecutive.from_date = people.as_at_date
    left join people as later
        on
            consecutive.organisation_code = later.organisation_code
            and consecutive.to_date = later.as_at_date
            and people.person_key = later.person_key
    where people.is_ahp

),

elsewhere as (

    select distinct
        as_at_date,
        person_key
    from people

),

started as (

    select
        at_start.source,
        at_start.organisation_code,
        at_start.organisation_name,
        at_start.from_date,
        at_start.to_date,
        at_start.profession,
        count(*) as staff_at_start,
        count(*) filter (where at_start.is_still_ahp_here) as stayers,
        count(*) filter (where at_start.is_still_here and not at_start.is_still_ahp_here) as moved_to_other_roles,
        count(*) filter (where not at_start.is_still_here and elsewhere.person_key is not null) as leavers_to_other_organisations,
        count(*) filter (where not at_start.is_still_here and elsewhere.person_key is null) as leavers_from_the_system
    from at_start
    left join elsewhere on at_start.to_date = elsewhere.as_at_date and at_start.person_key = elsewhere.person_key
    group by
        at_start.source, at_start.organisation_code, at_start.organisation_name, at_start.from_date, at_start.to_date,
        at_start.profession

),

ended as (

    select
        people.source,
        consecutive.organisation_code,
        people.organisation_name,
        consecutive.from_date,
        consecutive.to_date,
        people.profession,
        count(*) as staff_at_end,
        count(*) filter (where earlier.person_key is null) as joiners,
        count(*) filter (where earlier.person_key is not null and not earlier.is_ahp) as moved_from_other_roles
    from consecutive
    inner join people
        on consecutive.organisation_code = people.organisation_code and consecutive.to_date = people.as_at_date
    left join people as earlier
        on
            consecutive.organisation_code = earlier.organisation_code
            and consecutive.from_date = earlier.as_at_date
            and people.person_key = earlier.person_key
    where people.is_ahp
    group by
        people.source, consecutive.organisation_code, people.organisation_name, consecutive.from_date, consecutive.to_date,
        people.profession

)

select
    coalesce(started.source, ended.source) as source,
    coalesce(started.organisation_code, ended.organisation_code) as organisation_code,
    coalesce(started.organisation_name, ended.organisation_name) as organisation_name,
    coalesce(started.from_date, ended.from_date) as from_date,
    coalesce(started.to_date, ended.to_date) as to_date,
    coalesce(started.profession, ended.profession) as profession,
    consecutive.is_gap,
    coalesce(started.staff_at_start, 0) as staff_at_start,
    coalesce(started.stayers, 0) as stayers,
    coalesce(started.moved_to_other_roles, 0) as moved_to_other_roles,
    coalesce(started.leavers_to_other_organisations, 0) as leavers_to_other_organisations,
    coalesce(started.leavers_from_the_system, 0) as leavers_from_the_system,
    coalesce(ended.joiners, 0) as joiners,
    coalesce(ended.moved_from_other_roles, 0) as moved_from_other_roles,
    coalesce(ended.staff_at_end, 0) as staff_at_end
from started
full join ended
    on
        started.organisation_code = ended.organisation_code
        and started.from_date = ended.from_date
        and started.to_date = ended.to_date
        and started.profession = ended.profession
inner join consecutive
    on
        coalesce(started.organisation_code, ended.organisation_code) = consecutive.organisation_code
        and coalesce(started.to_date, ended.to_date) = consecutive.to_date
