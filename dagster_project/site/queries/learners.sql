-- Students and degree apprentices a council returned, the latest day
select
    pipeline.organisation_code,
    pipeline.as_at_date,
    pipeline.academic_year,
    replace(pipeline.learner_type, '_', ' ') as learner_type,
    pipeline.pipeline_count,
    pipeline.unit,
    pipeline.value_status,
    statuses.symbol as value_symbol,
    replace(pipeline.funding_route, '_', ' ') as funding_route,
    replace(pipeline.funding_status, '_', ' ') as funding_status,
    pipeline.funding_text,
    professions.profession_name,
    pipeline.qualifying_year
from marts.fct_pipeline as pipeline
left join marts.dim_profession as professions on pipeline.profession = professions.profession
left join reference.value_statuses as statuses on pipeline.value_status = statuses.value_status
qualify pipeline.as_at_date = max(pipeline.as_at_date) over (partition by pipeline.organisation_code)
order by
    pipeline.organisation_code,
    pipeline.learner_type desc,
    pipeline.funding_part_number,
    pipeline.qualifying_year,
    pipeline.source_row
