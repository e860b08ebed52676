-- Which documents stand behind the release of tonight, or of a past night?
select
    periods.source,
    periods.document_title,
    periods.as_at_date,
    periods.as_at_basis,
    count(*) as files,
    sum(submissions.findings) as findings,
    bool_or(submissions.is_invented) as is_invented
from marts.dim_period as periods
inner join quality.submissions as submissions on periods.source_document = submissions.source_document
where submissions.status = 'accepted'
group by all
order by periods.source, periods.as_at_date, periods.document_title
