with

returns as (

    select * from {{ ref('int_workforce__returns') }}

)

select
    source,
    source_document,
    figure,
    organisation_code,
    organisation_name,
    as_at_date,
    return_group,
    role_group,
    role_code,
    coding_basis,
    profession,
    registration,
    employer,
    funder,
    service_age_scope,
    cast(headcount as bigint) as headcount,
    headcount_status,
    fte,
    fte_status,
    fte_permanent,
    fte_permanent_status,
    fte_temporary,
    fte_temporary_status,
    fte_vacant,
    fte_vacant_status,
    value_note,
    transcription_note,
    submission_id,
    source_file,
    source_sheet,
    source_row
from returns
