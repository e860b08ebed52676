select
    submission_id,
    source,
    source_file,
    source_document,
    figure,
    figure_as_written,
    region_block,
    field,
    cell_text,
    source_sheet,
    source_row,
    source_cell,
    transcription_note
from {{ source('landed', 'maturity') }}
