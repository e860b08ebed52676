with

events as (

    select * from {{ ref('stg_store__submissions') }}

),

latest_first as (

    select
        *,
        row_number() over (partition by submission_id order by event_id desc) as recency,
        min(received_at) over (partition by submission_id) as first_received_at,
        max(received_at) over (partition by submission_id) as last_received_at
    from events

)

select
    submission_id,
    sha256,
    source,
    source_file,
    file_name,
    figures,
    size_bytes,
    first_received_at,
    last_received_at,
    read_at,
    event_id as latest_event_id,
    outcome,
    cells_landed,
    problems_found,
    is_bundled,
    organisation_code,
    as_at_date,
    reason,
    decided_by,
    rows_refused,
    rows_out_of_scope,
    key_fingerprint,
    is_invented
from latest_first
where recency = 1
