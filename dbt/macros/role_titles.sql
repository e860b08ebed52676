{# A word in the form in which the lists of role coding are compared: without the s of a plural. #}
{% macro plain_form(word) -%}
case
    when length({{ word }}) >= 3 and ends_with({{ word }}, 's') and not regexp_matches({{ word }}, '(ss|us|is)$')
        then left({{ word }}, length({{ word }}) - 1)
    else {{ word }}
end
{%- endmacro %}


{# A text in which each pattern has been replaced everywhere, in the order given: pairs of pattern and replacement. #}
{% macro replaced_in_turn(text, replacements) -%}
{% set ns = namespace(sql=text) -%}
{% for pattern, replacement in replacements -%}
{% set ns.sql = "regexp_replace(" ~ ns.sql ~ ",\n'" ~ pattern | replace("'", "''") ~ "', '" ~ replacement ~ "', 'g')" -%}
{% endfor -%}
{{ ns.sql }}
{%- endmacro %}


{# The levels of a list of Agenda for Change bands, each once and in order: 8 stands for 8a to 8d. #}
{% macro band_levels(bands) -%}
list_sort(list_distinct(list_transform(
    {{ bands }}, lambda band: if(regexp_matches(band, '[8abcd]'), '8', left(trim(band), 1))
)))
{%- endmacro %}


{# Kind of employer by which the title of a row of a council's return is coded; a row that names none is the council's. #}
{% macro employer_type_of_row(employer) -%}
case {{ employer }} when 'nhs' then 'nhs' when 'other' then 'independent' else 'council' end
{%- endmacro %}


{# Band of an assignment as its title is coded with it; null where none is given. #}
{% macro band_of_assignment(afc_band) -%}
'Band ' || nullif({{ afc_band }}, '')
{%- endmacro %}
