-- One extract speaks for every organisation it names. Of several for one organisation and day the newest counts.
with

extracts as (

    select
        submission_id,
        organisation_code,
        as_at_date,
        any_value(source) as source,
        any_value(source_file) as source_file,
        min(organisation_as_written) as organisation_as_written,
        count(*) as rows_landed,
        min(source_row) as first_row
    from {{ ref('stg_esr__assignments') }}
    group by submission_id, organisation_code, as_at_date

),

arrivals as (

    select
        submission_id,
        min(arrived_at) as first_arrived_at,
        max(arrived_at) as last_arrived_at,
        arg_max(last_event_id, arrived_at) as last_event_id,
        bool_or(stands_until is null) as is_standing,
        max(stands_until) as stands_until
    from {{ ref('int_submissions__arrivals') }}
    group by submission_id

),

submissions as (

    select
        submission_id,
        key_fingerprint,
        coalesce(is_invented, false) as is_invented
    from {{ ref('int_submissions__latest') }}

),

organisations as (

    select * from {{ ref('nhs_organisations') }}

),

ranked as (

    select
        extracts.*,
        arrivals.first_arrived_at,
        arrivals.last_arrived_at,
        arrivals.is_standing,
        arrivals.stands_until,
        row_number() over (
            partition by extracts.organisation_code, extracts.as_at_date
            order by arrivals.is_standing desc, arrivals.last_arrived_at desc, arrivals.last_event_id desc
        ) as recency,
        max(arrivals.last_arrived_at) filter (where arrivals.is_standing) over (
            partition by extracts.organisation_code, extracts.as_at_date
        ) as newest_arrived_at
    from extracts
    inner join arrivals on extracts.submission_id = arrivals.submission_id

)

select
    ranked.submission_id,
    ranked.source,
    ranked.source_file,
    ranked.organisation_code,
    -- Whoever adds up by name keeps what is invented apart.
    organisations.organisation_name || case when submissions.is_invented then ' (invented)' else '' end as organisation_name,
    ranked.organisation_as_written,
    organisations.organisation_code is not null as is_known_organisation,
    ranked.as_at_date,
    case when submissions.is_invented then 'invented_' else '' end || 'esr_extract_' || cast(ranked.as_at_date as varchar)
        as source_document,
    ranked.rows_landed,
    ranked.first_row,
    ranked.recency = 1 and ranked.is_standing as is_current,
    ranked.is_standing,
    submissions.key_fingerprint,
    submissions.is_invented,
    ranked.first_arrived_at as received_at,
    case
        when not (ranked.recency = 1 and ranked.is_standing) then coalesce(ranked.stands_until, ranked.newest_arrived_at)
    end as superseded_at
from ranked
left join submissions on ranked.submission_id = submissions.submission_id
left join organisations on ranked.organisation_code = organisations.organisation_code
