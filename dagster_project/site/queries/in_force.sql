-- Which files count for each council and day
select
    facts.organisation_code,
    facts.organisation_name,
    facts.source,
    facts.as_at_date,
    string_agg(distinct submissions.file_name, ', ' order by submissions.file_name) as file_names,
    max(submissions.received_at) as received_at,
    bool_or(submissions.is_bundled) as is_bundled,
    count(distinct facts.return_group) as groups
from marts.fct_workforce as facts
inner join quality.submissions as submissions on facts.submission_id = submissions.submission_id
group by facts.organisation_code, facts.organisation_name, facts.source, facts.as_at_date
order by facts.organisation_name, facts.as_at_date desc, facts.source
