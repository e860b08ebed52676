-- Every file ever landed, the newest first
select
    submissions.file_name,
    submissions.source_file,
    submissions.source,
    coalesce(submissions.organisation_name, '') as organisation_name,
    submissions.as_at_date,
    submissions.received_at,
    submissions.status,
    submissions.is_bundled,
    submissions.is_invented,
    submissions.rows,
    submissions.findings,
    submissions.withdrawn_reason,
    submissions.withdrawn_by_role,
    submissions.submission_id
from quality.submissions as submissions
order by submissions.received_at desc, submissions.source_file
