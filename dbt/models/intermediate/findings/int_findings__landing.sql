-- What was found while files were read: refusals, sheets passed over, and documents that give no date.
with

problems as (

    select * from {{ ref('stg_store__landing_problems') }}

),

submissions as (

    select * from {{ ref('int_submissions__latest') }}

),

mended as (

    select
        refused.submission_id,
        min(later.last_received_at) as mended_at
    from submissions as refused
    inner join submissions as later
        on
            refused.source_file = later.source_file
            and later.outcome = 'accepted'
            and later.latest_event_id > refused.latest_event_id
    group by refused.submission_id

),

figures as (

    select * from {{ ref('int_submissions__figures') }}

),

superseded as (

    select
        submission_id,
        max(superseded_at) as superseded_at
    from {{ ref('int_organisations__rows') }}
    group by submission_id
    having not bool_or(is_current)
    union all
    select
        submission_id,
        max(superseded_at) as superseded_at
    from figures
    where source in ('employer_standards', 'maturity')
    group by submission_id
    having not bool_or(is_current)

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

from_files as (

    select
        problems.rule_id,
        -- A problem that stopped a file is an error whatever its rule; one that did not is at most a warning, but for a row
        -- that was left out because it repeats another.
        case
            when submissions.outcome in ('quarantined', 'cleared') then 'error'
            when rules.severity = 'error' and problems.rule_id <> 'duplicate_row' then 'info'
        end as severity_here,
        submissions.source,
        -- A refused file is no part of any document.
        case
            when submissions.as_at_date is not null and submissions.outcome not in ('quarantined', 'cleared')
                then
                    case when submissions.is_invented then 'invented_' else '' end || 'council_return_'
                    || cast(submissions.as_at_date as varchar)
        end as source_document,
        submissions.organisation_code,
        organisations.organisation_name as organisation_as_written,
        submissions.as_at_date,
        cast(null as varchar) as figure,
        nullif(problems.field, '') as field,
        problems.submission_id,
        submissions.source_file,
        nullif(problems.source_sheet, '') as source_sheet,
        problems.source_row,
        nullif(problems.source_cell, '') as source_cell,
        nullif(problems.value, '') as value,
        case when submissions.outcome in ('quarantined', 'cleared') then 'the file was not used. ' else '' end
        || problems.message as message,
        problems.suggestion,
        submissions.outcome <> 'cleared' and coalesce(mended.mended_at, superseded.superseded_at) is null as is_current,
        submissions.last_received_at as seen_at,
        coalesce(
            mended.mended_at,
            superseded.superseded_at,
            case when submissions.outcome = 'cleared' then submissions.read_at end
        ) as superseded_at
    from problems
    inner join submissions
        on problems.submission_id = submissions.submission_id and problems.event_id = submissions.latest_event_id
    left join {{ ref('finding_rules') }} as rules on problems.rule_id = rules.rule_id
    left join mended on problems.submission_id = mended.submission_id and submissions.outcome in ('quarantined', 'cleared')
    left join {{ ref('organisations') }} as organisations on submissions.organisation_code = organisations.organisation_code
    left join superseded on problems.submission_id = superseded.submission_id

),

documents_in_force as (

    select
        source_document,
        min(received_at) as first_received_at
    from figures
    where is_current
    group by source_document

),

dates_not_stated as (

    select
        'as_at_date_missing' as rule_id,
        cast(null as varchar) as severity_here,
        documents.source,
        documents.source_document,
        cast(null as varchar) as organisation_code,
        cast(null as varchar) as organisation_as_written,
        documents.as_at_date,
        cast(null as varchar) as figure,
        'as_at_date' as field,
        cast(null as varchar) as submission_id,
        cast(null as varchar) as source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        cast(null as varchar) as value,
        '''' || documents.title || ''' does not say on which day its figures were taken. '
        || 'The month it was published stands in: ' || cast(documents.as_at_date as varchar) || '.' as message,
        'Ask the publisher for the date of collection and put it on the source card.' as suggestion,
        true as is_current,
        documents_in_force.first_received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from documents
    inner join documents_in_force on documents.source_document = documents_in_force.source_document
    where documents.as_at_basis = 'publication'

)

{% for finding in ['from_files', 'dates_not_stated'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
