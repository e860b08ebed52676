-- Of the AHP staff of an organisation on a day, who is still there a year later, and how many left in the months between.
with

people as (

    select * from {{ ref('int_esr__people') }}
    where is_ahp

),

movements as (

    select * from {{ ref('int_esr__movements') }}

),

keys as (

    select
        organisation_code,
        as_at_date,
        key_fingerprint
    from {{ ref('int_esr__extracts') }}
    where is_current

),

staff as (

    select
        source,
        organisation_code,
        organisation_name,
        as_at_date,
        profession,
        count(*) as staff
    from people
    group by source, organisation_code, organisation_name, as_at_date, profession

),

still_there as (

    select
        people.organisation_code,
        people.as_at_date as from_date,
        people.profession,
        count(later.person_key) as stayers
    from people
    left join people as later
        on
            people.organisation_code = later.organisation_code
            and people.person_key = later.person_key
            and later.as_at_date = last_day(people.as_at_date + interval 12 month)
    group by people.organisation_code, people.as_at_date, people.profession

),

left_since as (

    select
        organisation_code,
        to_date,
        profession,
        -- Twelve extracts in a row, none missing, or nothing can be said.
        count(*) over year_to_date = 12 and not bool_or(is_gap) over year_to_date as is_whole_year,
        sum(leavers_to_other_organisations + leavers_from_the_system) over year_to_date as leavers
    from movements
    window year_to_date as (
        partition by organisation_code, profession order by to_date rows between 11 preceding and current row
    )

)

select
    at_end.source,
    at_end.organisation_code,
    at_end.organisation_name,
    at_start.as_at_date as from_date,
    at_end.as_at_date as to_date,
    at_end.profession,
    at_start.staff as staff_at_start,
    at_end.staff as staff_at_end,
    still_there.stayers,
    case when left_since.is_whole_year then left_since.leavers end as leavers
from staff as at_end
inner join staff as at_start
    on
        at_end.organisation_code = at_start.organisation_code
        and at_end.profession = at_start.profession
        and at_end.as_at_date = last_day(at_start.as_at_date + interval 12 month)
-- Pseudonyms of two keys cannot be compared.
inner join keys as key_at_start
    on at_start.organisation_code = key_at_start.organisation_code and at_start.as_at_date = key_at_start.as_at_date
inner join keys as key_at_end
    on
        at_end.organisation_code = key_at_end.organisation_code
        and at_end.as_at_date = key_at_end.as_at_date
        and key_at_start.key_fingerprint is not distinct from key_at_end.key_fingerprint
inner join still_there
    on
        at_start.organisation_code = still_there.organisation_code
        and at_start.as_at_date = still_there.from_date
        and at_start.profession = still_there.profession
left join left_since
    on
        at_end.organisation_code = left_since.organisation_code
        and at_end.as_at_date = left_since.to_date
        and at_end.profession = left_since.profession
