with

counts as (

    select * from {{ ref('int_workforce__returns') }}
    union all by name
    select * from {{ ref('int_esr__workforce') }}
    union all by name
    select * from {{ ref('int_asc_wds__workforce') }}

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
    cast(fte as decimal(18, 4)) as fte,
    fte_status,
    cast(fte_permanent as decimal(18, 4)) as fte_permanent,
    fte_permanent_status,
    cast(fte_temporary as decimal(18, 4)) as fte_temporary,
    fte_temporary_status,
    cast(fte_vacant as decimal(18, 4)) as fte_vacant,
    fte_vacant_status,
    value_note,
    transcription_note,
    submission_id,
    source_file,
    source_sheet,
    source_row
from counts
