-- What this release holds, counted: councils of today, those with numbers, and what is a bundled example or invented
select
    facts.source,
    bool_and(submissions.is_bundled) as is_all_bundled,
    bool_or(submissions.is_invented) as is_invented,
    bool_and(submissions.is_invented) as is_all_invented,
    count(distinct facts.organisation_code) as organisations,
    min(facts.as_at_date) as first_as_at_date,
    max(facts.as_at_date) as last_as_at_date,
    string_agg(distinct period.document_title, '; ' order by period.document_title) as document_titles,
    max(period.published_on) as published_on,
    (
        select count(*)
        from marts.dim_organisation
        where organisation_type = 'council' and valid_to is null
    ) as councils_today
from marts.fct_workforce as facts
inner join quality.submissions as submissions on facts.submission_id = submissions.submission_id
left join marts.dim_period as period
    on facts.source = period.source and facts.source_document = period.source_document
group by facts.source
order by facts.source
