select
    submission_id,
    source,
    source_file,
    source_document,
    figure,
    region_block,
    council_as_written,
    field,
    cell_text,
    source_sheet,
    source_row,
    source_cell,
    transcription_note
from {{ source('landed', 'council_leadership') }}
