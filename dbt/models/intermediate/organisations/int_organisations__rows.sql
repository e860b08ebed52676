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

),

figures as (

    select * from {{ ref('int_submissions__figures') }}

),

resolved as (

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
        figures.recency as figure_recency,
        coalesce(figures.is_set_aside, false) as is_set_aside,
        figures.received_at,
        figures.last_received_at,
        figures.superseded_at as figure_superseded_at,
        -- A name that two councils bore on the day is nobody's: it goes to review like an unknown one.
        case when count(distinct names.organisation_code) = 1 then min(names.organisation_code) end
            as organisation_code,
        bool_or(coalesce(names.is_misprint, false)) as is_misprint
    from council_rows
    inner join documents on council_rows.source_document = documents.source_document
    inner join figures
        on
            council_rows.submission_id = figures.submission_id
            and council_rows.source_document = figures.source_document
            and council_rows.figure = figures.figure
    left join names
        on
            {{ normalised_name('council_rows.council_as_written') }} = names.name_normalised
            and documents.as_at_date between names.valid_from and names.valid_to
    group by all

),

-- A later file that holds only some of the councils puts only those of the earlier one out of force. A name that nobody
-- bears goes with its file: once the figure is sent again, there is no telling which row took its place.
ranked as (

    select
        *,
        case
            when organisation_code is null then figure_recency
            else dense_rank() over (
                partition by source_document, figure, organisation_code order by figure_recency
            )
        end as recency
    from resolved

),

arrivals as (

    select distinct
        source_document,
        figure,
        organisation_code,
        recency,
        last_received_at
    from ranked
    where organisation_code is not null

),

organisations as (

    select * from {{ ref('organisations') }}

)

select
    ranked.submission_id,
    ranked.source_document,
    ranked.figure,
    ranked.source_file,
    ranked.source_sheet,
    ranked.source_row,
    ranked.council_as_written,
    ranked.region_block,
    ranked.transcription_note,
    ranked.source,
    ranked.as_at_date,
    ranked.recency,
    ranked.recency = 1 and not ranked.is_set_aside as is_current,
    ranked.received_at,
    case when ranked.organisation_code is null then ranked.figure_superseded_at else next_arrival.last_received_at end
        as superseded_at,
    ranked.organisation_code,
    ranked.is_misprint,
    organisations.organisation_name
from ranked
left join organisations on ranked.organisation_code = organisations.organisation_code
left join arrivals as next_arrival
    on
        ranked.source_document = next_arrival.source_document
        and ranked.figure = next_arrival.figure
        and ranked.organisation_code = next_arrival.organisation_code
        and ranked.recency = next_arrival.recency + 1
