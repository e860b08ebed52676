-- What happened to submissions that somebody should know of: withdrawn, with the reason.
with

events as (

    select * from {{ ref('stg_store__submissions') }}

),

submissions as (

    select * from {{ ref('int_submissions__latest') }}

),

organisations as (

    select * from {{ ref('organisations') }}

),

withdrawn as (

    select
        'submission_withdrawn' as rule_id,
        cast(null as varchar) as severity_here,
        events.source,
        case when events.as_at_date is not null then 'council_return_' || cast(events.as_at_date as varchar) end
            as source_document,
        events.organisation_code,
        organisations.organisation_name as organisation_as_written,
        events.as_at_date,
        cast(null as varchar) as figure,
        cast(null as varchar) as field,
        events.submission_id,
        events.source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        cast(null as varchar) as value,
        'the submission ' || events.file_name || ' was withdrawn on ' || strftime(events.read_at, '%-d %B %Y') || ' by '
        || coalesce(events.decided_by, 'somebody who gave no role') || ': ' || coalesce(events.reason, 'no reason given')
        || '. What was in force before it counts again.' as message,
        'Nothing to do. It can be reinstated.' as suggestion,
        submissions.outcome = 'withdrawn' as is_current,
        events.read_at as seen_at,
        case when submissions.outcome <> 'withdrawn' then submissions.last_received_at end as superseded_at
    from events
    inner join submissions on events.submission_id = submissions.submission_id
    left join organisations on events.organisation_code = organisations.organisation_code
    where events.outcome = 'withdrawn'

)

select {{ finding_columns() }} from withdrawn
