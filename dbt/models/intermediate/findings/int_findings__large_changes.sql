-- A later submission that moves a council's number far: right or wrong, somebody should look.
with

cells as (

    select * from {{ ref('int_workforce__cells') }}
    where organisation_code is not null

),

fields as (

    select * from {{ ref('measure_fields') }}

),

policies as (

    select
        max(case when policy = 'large_change_share' then value end) as large_change_share,
        max(case when policy = 'large_change_minimum' then value end) as large_change_minimum
    from {{ ref('policies') }}

),

compared as (

    select
        *,
        lead(value_used ignore nulls) over submissions_of_the_cell as value_before
    from cells
    window submissions_of_the_cell as (
        partition by source_document, figure, organisation_code, field order by recency
    )

),

findings as (

    select
        'large_change' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('compared') }},
        compared.field,
        compared.source_cell,
        compared.cell_text as value,
        {{ in_a_sentence('fields.field_name') }} || ' was ' || {{ as_written('compared.value_before') }}
        || ' in the submission before and is '
        || coalesce(
            {{ as_written('compared.value_used') }},
            '''' || nullif(compared.cell_text, '') || ''', which cannot be used,',
            'not given'
        ) || ' now.' as message,
        'Confirm the new number with the council, or send the file again with the right one.' as suggestion
    from compared
    inner join fields on compared.field = fields.field
    cross join policies
    where
        (compared.value_used is null and compared.value_before > 0)
        or (
            abs(compared.value_used - compared.value_before) >= policies.large_change_minimum
            and abs(compared.value_used - compared.value_before) >= policies.large_change_share * compared.value_before
        )

)

select {{ finding_columns() }} from findings
