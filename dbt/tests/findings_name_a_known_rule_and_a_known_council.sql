-- Every finding made reaches quality.findings: its rule is a known one, and so is the council it is about.
-- Rows: a finding whose rule is unknown falls out of quality.findings, so the findings models themselves are read here.
-- That there are rules and councils at all is held by the seeds' own tests.
with

found as (

    {% for subject in ['found', 'acceptances'] %}
    select
        rule_id,
        organisation_code,
        message,
        suggestion
    from {{ ref('int_findings__' ~ subject) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

published as (

    select
        findings.rule_id,
        findings.organisation_name,
        findings.status
    from {{ ref('findings') }} as findings

)

select
    'the rule is not known' as fault,
    found.rule_id as value
from found
left join {{ ref('finding_rules') }} as rules on found.rule_id = rules.rule_id
where rules.rule_id is null
union all
select
    'the organisation is not known' as fault,
    found.organisation_code as value
from found
left join {{ ref('dim_organisation') }} as organisations on found.organisation_code = organisations.organisation_code
where found.organisation_code is not null and organisations.organisation_code is null
union all
select
    'there are no words' as fault,
    found.rule_id as value
from found
where coalesce(found.message, '') = '' or coalesce(found.suggestion, '') = ''
union all
select
    'a rule met in a current submission has no finding in force' as fault,
    found_now.rule_id as value
from (
    {% for subject in ['found', 'acceptances'] %}
    select rule_id from {{ ref('int_findings__' ~ subject) }}
    where is_current
    {{ 'union' if not loop.last }}
    {% endfor %}
) as found_now
left join published on found_now.rule_id = published.rule_id and published.status <> 'resolved'
where published.rule_id is null
