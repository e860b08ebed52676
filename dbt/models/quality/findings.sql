with

acceptance_findings as (

    select * from {{ ref('int_findings__acceptances') }}

),

rules as (

    select * from {{ ref('finding_rules') }}

),

organisations as (

    select * from {{ ref('dim_organisation') }}

),

-- A reference put twice is one acceptance; the first row gives the reason.
acceptances as (

    select
        submission_id,
        finding_reference,
        arg_min(reason, source_row) as reason,
        arg_min(accepted_by_role, source_row) as accepted_by_role
    from {{ ref('stg_council_returns__return_acceptances') }}
    where reason is not null
    group by submission_id, finding_reference

),

identified as (

    select * from {{ ref('int_findings__identified') }}
    union all by name
    select
        named.*,
        cast(null as varchar) as severity,
        cast(null as varchar) as reference
    from (
        {{ identified('acceptance_findings') }}
    ) as named

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
    -- A finding is passed on by its words alone.
    case when submissions.is_invented then 'Invented example. ' else '' end || coalesce(
        coalesce(organisations.organisation_name, nullif(latest.organisation_as_written, '')) || ': ' || latest.message,
        upper(left(latest.message, 1)) || substr(latest.message, 2),
        rules.title || '.'
    ) as message,
    nullif(rules.looks_like, '') as looks_like,
    coalesce(latest.suggestion, rules.what_to_do) as suggestion,
    case
        when not spans.is_open then 'resolved'
        when acceptances.finding_reference is not null then 'accepted'
        else 'open'
    end as status,
    latest.reference,
    case when spans.is_open then acceptances.reason end as accepted_reason,
    case when spans.is_open then acceptances.accepted_by_role end as accepted_by_role,
    spans.first_seen_at,
    case
        when spans.is_open then cast(getvariable('refreshed_at') as timestamp)
        else coalesce(spans.last_superseded_at, spans.last_met_at)
    end as last_seen_at,
    latest.submission_id
from latest
inner join spans on latest.finding_id = spans.finding_id
left join rules on latest.rule_id = rules.rule_id
left join {{ ref('int_submissions__latest') }} as submissions on latest.submission_id = submissions.submission_id
left join organisations on latest.organisation_code = organisations.organisation_code
left join acceptances
    on latest.submission_id = acceptances.submission_id and latest.reference = acceptances.finding_reference
where latest.recency = 1
