{# The columns of every findings model, in one order, so that quality.findings can put them together. #}
{% macro finding_columns() -%}
rule_id, severity_here, source, source_document, organisation_code, organisation_as_written, as_at_date, figure,
field, submission_id, source_file, source_sheet, source_row, source_cell, value, message, suggestion, is_current,
seen_at, superseded_at
{%- endmacro %}

{# Where a row of a published table came from; the same for every finding about such a row. #}
{% macro finding_row(relation) -%}
    {{ relation }}.source,
    {{ relation }}.source_document,
    {{ relation }}.organisation_code,
    {{ relation }}.council_as_written as organisation_as_written,
    {{ relation }}.as_at_date,
    {{ relation }}.figure,
    {{ relation }}.submission_id,
    {{ relation }}.source_file,
    {{ relation }}.source_sheet,
    {{ relation }}.source_row,
    {{ relation }}.is_current,
    {{ relation }}.received_at as seen_at,
    {{ relation }}.superseded_at
{%- endmacro %}
