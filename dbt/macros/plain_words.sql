{# A wording without case, punctuation and spacing, as the reference lists keep it in their column value_normalised. #}
{% macro plain_words(text) -%}
trim(regexp_replace(lower(coalesce({{ text }}, '')), '[^a-z0-9]+', ' ', 'g'))
{%- endmacro %}
