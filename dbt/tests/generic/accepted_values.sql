{# dbt's own test, kept out of the nights: which values a column can hold stands or falls with the code. #}
{% test accepted_values(model, column_name, values) %}

{{ config(tags=['tested_with_the_code']) }}

select distinct {{ column_name }} as unexpected_value
from {{ model }}
where
    {{ column_name }} is not null
    and {{ column_name }} not in ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})

{% endtest %}
