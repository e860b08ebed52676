with

resolved as (

    select
        submission_id,
        source_document,
        figure,
        figure as counts_as_figure,
        source_file,
        source_sheet,
        source_row,
        council_as_written,
        region_block,
        transcription_note,
        source,
        as_at_date,
        organisation_code,
        is_misprint,
        false as is_own_return
    from {{ ref('int_organisations__resolved') }}
    union all
    select
        submission_id,
        source_document,
        figure,
        counts_as_figure,
        source_file,
        source_sheet,
        source_row,
        council_as_written,
        '' as region_block,
        '' as transcription_note,
        source,
        as_at_date,
        organisation_code,
        false as is_misprint,
        true as is_own_return
    from {{ ref('int_returns__rows') }}

),

claims as (

    select * from {{ ref('int_submissions__claims') }}

),

figures as (

    select * from {{ ref('int_submissions__figures') }}

),

organisations as (

    select * from {{ ref('organisations') }}

)

-- A later file that holds only some of the councils puts only those of the earlier one out of force. A name that nobody
-- bears goes with its file: once the figure is sent again, there is no telling which row took its place.
select
    resolved.submission_id,
    resolved.source_document,
    resolved.figure,
    resolved.counts_as_figure,
    resolved.source_file,
    resolved.source_sheet,
    resolved.source_row,
    resolved.council_as_written,
    resolved.region_block,
    resolved.transcription_note,
    resolved.source,
    resolved.as_at_date,
    case when resolved.organisation_code is null then figures.recency else claims.recency end as recency,
    case when resolved.organisation_code is null then figures.is_current else claims.is_current end as is_current,
    case when resolved.organisation_code is null then figures.received_at else claims.received_at end as received_at,
    case when resolved.organisation_code is null then figures.superseded_at else claims.superseded_at end as superseded_at,
    resolved.organisation_code,
    resolved.is_misprint,
    resolved.is_own_return,
    organisations.organisation_name
from resolved
left join claims
    on
        resolved.submission_id = claims.submission_id
        and resolved.as_at_date = claims.as_at_date
        and resolved.organisation_code = claims.organisation_code
        and resolved.counts_as_figure = claims.figure
left join figures
    on
        resolved.submission_id = figures.submission_id
        and resolved.source_document = figures.source_document
        and resolved.figure = figures.figure
left join organisations on resolved.organisation_code = organisations.organisation_code
-- Rows of a file that never counted, because it was refused, are nobody's.
where claims.submission_id is not null or figures.submission_id is not null
