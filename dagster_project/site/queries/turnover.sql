-- Turnover and stability over twelve months of each organisation, kind of employer and profession, the latest day of each
select
    turnover.source,
    turnover.organisation_code,
    turnover.organisation_name,
    turnover.employer,
    turnover.from_date,
    turnover.to_date,
    professions.profession_name,
    turnover.staff_at_start,
    turnover.staff_at_end,
    turnover.stayers,
    turnover.leavers,
    turnover.stability_pct,
    turnover.turnover_pct,
    turnover.turnover_status,
    statuses.symbol as value_symbol
from marts.workforce_turnover as turnover
left join marts.dim_profession as professions on turnover.profession = professions.profession
left join reference.value_statuses as statuses on turnover.turnover_status = statuses.value_status
qualify
    turnover.to_date
    = max(turnover.to_date) over (partition by turnover.source, turnover.organisation_code, turnover.employer)
order by
    turnover.source, turnover.employer, turnover.organisation_name, turnover.organisation_code, professions.profession_name
