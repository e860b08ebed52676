-- Every council with a last day is followed, from the day after, by the councils that organisation_changes names; each of
-- those begins on that day, and where the change is comparable there is one council before and one after.
-- Rows: a council that ended and is followed by nobody is found by the left join, so an empty list of changes fails.
with

changes as (

    select * from {{ ref('organisation_changes') }}

),

organisations as (

    select * from {{ ref('dim_organisation') }}

),

neighbours as (

    select
        predecessor_code,
        successor_code,
        count(*) over (partition by predecessor_code) as successors,
        count(*) over (partition by successor_code) as predecessors
    from changes

)

select
    'ended, and no council follows it' as fault,
    organisations.organisation_code
from organisations
left join changes on organisations.organisation_code = changes.predecessor_code
where organisations.valid_to is not null and changes.predecessor_code is null
union all
select
    'does not end the day before it is followed' as fault,
    changes.predecessor_code as organisation_code
from changes
inner join organisations on changes.predecessor_code = organisations.organisation_code
where organisations.valid_to is distinct from cast(changes.changed_on - interval 1 day as date)
union all
select
    'does not begin on the day of the change' as fault,
    changes.successor_code as organisation_code
from changes
inner join organisations on changes.successor_code = organisations.organisation_code
where organisations.valid_from <> changes.changed_on
union all
select
    'is not followed by one council alone, and called comparable or of the same area' as fault,
    changes.predecessor_code as organisation_code
from changes
inner join neighbours
    on
        changes.predecessor_code = neighbours.predecessor_code
        and changes.successor_code = neighbours.successor_code
where
    (changes.is_comparable or changes.change_kind = 'same_area')
    and (neighbours.successors > 1 or neighbours.predecessors > 1)
