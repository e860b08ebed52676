-- What is known to be wrong or in doubt in one council's numbers, where is it, and what would mend it?
select
    findings.severity,
    rules.title,
    findings.figure,
    coalesce(findings.source_cell, 'row ' || cast(findings.source_row as varchar)) as place,
    findings.message,
    findings.suggestion
from quality.findings as findings
inner join reference.finding_rules as rules on findings.rule_id = rules.rule_id
where
    findings.status = 'open'
    and findings.organisation_name = 'Leicestershire' -- your council
order by
    list_position(['error', 'warning', 'info'], findings.severity),
    findings.figure,
    findings.source_row,
    findings.finding_id
