with

submissions as (

    select * from {{ ref('int_submissions__latest') }}

),

figures as (

    select
        submission_id,
        bool_or(is_current) as is_current,
        min(source_document) as source_document
    from {{ ref('int_organisations__rows') }}
    group by submission_id
    union all
    select
        submission_id,
        bool_or(is_current) as is_current,
        min(source_document) as source_document
    from {{ ref('int_esr__extracts') }}
    group by submission_id
    union all
    select
        submission_id,
        bool_or(is_current) as is_current,
        min(source_document) as source_document
    from {{ ref('int_asc_wds__extracts') }}
    group by submission_id
    union all
    select
        submission_id,
        bool_or(is_current) as is_current,
        min(source_document) as source_document
    from {{ ref('int_submissions__figures') }}
    where source in ('employer_standards', 'maturity')
    group by submission_id

),

documents as (

    select * from {{ ref('dim_period') }}

),

findings as (

    select
        submission_id,
        count(*) as findings
    from {{ ref('findings') }}
    where status <> 'resolved'
    group by submission_id

),

rows_landed as (

    select
        submission_id,
        cast(sum(rows_landed) as bigint) as rows_landed
    from {{ ref('int_submissions__rows_accounted') }}
    group by submission_id

)

select
    submissions.submission_id,
    submissions.sha256,
    submissions.file_name,
    submissions.source_file,
    submissions.source,
    documents.source_document,
    submissions.figures,
    -- A regional collation speaks for many councils, so it names none.
    submissions.organisation_code,
    organisations.organisation_name,
    coalesce(submissions.as_at_date, documents.as_at_date) as as_at_date,
    submissions.first_received_at as received_at,
    case
        when submissions.outcome = 'withdrawn' then 'withdrawn'
        when submissions.outcome in ('quarantined', 'cleared') then 'quarantined'
        when not figures.is_current or (submissions.is_bundled and figures.submission_id is null) then 'superseded'
        else 'accepted'
    end as status,
    -- What was out of scope while the file was read is in the account, and is no landed row.
    coalesce(rows_landed.rows_landed - coalesce(submissions.rows_out_of_scope, 0), 0) as rows,
    coalesce(submissions.rows_refused, 0) as rows_refused,
    coalesce(submissions.rows_out_of_scope, 0) as rows_out_of_scope,
    coalesce(findings.findings, 0) as findings,
    submissions.size_bytes,
    coalesce(submissions.is_bundled, false) as is_bundled,
    coalesce(submissions.is_invented, false) as is_invented,
    case when submissions.outcome = 'withdrawn' then submissions.reason end as withdrawn_reason,
    case when submissions.outcome = 'withdrawn' then submissions.decided_by end as withdrawn_by_role
from submissions
left join {{ ref('organisations') }} as organisations on submissions.organisation_code = organisations.organisation_code
left join figures on submissions.submission_id = figures.submission_id
left join documents on figures.source_document = documents.source_document
left join findings on submissions.submission_id = findings.submission_id
left join rows_landed on submissions.submission_id = rows_landed.submission_id
