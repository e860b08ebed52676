-- Every finding of every subject, in one form; those about accepted warnings come after, because they look at these.
{% for subject in [
    'landing', 'organisations', 'cells', 'rows', 'totals', 'pay', 'pipeline', 'statements', 'large_changes', 'returns',
    'equality', 'submissions', 'people', 'social_care', 'between_sources', 'roles'
] %}
select * from {{ ref('int_findings__' ~ subject) }}
{{ 'union all' if not loop.last }}
{% endfor %}
