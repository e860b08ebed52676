-- Results of the survey of employer standards for England and its regions, as printed
select
    results.geography_name,
    replace(results.staff_group, '_', ' ') as staff_group,
    replace(results.breakdown, '_', ' ') as breakdown,
    results.group_name,
    replace(results.subject, '_', ' ') as subject,
    results.standard_number,
    coalesce(results.question, results.standard_name) as standard_or_question,
    results.answer,
    results.survey_year,
    results.as_at_date,
    results.source,
    results.source_document,
    results.score,
    results.score_status,
    results.unit,
    results.respondents,
    results.respondents_status,
    results.band as score_band,
    results.previous_survey_year,
    results.previous_score,
    results.previous_score_status,
    results.change,
    replace(results.comparability, '_', ' ') as comparability
from marts.fct_employer_standards as results
-- Results of single councils tell of few people, so they stay in the release.
where results.geography_type in ('national', 'region')
order by
    list_position(['national', 'region'], results.geography_type),
    results.geography_name,
    results.staff_group,
    results.breakdown nulls first,
    results.subject,
    results.standard_number nulls first,
    results.question nulls first,
    results.answer nulls first,
    results.group_name nulls first,
    results.survey_year_start desc
