-- What the printed survey and self-assessments say against themselves, or leave unreadable
select
    findings.source,
    findings.severity,
    rules.title,
    findings.message,
    findings.source_file,
    findings.source_row,
    findings.status
from quality.findings as findings
left join reference.finding_rules as rules on findings.rule_id = rules.rule_id
where findings.source in ('employer_standards', 'maturity') and findings.status in ('open', 'accepted')
order by
    findings.source,
    list_position(['error', 'warning', 'info'], findings.severity),
    rules.title,
    findings.source_file,
    findings.source_row,
    findings.finding_id
