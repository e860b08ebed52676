with

counts as (

    select * from {{ ref('int_pipeline__counts') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

)

select
    counts.source,
    counts.source_document,
    counts.figure,
    counts.organisation_code,
    counts.organisation_name,
    counts.as_at_date,
    documents.academic_year,
    counts.learner_type,
    -- Two parts of one cell may both name no known route, so only their number tells their rows apart.
    row_number() over (
        partition by counts.source_document, counts.source_sheet, counts.source_row, counts.learner_type
        order by counts.funding_route, counts.pipeline_count
    ) as funding_part_number,
    counts.funding_route,
    counts.funding_text,
    counts.funding_status,
    cast(counts.pipeline_count as bigint) as pipeline_count,
    case when counts.learner_type = 'student' then 'placements' else 'people' end as unit,
    counts.value_status,
    counts.submission_id,
    counts.source_file,
    counts.source_sheet,
    counts.source_row
from counts
inner join documents on counts.source_document = documents.source_document
