-- Findings that are open, or accepted with a reason, the gravest first
select
    findings.organisation_code,
    findings.organisation_name,
    findings.severity,
    rules.title,
    findings.message,
    findings.suggestion,
    findings.status,
    findings.accepted_reason,
    findings.accepted_by_role,
    findings.as_at_date,
    findings.source_file,
    findings.source_sheet,
    findings.source_row,
    findings.source_cell,
    findings.rule_id,
    findings.first_seen_at
from quality.findings as findings
left join reference.finding_rules as rules on findings.rule_id = rules.rule_id
where findings.status in ('open', 'accepted')
order by
    findings.organisation_code,
    list_position(['error', 'warning', 'info'], findings.severity),
    findings.as_at_date desc,
    findings.source_file,
    findings.source_row,
    findings.source_cell,
    findings.finding_id
