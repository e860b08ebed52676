-- How complete the answers on protected characteristics are in each organisation, over all its AHP staff
select
    edi.organisation_name,
    edi.organisation_code,
    edi.as_at_date,
    edi.source,
    replace(edi.characteristic, '_', ' ') as characteristic,
    edi.n,
    edi.recorded_pct,
    edi.disclosed_pct,
    edi.refusal_pct,
    replace(edi.band, '_', ' ') as band
from quality.edi_completeness as edi
inner join chosen_organisations as organisations on edi.organisation_code = organisations.organisation_code
where edi.is_all_role_groups
order by edi.organisation_name, edi.organisation_code, edi.source, edi.as_at_date desc, edi.characteristic
