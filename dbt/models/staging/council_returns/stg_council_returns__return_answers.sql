select
    submission_id,
    source,
    source_file,
    source_document,
    figure,
    council_as_written,
    field,
    cell_text,
    try_cast(nullif(date_read, '') as date) as date_read,
    source_sheet,
    source_row,
    source_cell,
    transcription_note
from {{ source('landed', 'return_answers') }}
