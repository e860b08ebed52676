with

cells as (

    select * from {{ ref('stg_council_returns__leadership_cells') }}

),

council_rows as (

    select
        *,
        -- Two rows that name one council: neither can be told to be the right one, so the council stands once, unknown.
        count(*) over (partition by source_document, figure, organisation_code) > 1 as is_duplicate
    from {{ ref('int_organisations__rows') }}
    where is_current and organisation_code is not null
    qualify row_number() over (
        partition by source_document, figure, organisation_code order by source_sheet, source_row
    ) = 1

),

returns as (

    select * from {{ ref('int_workforce__returns') }}
    where return_group = 'managers'

),

answers as (

    select
        submission_id,
        source_sheet,
        source_row,
        max(case when field = 'principal_ot_present' then cell_text end) as principal_ot_as_written,
        nullif(max(case when field = 'name_as_printed' then cell_text end), '') as name_as_printed
    from cells
    group by submission_id, source_sheet, source_row

)

select
    council_rows.source,
    council_rows.source_document,
    council_rows.figure,
    council_rows.organisation_code,
    council_rows.organisation_name,
    council_rows.as_at_date,
    case
        when council_rows.is_duplicate then null
        when answers.principal_ot_as_written = 'yes' then true
        when answers.principal_ot_as_written = 'no' then false
        when answers.principal_ot_as_written = 'not listed as without one' then true
    end as has_principal_ot,
    case
        when answers.principal_ot_as_written = '' then 'not_supplied'
        when council_rows.is_duplicate then 'contradictory'
        when answers.principal_ot_as_written in ('yes', 'no') then 'reported'
        -- The report names only those without one; a council it does not name is taken to have one.
        when answers.principal_ot_as_written = 'not listed as without one' then 'derived'
        else 'unreadable'
    end as value_status,
    answers.principal_ot_as_written,
    answers.name_as_printed,
    cast(returns.headcount as bigint) as managers_headcount,
    nullif(council_rows.transcription_note, '') as transcription_note,
    council_rows.submission_id,
    council_rows.source_file,
    council_rows.source_sheet,
    council_rows.source_row
from council_rows
inner join answers
    on
        council_rows.submission_id = answers.submission_id
        and council_rows.source_sheet = answers.source_sheet
        and council_rows.source_row = answers.source_row
left join returns
    on
        council_rows.source_document = returns.source_document
        and council_rows.organisation_code = returns.organisation_code
