-- A later submission that moves a council's number far: right or wrong, somebody should look.
with

cells as (

    select * from {{ ref('int_workforce__cells') }}
    where organisation_code is not null and not is_own_return

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

-- A council's own return may list other titles than the one before, so its groups are held against each other.
own_groups as (

    {% for measure in ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}
    select
        submission_id,
        source,
        source_document,
        figure,
        organisation_code,
        organisation_name,
        as_at_date,
        return_group,
        recency,
        min(source_file) as source_file,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row,
        bool_or(is_current) as is_current,
        min(received_at) as received_at,
        max(superseded_at) as superseded_at,
        '{{ measure }}' as field,
        {{ whole_sum(measure) }} as value_used
    from {{ ref('int_returns__workforce') }}
    group by submission_id, source, source_document, figure, organisation_code, organisation_name, as_at_date, return_group, recency
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

own_compared as (

    select
        *,
        organisation_name as council_as_written,
        lead(value_used ignore nulls) over submissions_of_the_group as value_before
    from own_groups
    window submissions_of_the_group as (
        partition by as_at_date, organisation_code, return_group, field order by recency
    )

),

own_findings as (

    select
        'large_change' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('own_compared') }},
        own_compared.return_group || ', ' || own_compared.field as field,
        cast(null as varchar) as source_cell,
        {{ as_written('own_compared.value_used') }} as value,
        {{ in_a_sentence('fields.field_name') }} || ' of the group ' || lower(return_groups.return_group_name) || ' was '
        || {{ as_written('own_compared.value_before') }} || ' in the submission before and is '
        || coalesce({{ as_written('own_compared.value_used') }}, 'not known') || ' now.' as message,
        'Check the rows of the group. When the new number is right, say why under Accepted warnings.' as suggestion
    from own_compared
    inner join fields on own_compared.field = fields.field
    inner join {{ ref('return_groups') }} as return_groups on own_compared.return_group = return_groups.return_group
    cross join policies
    where
        (own_compared.value_used is null and own_compared.value_before > 0)
        or (
            abs(own_compared.value_used - own_compared.value_before) >= policies.large_change_minimum
            and abs(own_compared.value_used - own_compared.value_before)
            >= policies.large_change_share * own_compared.value_before
        )

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
union all
select {{ finding_columns() }} from own_findings
