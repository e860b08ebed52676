select
    event_id,
    submission_id,
    rule_id,
    message,
    suggestion,
    sheet as source_sheet,
    "row" as source_row,
    cell as source_cell,
    field,
    value
from {{ source('landed', 'landing_problems') }}
