-- Printed totals held against the rows above them.
with

compared as (

    select
        *,
        total_as_written as council_as_written,
        cast(null as varchar) as organisation_code
    from {{ ref('int_totals__compared') }}

),

fields as (

    select * from {{ ref('measure_fields') }}

),

policies as (

    select max(case when policy = 'total_tolerance' then value end) as total_tolerance
    from {{ ref('policies') }}

),

differs as (

    select
        'total_differs_from_rows' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('compared') }},
        compared.field,
        compared.source_cell,
        compared.cell_text as value,
        {{ in_a_sentence('fields.field_name') }} || ': ' || compared.cell_text
        || ' is printed, but the ' || compared.rows_in_block || ' rows above add up to '
        || {{ as_written('compared.rows_total') }}
        || case
            when round(compared.rows_total) = compared.printed_total
                then '; the total was rounded to a whole number'
            else ''
        end || '. The rows are counted, the total is not.' as message,
        'Print the total as ' || {{ as_written('compared.rows_total') }} || ', or correct the row that is wrong.' as suggestion
    from compared
    inner join fields on compared.field = fields.field
    cross join policies
    where
        compared.is_comparable
        and compared.printed_total is not null
        and abs(compared.printed_total - compared.rows_total) > policies.total_tolerance

),

not_given as (

    select
        'total_not_given' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('compared') }},
        string_agg(compared.field, ', ' order by compared.source_cell) as field,
        min(compared.source_cell) as source_cell,
        string_agg(distinct nullif(compared.cell_text, ''), ', ') as value,
        'no number is printed for '
        || string_agg({{ in_a_sentence('fields.field_name') }}, ', ' order by compared.source_cell)
        || ', so the rows cannot be held against it.' as message,
        'Print the total, or take the regional total from this warehouse with its coverage.' as suggestion
    from compared
    inner join fields on compared.field = fields.field
    where compared.printed_total is null
    group by all

)

{% for finding in ['differs', 'not_given'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
