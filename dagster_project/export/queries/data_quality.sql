-- Open findings of each organisation and source, by how grave they are
select
    known.organisation_name,
    known.organisation_code,
    findings.source,
    case findings.source
        when 'council_returns' then 'Council returns'
        when 'esr' then 'Electronic Staff Record (NHS)'
        when 'skills_for_care' then 'Skills for Care'
        when 'employer_standards' then 'Survey of employer standards'
        when 'maturity' then 'Self-assessment of integration maturity'
    end as source_of_findings,
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
