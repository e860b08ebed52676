-- What somebody should know of a submission as a whole: withdrawn, with the reason; or of a council in no known system.
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
        case when events.is_invented then 'invented_' else '' end || 'council_return_' || cast(events.as_at_date as varchar)
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

),

returned as (

    select
        source,
        source_document,
        organisation_code,
        organisation_name,
        as_at_date,
        submission_id,
        min(source_file) as source_file
    from {{ ref('int_workforce__returns') }}
    group by source, source_document, organisation_code, organisation_name, as_at_date, submission_id

),

systems as (

    select * from {{ ref('int_geography__membership') }}
    where geography_type = 'ics' and is_main

),

system_not_known as (

    select
        'system_not_known' as rule_id,
        cast(null as varchar) as severity_here,
        returned.source,
        returned.source_document,
        returned.organisation_code,
        returned.organisation_name as organisation_as_written,
        returned.as_at_date,
        cast(null as varchar) as figure,
        cast(null as varchar) as field,
        returned.submission_id,
        returned.source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        cast(null as varchar) as value,
        'which integrated care system it belonged to on ' || strftime(returned.as_at_date, '%-d %B %Y')
        || ' is not known here. Its numbers stand in its regions and in no system.' as message,
        'Add the membership and its dates to the list of areas, with its source.' as suggestion,
        true as is_current,
        submissions.first_received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from returned
    inner join submissions on returned.submission_id = submissions.submission_id
    left join systems
        on
            returned.organisation_code = systems.organisation_code
            and returned.as_at_date between systems.valid_from and systems.valid_to
    -- Systems exist since July 2022.
    where systems.organisation_code is null and returned.as_at_date >= date '2022-07-01'

)

select {{ finding_columns() }} from withdrawn
union all
select {{ finding_columns() }} from system_not_known
