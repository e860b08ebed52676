{% for table, field in {'return_workforce_cells': 'job_title', 'return_learner_cells': 'learner_type'}.items() %}
select
    submission_id,
    source_sheet,
    source_row,
    {{ normalised_name('cell_text') }} as row_name
from {{ ref('stg_council_returns__' ~ table) }}
where field = '{{ field }}' and cell_text <> ''
union all
{% endfor %}
-- The same answer stands under every characteristic.
select
    submission_id,
    source_sheet,
    source_row,
    string_agg({{ normalised_name('cell_text') }}, ', ' order by field desc) as row_name
from {{ ref('stg_council_returns__return_equality_cells') }}
where field in ('characteristic', 'category') and cell_text <> ''
group by submission_id, source_sheet, source_row
