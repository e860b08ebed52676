select
    submission_id,
    source,
    source_file,
    source_document,
    figure,
    council_as_written,
    source_sheet,
    source_row,
    min(case when field = 'finding_reference' then source_cell end) as source_cell,
    upper(trim(max(case when field = 'finding_reference' then cell_text end))) as finding_reference,
    nullif(max(case when field = 'reason' then cell_text end), '') as reason,
    nullif(max(case when field = 'accepted_by_role' then cell_text end), '') as accepted_by_role
from {{ source('landed', 'return_acceptances') }}
group by submission_id, source, source_file, source_document, figure, council_as_written, source_sheet, source_row
