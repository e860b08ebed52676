-- What in the data of these organisations should be mended, or was accepted with a reason
select
    coalesce(findings.organisation_name, 'None named') as organisation_name,
    findings.organisation_code,
    findings.as_at_date,
    findings.source,
    findings.severity,
    rules.title,
    findings.message,
    findings.suggestion,
    findings.status,
    findings.accepted_reason,
    findings.figure,
    parse_filename(findings.source_file) as source_file,
    findings.source_sheet,
    coalesce(findings.source_cell, 'row ' || findings.source_row) as source_cell,
    findings.rule_id
from quality.findings as findings
left join reference.finding_rules as rules on findings.rule_id = rules.rule_id
left join chosen_organisations as organisations on findings.organisation_code = organisations.organisation_code
where
    findings.status in ('open', 'accepted')
    -- Findings about totals and whole files name no organisation.
    and (organisations.organisation_code is not null or getvariable('geography_type') = 'all')
order by
    organisation_name,
    findings.organisation_code,
    list_position(['error', 'warning', 'info'], findings.severity),
    findings.as_at_date desc,
    findings.source_file,
    findings.source_row,
    findings.source_cell,
    findings.finding_id
