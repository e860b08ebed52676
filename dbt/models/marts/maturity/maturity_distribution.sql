with

assessments as (

    select * from {{ ref('fct_maturity') }}

),

levels as (

    select
        unnest(['pre_emerging', 'emerging', 'developing', 'maturing']) as level,
        unnest([0, 1, 2, 3]) as level_ordinal

),

asked as (

    select
        source_document,
        as_at_date,
        dimension,
        dimension_name,
        activity,
        count(*) as organisations,
        count(*) filter (where level_status = 'reported') as organisations_with_level,
        count(*) filter (where level_status = 'no_data') as organisations_without_data
    from assessments
    group by source_document, as_at_date, dimension, dimension_name, activity

),

counted as (

    select
        asked.*,
        levels.level,
        levels.level_ordinal,
        -- An arrow counts at each level it spans.
        count(assessments.organisation_name) as organisations_at_level
    from asked
    cross join levels
    left join assessments
        on
            asked.source_document = assessments.source_document
            and asked.dimension = assessments.dimension
            and asked.activity is not distinct from assessments.activity
            and levels.level_ordinal between assessments.level_from_ordinal and assessments.level_to_ordinal
    group by all

)

select
    source_document,
    as_at_date,
    dimension,
    dimension_name,
    activity,
    level,
    level_ordinal,
    organisations_at_level,
    case
        when organisations_with_level > 0
            then
                organisations_at_level
                = max(organisations_at_level) over (partition by source_document, dimension, activity)
    end as is_mode,
    organisations_with_level,
    organisations_without_data,
    organisations - organisations_with_level - organisations_without_data as organisations_not_legible,
    organisations
from counted
