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
    where is_current and organisation_code is not null and not is_own_return
    qualify row_number() over (
        partition by source_document, figure, organisation_code order by source_sheet, source_row
    ) = 1

),

returns as (

    select
        source,
        as_at_date,
        organisation_code,
        {{ whole_sum('headcount') }} as headcount
    from {{ ref('int_workforce__returns') }}
    where return_group = 'managers'
    group by source, as_at_date, organisation_code

),

own_answers as (

    select
        submission_id,
        source_document,
        figure,
        organisation_code,
        organisation_name,
        as_at_date,
        min(source_file) as source_file,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row,
        max(case when field = 'principal_ot_in_post' then cell_text end) as principal_ot_as_written,
        max(case when field = 'principal_ot_in_post' then answer end) as principal_ot_in_post,
        max(case when field = 'principal_ot_in_post' then value_status end) as value_status,
        max(case when field = 'principal_ot_grade' then answer end) as principal_ot_grade,
        max(case when field = 'ahp_lead_in_post' then answer end) as ahp_lead_in_post,
        nullif(string_agg(distinct note, '; ' order by note), '') as note
    from {{ ref('int_returns__answers') }}
    where is_current and figure = 'Leadership'
    group by submission_id, source_document, figure, organisation_code, organisation_name, as_at_date

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
    cast(null as varchar) as principal_ot_grade,
    cast(null as boolean) as has_ahp_lead,
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
        council_rows.source = returns.source
        and council_rows.as_at_date = returns.as_at_date
        and council_rows.organisation_code = returns.organisation_code
union all
select
    documents.source,
    own_answers.source_document,
    own_answers.figure,
    own_answers.organisation_code,
    own_answers.organisation_name,
    own_answers.as_at_date,
    case own_answers.principal_ot_in_post when 'yes' then true when 'no' then false end as has_principal_ot,
    coalesce(own_answers.value_status, 'not_supplied') as value_status,
    coalesce(own_answers.principal_ot_as_written, '') as principal_ot_as_written,
    cast(null as varchar) as name_as_printed,
    own_answers.principal_ot_grade,
    case own_answers.ahp_lead_in_post when 'yes' then true when 'no' then false end as has_ahp_lead,
    cast(returns.headcount as bigint) as managers_headcount,
    own_answers.note as transcription_note,
    own_answers.submission_id,
    own_answers.source_file,
    own_answers.source_sheet,
    own_answers.source_row
from own_answers
inner join {{ ref('stg_store__documents') }} as documents on own_answers.source_document = documents.source_document
left join returns
    on
        documents.source = returns.source
        and own_answers.as_at_date = returns.as_at_date
        and own_answers.organisation_code = returns.organisation_code
