{# Each entry with its number, and what it adds to the balance of its pair. #}
{% set entries = [
    ('in_return', 'in_return'),
    ('in_extract', 'in_extract'),
    ('counted_by_council', '-counted_by_council'),
    ('left_out_of_nhs', '-counted_by_council'),
    ('counted_by_nhs', '-(matched - counted_by_council)'),
    ('left_out_of_council', '-(matched - counted_by_council)'),
    ('unmatched_in_return', '-(in_return - matched)'),
    ('unmatched_in_extract', '-(in_extract - matched)'),
] %}

with

pairs as (

    select * from {{ ref('int_overlap__pairs') }}

)

{% for entry, people in entries %}
select
    council_code,
    council_name,
    nhs_organisation_code,
    nhs_organisation_name,
    as_at_date,
    extract_as_at_date,
    cast({{ loop.index }} as bigint) as entry_number,
    '{{ entry }}' as entry,
    cast({{ people }} as bigint) as people,
    {{ {'in_return': 'in_return', 'in_extract': 'counted_in_extract'}.get(entry, 'cast(null as bigint)') }} as counted_in_source,
    cast(trusts_naming_the_council as bigint) as trusts_naming_the_council
from pairs
{{ 'union all' if not loop.last }}
{% endfor %}
