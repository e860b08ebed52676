-- Results of the survey of employer standards, each with the year before where the report compares
select
    results.source_document,
    period.document_title,
    results.as_at_date,
    results.publisher,
    results.geography_type,
    results.geography_name,
    case when results.geography_type = 'region' then 'Regions' else results.geography_name end as section_area,
    results.organisation_code,
    results.staff_group,
    results.breakdown,
    results.group_name,
    results.subject,
    results.standard_number,
    results.standard_name,
    results.question,
    results.answer,
    results.survey_year,
    results.question_version,
    results.unit,
    results.score,
    results.score_status,
    statuses.symbol as score_symbol,
    results.respondents,
    results.respondents_status,
    results.band,
    results.previous_survey_year,
    results.previous_score,
    results.previous_score_status,
    results.change,
    results.is_significant,
    results.comparability,
    results.is_comparable
from marts.fct_employer_standards as results
left join marts.dim_period as period
    on results.source = period.source and results.source_document = period.source_document
left join reference.value_statuses as statuses on results.score_status = statuses.value_status
order by
    list_position(['national', 'region', 'council'], results.geography_type),
    results.geography_name,
    results.staff_group,
    results.breakdown nulls first,
    list_position(['standard', 'all_standards', 'engagement', 'question', 'experience'], results.subject),
    results.standard_number,
    results.question,
    results.answer,
    results.group_name,
    results.survey_year_start desc
