with

cells as (

    select * from {{ ref('stg_council_returns__pay_cells') }}

),

scales as (

    select
        submission_id,
        source_sheet,
        source_row,
        nullif(cell_text, '') as scale_as_written
    from cells
    where field = 'scale'

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

job_families as (

    select * from {{ ref('job_families') }}

),

-- An amount is five or six digits with or without a pound sign; one mark or space may stray between the thousands.
{% set amount = "(?:£ ?)?[0-9]{2,3}[,.]? ?[0-9]{3}" %}
{% set two_ends = amount ~ " ?(?:to|TO|To|-) ?" ~ amount %}
{% set pay_range = amount ~ "(?: ?(?:to|TO|To|-) ?" ~ amount ~ ")?" %}
{% set supplement = "(?i)[+(]* ?(?:plus )?market (?:forces )?sup(?:plement)?(?: of £[0-9][0-9,]*)?[)]?" %}

-- The supplement is set apart first: its amount is no pay range, however large it is.
without_supplement as (

    select
        *,
        nullif(trim(regexp_extract(cell_text, '{{ supplement }}'), ' +()'), '') as supplement_text,
        trim(regexp_replace(cell_text, '{{ supplement }}', ' ', 'g')) as pay_text
    from cells
    where field <> 'scale'

),

read as (

    select
        *,
        regexp_extract_all(pay_text, '{{ pay_range }}') as range_texts,
        len(regexp_extract_all(pay_text, '{{ two_ends }}')) as ranges_with_two_ends,
        -- What is left once ranges are taken out too: a grade's name or a remark, if anything.
        nullif(trim(regexp_replace(pay_text, '{{ pay_range }}', ' ', 'g'), ' .,;'), '') as remark
    from without_supplement

)

select
    read.submission_id,
    read.source,
    read.source_document,
    read.source_file,
    read.figure,
    read.source_sheet,
    read.source_row,
    read.source_cell,
    read.council_as_written,
    read.is_continued_row,
    read.field as job_family,
    read.cell_text,
    read.value_kind,
    read.pay_text,
    read.range_texts,
    read.supplement_text,
    read.remark,
    read.transcription_note,
    scales.scale_as_written,
    council_rows.as_at_date,
    council_rows.organisation_code,
    council_rows.organisation_name,
    council_rows.is_current,
    council_rows.recency,
    council_rows.received_at,
    council_rows.superseded_at,
    documents.pay_year,
    job_families.job_family_name,
    job_families.role_code,
    case
        when read.value_kind = 'blank' then 'not_supplied'
        when read.value_kind = 'none' then 'none_stated'
        when read.value_kind <> 'text' then read.value_kind
        when len(read.range_texts) = 0 then 'unreadable'
        -- Two amounts that nothing joins may be the ends of one range or the pay of two grades.
        when len(read.range_texts) > 1 and read.ranges_with_two_ends < len(read.range_texts) then 'unreadable'
        -- A digit that belongs to no range and no supplement means part of the cell was not understood.
        when regexp_matches(coalesce(read.remark, ''), '[0-9£]') then 'unreadable'
        when regexp_matches(lower(read.transcription_note), 'uncertain|not certain') then 'uncertain'
        when read.supplement_text is not null or read.remark is not null then 'reported_with_note'
        else 'reported'
    end as value_status
from read
inner join job_families on read.field = job_families.job_family
inner join council_rows
    on
        read.submission_id = council_rows.submission_id
        and read.figure = council_rows.figure
        and read.source_sheet = council_rows.source_sheet
        and read.source_row = council_rows.source_row
inner join documents on read.source_document = documents.source_document
left join scales
    on
        read.submission_id = scales.submission_id
        and read.source_sheet = scales.source_sheet
        and read.source_row = scales.source_row
