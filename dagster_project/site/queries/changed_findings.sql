-- Findings that were opened or closed since the release before
select
    coalesce(present.severity, earlier.severity) as severity,
    rules.title,
    count(*) filter (present.status = 'open' and earlier.status is distinct from 'open') as opened,
    count(*) filter (earlier.status = 'open' and present.status is distinct from 'open') as closed
from quality.findings as present
full join before.quality.findings as earlier on present.finding_id = earlier.finding_id
left join reference.finding_rules as rules on coalesce(present.rule_id, earlier.rule_id) = rules.rule_id
where (present.status = 'open') is distinct from (earlier.status = 'open')
group by all
having opened + closed > 0
order by all
