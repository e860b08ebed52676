with

counts as (

    select * from {{ ref('int_pipeline__counts') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

own_returns as (

    select * from {{ ref('int_returns__learners') }}
    where is_current

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
    cast(null as varchar) as profession,
    cast(null as integer) as qualifying_year,
    counts.submission_id,
    counts.source_file,
    counts.source_sheet,
    counts.source_row
from counts
inner join documents on counts.source_document = documents.source_document
union all
select
    source,
    source_document,
    figure,
    organisation_code,
    organisation_name,
    as_at_date,
    academic_year,
    learner_type,
    1 as funding_part_number,
    nullif(funding_route, 'not_known') as funding_route,
    funding_route_as_written as funding_text,
    case
        when learner_type = 'student' or (learners = 0 and funding_route_as_written is null) then 'not_applicable'
        when funding_route_as_written is null then 'not_supplied'
        when funding_route is null then 'unreadable'
        when funding_route = 'not_known' then 'cannot_quantify'
        else 'reported'
    end as funding_status,
    cast(learners as bigint) as pipeline_count,
    case when learner_type = 'student' then 'placements' else 'people' end as unit,
    value_status,
    profession,
    qualifying_year,
    submission_id,
    source_file,
    source_sheet,
    source_row
from own_returns
