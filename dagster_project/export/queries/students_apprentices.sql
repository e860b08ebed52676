-- Students on placement and degree apprentices of each council
select
    pipeline.organisation_name,
    pipeline.organisation_code,
    pipeline.as_at_date,
    pipeline.source,
    pipeline.academic_year,
    replace(pipeline.learner_type, '_', ' ') as learner_type,
    pipeline.pipeline_count,
    pipeline.unit,
    replace(pipeline.value_status, '_', ' ') as value_status,
    replace(pipeline.funding_route, '_', ' ') as funding_route,
    pipeline.funding_text,
    professions.profession_name,
    pipeline.qualifying_year,
    case
        when pipeline.funding_status = 'contradictory'
            then ['The parts by funding do not add up to the number of apprentices that the council gives.']
        else []
    end as notes
from marts.fct_pipeline as pipeline
inner join chosen_organisations as organisations on pipeline.organisation_code = organisations.organisation_code
left join marts.dim_profession as professions on pipeline.profession = professions.profession
order by
    pipeline.organisation_name,
    pipeline.organisation_code,
    pipeline.as_at_date desc,
    pipeline.learner_type desc,
    pipeline.funding_part_number,
    professions.profession_name,
    pipeline.qualifying_year,
    pipeline.source_row
