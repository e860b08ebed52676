-- Findings by severity and rule
select
    findings.severity,
    rules.title,
    rules.why_it_matters,
    rules.what_to_do,
    findings.rule_id,
    count(*) filter (findings.status = 'open') as open_findings,
    count(*) filter (findings.status = 'accepted') as accepted_findings,
    count(*) filter (findings.status = 'resolved') as resolved_findings,
    count(distinct findings.organisation_code) filter (findings.status = 'open') as organisations
from quality.findings as findings
left join reference.finding_rules as rules on findings.rule_id = rules.rule_id
group by findings.severity, findings.rule_id, rules.title, rules.why_it_matters, rules.what_to_do
order by list_position(['error', 'warning', 'info'], findings.severity), rules.title, findings.rule_id
