{% for table, field in {
    'return_workforce_cells': 'job_title', 'return_learner_cells': 'learner_type', 'return_equality_cells': 'category'
}.items() %}
select
    submission_id,
    source_sheet,
    source_row,
    {{ normalised_name('cell_text') }} as row_name
from {{ ref('stg_council_returns__' ~ table) }}
where field = '{{ field }}' and cell_text <> ''
{{ 'union all' if not loop.last }}
{% endfor %}
