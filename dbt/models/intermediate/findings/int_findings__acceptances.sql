-- What is wrong with an acceptance itself: it has no reason, it meets no warning, or it was put against something else.
with

acceptances as (

    select * from {{ ref('stg_council_returns__return_acceptances') }}

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}
    where is_own_return

),

identified as (

    select * from {{ ref('int_findings__identified') }}

),

met as (

    select
        council_rows.*,
        acceptances.source_cell,
        acceptances.finding_reference,
        acceptances.reason,
        identified.finding_id is not null as is_met
    from acceptances
    inner join council_rows
        on
            acceptances.submission_id = council_rows.submission_id
            and acceptances.source_sheet = council_rows.source_sheet
            and acceptances.source_row = council_rows.source_row
    left join identified
        on acceptances.submission_id = identified.submission_id and acceptances.finding_reference = identified.reference

),

without_reason as (

    select
        'acceptance_without_reason' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('met') }},
        'reason' as field,
        met.source_cell,
        met.finding_reference as value,
        'the warning ' || met.finding_reference || ' is put among those accepted, and no reason is given. It stays open.'
            as message,
        'Say why the numbers are right as they are.' as suggestion
    from met
    where met.is_met and met.reason is null

),

not_met as (

    select
        'acceptance_not_met' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('met') }},
        'finding_reference' as field,
        met.source_cell,
        met.finding_reference as value,
        'no warning with the reference ' || coalesce(met.finding_reference, '(blank)')
        || ' is met in this return. The numbers it was about have changed, or the reference was mistyped.' as message,
        'Remove the row, or copy the reference again from the check. An error cannot be accepted.' as suggestion
    from met
    where not met.is_met

)

{% for finding in ['without_reason', 'not_met'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
