{# A wording without case, punctuation and spacing, as the reference lists keep it in their column value_normalised. #}
{% macro plain_words(text) -%}
{#- DuckDB reckons a function of one Parquet column once for each value that differs; with coalesce inside, for each row. -#}
coalesce(trim(regexp_replace(lower({{ text }}), '[^a-z0-9]+', ' ', 'g')), '')
{%- endmacro %}
