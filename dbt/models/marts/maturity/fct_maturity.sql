with

assessments as (

    select * from {{ ref('int_maturity__assessments') }}
    where is_current

),

printings as (

    select
        source_document,
        organisation_name,
        organisation_kind,
        dimension,
        activity,
        string_agg(figure || ': ' || coalesce(marked_under, 'no mark'), '; ' order by figure, source_row) as marks_as_printed
    from assessments
    group by source_document, organisation_name, organisation_kind, dimension, activity

)

select
    assessments.source,
    assessments.source_document,
    assessments.as_at_date,
    assessments.organisation_name,
    assessments.organisation_kind,
    assessments.organisation_code,
    assessments.dimension,
    case assessments.dimension
        when 1 then 'Integrated AHP workforce data and intelligence'
        when 2 then 'Leadership and AHP architecture for social care'
        when 3 then 'Attracting and recruiting the AHP social care workforce'
        when 4 then 'Collaborative learning, development, state of workforce readiness and AHP workforce initiatives'
        when 5 then 'Culture, climate and ways of working together'
    end as dimension_name,
    assessments.activity,
    assessments.level_status,
    assessments.level_from,
    assessments.level_to,
    assessments.level_from_ordinal,
    assessments.level_to_ordinal,
    printings.marks_as_printed,
    assessments.figure,
    assessments.submission_id,
    assessments.source_file,
    assessments.source_row
from assessments
inner join printings
    on
        assessments.source_document = printings.source_document
        and assessments.organisation_name = printings.organisation_name
        and assessments.organisation_kind = printings.organisation_kind
        and assessments.dimension = printings.dimension
        and assessments.activity is not distinct from printings.activity
where assessments.is_published_printing
