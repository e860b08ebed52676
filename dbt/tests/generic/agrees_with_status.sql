{# A number stands exactly where its status is a known one that has a number. #}
{% test agrees_with_status(model, column_name, status_column) %}

{{ config(tags=['tested_with_the_code']) }}

select
    numbers.{{ column_name }},
    numbers.{{ status_column }}
from {{ model }} as numbers
left join {{ ref('value_statuses') }} as statuses on numbers.{{ status_column }} = statuses.value_status
where (numbers.{{ column_name }} is not null) is distinct from statuses.has_number

{% endtest %}
