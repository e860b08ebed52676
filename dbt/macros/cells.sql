{# How the text of a published cell is read. One home, so that every figure is read alike. #}

{% macro plain_number() -%}
'^-?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?$'
{%- endmacro %}

{# A number, then a mark that opens a remark, then a remark without digits: the only text read as a number with a note. #}
{% macro number_with_note() -%}
'^(-?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*[*(]\s*([^0-9*()]+?)\)?$'
{%- endmacro %}

{# A remark that takes the number back, as in '0 (cannot quantify)', leaves neither a number nor a note. #}
{% macro is_number_with_note(text) -%}
(
    regexp_matches({{ text }}, {{ number_with_note() }})
    and lower(trim(regexp_extract({{ text }}, {{ number_with_note() }}, 2))) not in (
        select text_normalised from {{ ref('value_words') }}
    )
)
{%- endmacro %}

{# What kind of thing stands in a cell. The words for "nothing there" come from the seed value_words. #}
{% macro value_kind(text, word_kind) -%}
    case
        when {{ text }} = '' then 'blank'
        when {{ word_kind }} is not null then {{ word_kind }}
        when regexp_matches({{ text }}, {{ plain_number() }}) then 'number'
        when {{ is_number_with_note(text) }} then 'number_with_note'
        else 'unreadable'
    end
{%- endmacro %}

{# The number in a cell, exact to four decimals; null unless value_kind is a number. #}
{% macro value_number(text) -%}
    case
        when regexp_matches({{ text }}, {{ plain_number() }})
            then try_cast(replace({{ text }}, ',', '') as decimal(18, 4))
        when {{ is_number_with_note(text) }}
            then try_cast(replace(regexp_extract({{ text }}, {{ number_with_note() }}, 1), ',', '') as decimal(18, 4))
    end
{%- endmacro %}

{% macro value_note(text) -%}
    case
        when {{ is_number_with_note(text) }}
            then nullif(trim(regexp_extract({{ text }}, {{ number_with_note() }}, 2)), '')
    end
{%- endmacro %}

{# A number as a person writes it: no trailing zeros. #}
{% macro as_written(number) -%}
    case when cast({{ number }} as varchar) like '%.%' then regexp_replace(cast({{ number }} as varchar), '\.?0+$', '') else cast({{ number }} as varchar) end
{%- endmacro %}

{# A council's name without case, punctuation and spacing, with '&' as 'and'. #}
{% macro normalised_name(name) -%}
    trim(regexp_replace(replace(lower({{ name }}), '&', ' and '), '[^a-z0-9]+', ' ', 'g'))
{%- endmacro %}

{# A name as it stands inside a sentence: lower case, abbreviations as they are. #}
{% macro in_a_sentence(name) -%}
    replace(replace(lower({{ name }}), 'fte', 'FTE'), 'ahp', 'AHP')
{%- endmacro %}

{# Whole pounds as people write them, such as £28,407. #}
{% macro as_pounds(amount) -%}
    format('£{:,}', cast({{ amount }} as bigint))
{%- endmacro %}

{# A sum that is known only when every part of it is. Where a part of the FTE does not apply to a row, the row adds nothing #}
{# to it; everybody counted has a headcount and an FTE. #}
{% macro whole_sum(measure) -%}
    case
        when count({{ measure }})
            {%- if measure not in ('headcount', 'fte') %} + count(*) filter (where {{ measure }}_status = 'not_applicable'){% endif %} = count(*)
            then sum({{ measure }})
    end
{%- endmacro %}
