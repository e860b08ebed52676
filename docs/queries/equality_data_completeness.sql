-- How completely does each organisation know the protected characteristics of its staff?
select
    source,
    organisation_name,
    as_at_date,
    characteristic,
    n as people,
    valid as gave_an_answer,
    prefer_not_to_say,
    not_known + not_recorded as not_known_or_recorded,
    invalid,
    not_asked,
    round(recorded_pct, 1) as recorded_pct,
    band
from quality.edi_completeness
where is_all_role_groups
qualify as_at_date = max(as_at_date) over (partition by source, organisation_code)
order by source, organisation_name, employer, characteristic
