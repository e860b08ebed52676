-- Open findings of each organisation and source, by how grave they are
select
    known.organisation_name,
    known.organisation_code,
    findings.source,
    replace(findings.source, '_', ' ') as source_of_findings,
    count(findings.finding_id) filter (where findings.severity = 'error') as errors,
    count(findings.finding_id) filter (where findings.severity = 'warning') as warnings,
    count(findings.finding_id) filter (where findings.severity = 'info') as information,
    max(findings.last_seen_at)::date as last_seen_date
from chosen_organisations as organisations
inner join marts.dim_organisation as known on organisations.organisation_code = known.organisation_code
left join quality.findings as findings
    on organisations.organisation_code = findings.organisation_code and findings.status = 'open'
where
    findings.finding_id is not null
    or organisations.organisation_code in (select organisation_code from marts.fct_workforce)
group by known.organisation_name, known.organisation_code, findings.source
order by known.organisation_name, known.organisation_code, findings.source
