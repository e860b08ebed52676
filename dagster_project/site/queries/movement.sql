-- Joiners and leavers of each organisation, kind of employer and profession between its latest two extracts
select
    movement.source,
    movement.organisation_code,
    movement.organisation_name,
    movement.employer,
    movement.from_date,
    movement.to_date,
    professions.profession_name,
    movement.is_gap,
    movement.is_doubted,
    movement.staff_at_start,
    movement.stayers,
    movement.moved_to_other_roles,
    movement.leavers,
    movement.leavers_from_the_system,
    movement.joiners,
    movement.moved_from_other_roles,
    movement.staff_at_end,
    movement.organisations_missing
from marts.workforce_movement as movement
left join marts.dim_profession as professions on movement.profession = professions.profession
qualify
    movement.to_date
    = max(movement.to_date) over (partition by movement.source, movement.organisation_code, movement.employer)
order by
    movement.source, movement.employer, movement.organisation_name, movement.organisation_code, professions.profession_name
