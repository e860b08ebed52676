-- Every finding of every subject, in one form; those about accepted warnings come after, because they look at these.
with

all_found as (

    {% for subject in [
        'landing', 'organisations', 'cells', 'rows', 'totals', 'pay', 'pipeline', 'statements', 'large_changes', 'returns',
        'equality', 'submissions', 'people', 'social_care', 'between_sources', 'roles', 'surveys'
    ] %}
    select * from {{ ref('int_findings__' ~ subject) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

role_checks as (

    select * from {{ ref('role_checks') }}

)

-- Which comparisons of the facts of a role are made, and how bad their findings are, is a list that analysts edit.
select all_found.* replace (coalesce(all_found.severity_here, role_checks.severity) as severity_here)
from all_found
left join role_checks
    on
        all_found.rule_id = 'role_contradiction'
        and all_found.source = role_checks.source
        and all_found.field = role_checks.field
where coalesce(role_checks.is_on, true)
