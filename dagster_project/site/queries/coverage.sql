-- How many organisations stand behind each source and day
select
    facts.source,
    facts.as_at_date,
    count(distinct facts.organisation_code) as organisations,
    count(distinct facts.submission_id) as files,
    bool_or(submissions.is_bundled) as is_bundled,
    bool_or(submissions.is_invented) as is_invented,
    min(period.as_at_basis) as as_at_basis,
    string_agg(distinct period.document_title, '; ' order by period.document_title) as document_titles
from marts.fct_workforce as facts
inner join quality.submissions as submissions on facts.submission_id = submissions.submission_id
left join marts.dim_period as period
    on facts.source = period.source and facts.source_document = period.source_document
group by facts.source, facts.as_at_date
order by facts.as_at_date desc, facts.source
