-- How complete the answers on protected characteristics are in one council, its latest day
select
    organisation_code,
    as_at_date,
    replace(characteristic, '_', ' ') as characteristic,
    n,
    recorded_pct,
    disclosed_pct,
    refusal_pct,
    replace(band, '_', ' ') as band
from quality.edi_completeness
where is_all_role_groups and source = 'council_returns'
qualify as_at_date = max(as_at_date) over (partition by organisation_code)
order by organisation_code, characteristic
