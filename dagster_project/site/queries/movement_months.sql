-- Joiners and leavers of each organisation and kind of employer over all professions, by pair of extracts
select
    source,
    organisation_code,
    organisation_name,
    employer,
    from_date,
    to_date,
    bool_or(is_gap) as is_gap,
    bool_or(is_doubted) as is_doubted,
    sum(staff_at_start) as staff_at_start,
    sum(joiners) as joiners,
    sum(moved_from_other_roles) as moved_from_other_roles,
    sum(leavers) as leavers,
    sum(moved_to_other_roles) as moved_to_other_roles,
    sum(staff_at_end) as staff_at_end,
    to_date = max(to_date) over (partition by source, organisation_code, employer) as is_latest
from marts.workforce_movement
group by source, organisation_code, organisation_name, employer, from_date, to_date
order by source, employer, organisation_name, organisation_code, to_date desc
