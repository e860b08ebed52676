-- How complete the answers on protected characteristics are, the latest day of each organisation, source and employer
select
    source,
    organisation_code,
    organisation_name,
    employer,
    as_at_date,
    characteristic,
    replace(characteristic, '_', ' ') as characteristic_name,
    n,
    recorded_pct,
    disclosed_pct,
    refusal_pct,
    band,
    answer_age_days,
    answer_age_status,
    is_required,
    score_pct,
    score_status,
    person_complete_pct,
    person_complete_status
from quality.edi_completeness
where is_all_role_groups
qualify as_at_date = max(as_at_date) over (partition by source, organisation_code, employer)
order by source, organisation_name, organisation_code, employer, characteristic
