select
    event_id,
    submission_id,
    sha256,
    source,
    source_file,
    file_name,
    figures,
    size_bytes,
    cast(received_at as timestamp) as received_at,
    cast(read_at as timestamp) as read_at,
    outcome,
    cells as cells_landed,
    problems as problems_found,
    is_bundled
from {{ source('landed', 'submissions') }}
