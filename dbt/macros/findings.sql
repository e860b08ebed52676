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

{# Gives findings their lasting names. Faults alike in rule, place and field are counted through, so that each keeps an #}
{# identity of its own; a row of a council's own return is known by its title, wherever on the sheet it stands. #}
{% macro identified(relation) -%}
    select
        counted.* exclude (occurrence),
        -- The same fault in a later file of the same figure is the same finding, so it keeps its first day.
        md5(concat_ws(
            '|', rule_id, source, coalesce(source_document, source_file), figure,
            coalesce(organisation_code, organisation_as_written, cast(source_row as varchar)), cast(as_at_date as varchar),
            field, row_name, case when organisation_code is null then source_cell end,
            case when source_document is null then message end,
            nullif(occurrence, 1)
        )) as finding_id
    from (
        select
            found.*,
            named.row_name,
            row_number() over (
                partition by
                    found.rule_id, found.source, found.source_document, found.source_file, found.figure,
                    found.organisation_code, found.as_at_date, found.field, found.submission_id, named.row_name,
                    case when found.organisation_code is null then found.organisation_as_written end
                order by found.source_row, found.source_cell, found.message
            ) as occurrence
        from {{ relation }} as found
        left join {{ ref('int_returns__row_names') }} as named
            on
                found.submission_id = named.submission_id
                and found.source_sheet = named.source_sheet
                and found.source_row = named.source_row
    ) as counted
{%- endmacro %}
