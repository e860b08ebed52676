-- Who came, went and stayed between two extracts of an organisation: those that follow one another, and those a year apart.
with

days as (

    select * from {{ ref('int_movement__days') }}

),

people as (

    select
        source,
        organisation_code,
        'nhs' as employer,
        as_at_date,
        person_key,
        is_ahp,
        profession
    from {{ ref('int_esr__people') }}
    union all
    -- People in job roles out of scope are not landed.
    select
        source,
        organisation_code,
        employer,
        as_at_date,
        person_key,
        true as is_ahp,
        arg_min(profession, source_row) as profession
    from {{ ref('int_asc_wds__workers') }}
    where is_ahp and is_counted and is_known_organisation
    group by source, organisation_code, employer, as_at_date, person_key

),

spans as (

    select
        'next_extract' as span,
        previous_date as from_date,
        as_at_date as to_date,
        * exclude (previous_date, as_at_date, year_before)
    from days
    where previous_date is not null
    union all
    select
        'year' as span,
        year_before as from_date,
        as_at_date as to_date,
        * exclude (previous_date, as_at_date, year_before) replace (false as is_gap)
    from days
    where year_before is not null

),

elsewhere as (

    select distinct
        source,
        as_at_date,
        person_key
    from people

),

started as (

    select
        spans.span,
        spans.source,
        spans.organisation_code,
        spans.employer,
        spans.to_date,
        people.profession,
        count(*) as staff_at_start,
        count(*) filter (where later.is_ahp) as stayers,
        count(*) filter (where not later.is_ahp) as moved_to_other_roles,
        count(*) filter (where later.person_key is null and elsewhere.person_key is not null)
            as leavers_to_other_organisations,
        count(*) filter (where later.person_key is null and elsewhere.person_key is null) as leavers_from_the_system
    from spans
    inner join people
        on
            spans.source = people.source
            and spans.organisation_code = people.organisation_code
            and spans.employer = people.employer
            and spans.from_date = people.as_at_date
    left join people as later
        on
            spans.source = later.source
            and spans.organisation_code = later.organisation_code
            and spans.employer = later.employer
            and spans.to_date = later.as_at_date
            and people.person_key = later.person_key
    left join elsewhere
        on
            spans.source = elsewhere.source
            and spans.to_date = elsewhere.as_at_date
            and people.person_key = elsewhere.person_key
    where people.is_ahp
    group by spans.span, spans.source, spans.organisation_code, spans.employer, spans.to_date, people.profession

),

ended as (

    select
        spans.span,
        spans.source,
        spans.organisation_code,
        spans.employer,
        spans.to_date,
        people.profession,
        count(*) as staff_at_end,
        count(*) filter (where earlier.person_key is null) as joiners,
        count(*) filter (where not earlier.is_ahp) as moved_from_other_roles
    from spans
    inner join people
        on
            spans.source = people.source
            and spans.organisation_code = people.organisation_code
            and spans.employer = people.employer
            and spans.to_date = people.as_at_date
    left join people as earlier
        on
            spans.source = earlier.source
            and spans.organisation_code = earlier.organisation_code
            and spans.employer = earlier.employer
            and spans.from_date = earlier.as_at_date
            and people.person_key = earlier.person_key
    where people.is_ahp
    group by spans.span, spans.source, spans.organisation_code, spans.employer, spans.to_date, people.profession

),

counted as (

    select
        started.* exclude (span, source, organisation_code, employer, to_date, profession),
        ended.* exclude (span, source, organisation_code, employer, to_date, profession),
        coalesce(started.span, ended.span) as span,
        coalesce(started.source, ended.source) as source,
        coalesce(started.organisation_code, ended.organisation_code) as organisation_code,
        coalesce(started.employer, ended.employer) as employer,
        coalesce(started.to_date, ended.to_date) as to_date,
        coalesce(started.profession, ended.profession) as profession
    from started
    full join ended
        on
            started.span = ended.span
            and started.source = ended.source
            and started.organisation_code = ended.organisation_code
            and started.employer = ended.employer
            and started.to_date = ended.to_date
            and started.profession = ended.profession

)

select
    spans.span,
    spans.source,
    spans.organisation_code,
    spans.organisation_name,
    spans.employer,
    spans.from_date,
    spans.to_date,
    counted.profession,
    spans.is_gap,
    spans.is_doubted,
    coalesce(counted.staff_at_start, 0) as staff_at_start,
    coalesce(counted.stayers, 0) as stayers,
    case when spans.source = 'esr' then coalesce(counted.moved_to_other_roles, 0) end as moved_to_other_roles,
    coalesce(counted.leavers_to_other_organisations, 0) as leavers_to_other_organisations,
    coalesce(counted.leavers_from_the_system, 0) as leavers_from_the_system,
    coalesce(counted.joiners, 0) as joiners,
    case when spans.source = 'esr' then coalesce(counted.moved_from_other_roles, 0) end as moved_from_other_roles,
    coalesce(counted.staff_at_end, 0) as staff_at_end
from counted
inner join spans
    on
        counted.span = spans.span
        and counted.source = spans.source
        and counted.organisation_code = spans.organisation_code
        and counted.employer = spans.employer
        and counted.to_date = spans.to_date
