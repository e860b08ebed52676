with

council_rows as (

    {% for table in ['workforce', 'pipeline', 'pay', 'leadership'] %}
    select
        submission_id,
        source_document,
        figure,
        source_file,
        source_sheet,
        source_row,
        council_as_written,
        max(region_block) as region_block,
        max(transcription_note) as transcription_note
    from {{ ref('stg_council_returns__' ~ table ~ '_cells') }}
    group by submission_id, source_document, figure, source_file, source_sheet, source_row, council_as_written
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

names as (

    select * from {{ ref('int_organisations__names') }}

)

select
    council_rows.submission_id,
    council_rows.source_document,
    council_rows.figure,
    council_rows.source_file,
    council_rows.source_sheet,
    council_rows.source_row,
    council_rows.council_as_written,
    council_rows.region_block,
    council_rows.transcription_note,
    documents.source,
    documents.as_at_date,
    -- A name that two councils bore on the day is nobody's: it goes to review like an unknown one.
    case when count(distinct names.organisation_code) = 1 then min(names.organisation_code) end as organisation_code,
    bool_or(coalesce(names.is_misprint, false)) as is_misprint
from council_rows
inner join documents on council_rows.source_document = documents.source_document
left join names
    on
        {{ normalised_name('council_rows.council_as_written') }} = names.name_normalised
        and documents.as_at_date between names.valid_from and names.valid_to
group by all
