-- How many people left an organisation between two extracts, and how many of them left the system altogether?
select
    source,
    organisation_name,
    employer,
    from_date,
    to_date,
    sum(staff_at_start) as staff_at_start,
    sum(leavers) as left_the_organisation,
    sum(leavers_from_the_system) as left_the_system,
    sum(joiners) as joined,
    sum(moved_to_other_roles) as moved_to_other_roles,
    sum(moved_from_other_roles) as moved_from_other_roles,
    sum(staff_at_end) as staff_at_end,
    max(organisations_missing) as organisations_missing
from marts.workforce_movement
group by source, organisation_name, employer, from_date, to_date
order by source, organisation_name, employer, from_date
