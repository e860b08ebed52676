with

movements as (

    select * from {{ ref('int_movement__spans') }}
    where span = 'next_extract'

),

presence as (

    select * from {{ ref('int_movement__days') }}

),

spans as (

    select distinct
        source,
        from_date,
        to_date
    from movements

),

-- Whoever works for an organisation whose extract is missing seems to have left the system.
missing_at_end as (

    select
        spans.source,
        spans.from_date,
        spans.to_date,
        count(distinct at_start.organisation_code) as organisations_missing
    from spans
    inner join presence as at_start on spans.source = at_start.source and spans.from_date = at_start.as_at_date
    left join presence as at_end
        on
            at_start.source = at_end.source
            and at_start.organisation_code = at_end.organisation_code
            and at_start.employer = at_end.employer
            and spans.to_date = at_end.as_at_date
    where at_end.organisation_code is null
    group by spans.source, spans.from_date, spans.to_date

)

select
    movements.source,
    movements.organisation_code,
    movements.organisation_name,
    movements.employer,
    movements.from_date,
    movements.to_date,
    movements.profession,
    movements.is_gap,
    movements.is_doubted,
    movements.staff_at_start,
    movements.stayers,
    movements.moved_to_other_roles,
    movements.leavers_to_other_organisations + movements.leavers_from_the_system as leavers,
    case when missing_at_end.organisations_missing is null then movements.leavers_from_the_system end
        as leavers_from_the_system,
    movements.joiners,
    movements.moved_from_other_roles,
    movements.staff_at_end,
    coalesce(missing_at_end.organisations_missing, 0) as organisations_missing
from movements
left join missing_at_end
    on
        movements.source = missing_at_end.source
        and movements.from_date = missing_at_end.from_date
        and movements.to_date = missing_at_end.to_date
