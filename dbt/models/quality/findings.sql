with

found as (

    {% for subject in ['landing', 'organisations', 'cells', 'rows', 'totals', 'pay', 'pipeline', 'statements', 'large_changes'] %}
    select * from {{ ref('int_findings__' ~ subject) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

rules as (

    select * from {{ ref('finding_rules') }}

),

organisations as (

    select * from {{ ref('organisations') }}

),

-- Faults alike in rule, place and field are counted through, so that each keeps an identity of its own.
counted as (

    select
        *,
        row_number() over (
            partition by
                rule_id, source, source_document, source_file, figure, organisation_code, as_at_date, field,
                submission_id, case when organisation_code is null then organisation_as_written end
            order by source_row, source_cell, message
        ) as occurrence
    from found

),

identified as (

    select
        *,
        -- The same fault in a later file of the same figure is the same finding, so it keeps its first day.
        md5(concat_ws(
            '|', rule_id, source, coalesce(source_document, source_file), figure,
            coalesce(organisation_code, organisation_as_written, cast(source_row as varchar)), cast(as_at_date as varchar),
            field, case when organisation_code is null then source_cell end,
            case when organisation_code is null and source_document is null then message end,
            nullif(occurrence, 1)
        )) as finding_id
    from counted

),

spans as (

    select
        finding_id,
        min(seen_at) as first_seen_at,
        max(seen_at) as last_met_at,
        max(superseded_at) as last_superseded_at,
        bool_or(is_current) as is_open
    from identified
    group by finding_id

),

latest as (

    select
        *,
        row_number() over (partition by finding_id order by is_current desc, seen_at desc, source_row, source_cell) as recency
    from identified

)

select
    latest.finding_id,
    latest.rule_id,
    coalesce(latest.severity_here, rules.severity) as severity,
    rules.dimension,
    latest.source,
    latest.organisation_code,
    coalesce(organisations.organisation_name, latest.organisation_as_written) as organisation_name,
    latest.as_at_date,
    latest.figure,
    latest.field,
    latest.source_file,
    latest.source_sheet,
    latest.source_row,
    latest.source_cell,
    latest.value,
    coalesce(
        coalesce(organisations.organisation_name, nullif(latest.organisation_as_written, '')) || ': ' || latest.message,
        upper(left(latest.message, 1)) || substr(latest.message, 2),
        rules.title || '.'
    ) as message,
    coalesce(latest.suggestion, rules.what_to_do) as suggestion,
    case when spans.is_open then 'open' else 'resolved' end as status,
    spans.first_seen_at,
    case
        when spans.is_open then cast('{{ env_var("AHP_REFRESHED_AT", "1970-01-01T00:00:00Z") }}' as timestamp)
        else coalesce(spans.last_superseded_at, spans.last_met_at)
    end as last_seen_at,
    latest.submission_id
from latest
inner join spans on latest.finding_id = spans.finding_id
left join rules on latest.rule_id = rules.rule_id
left join organisations on latest.organisation_code = organisations.organisation_code
where latest.recency = 1
