-- Files that came, or count in another way, since the release before
select
    coalesce(present.file_name, earlier.file_name) as file_name,
    coalesce(present.organisation_name, earlier.organisation_name, '') as organisation_name,
    coalesce(present.as_at_date, earlier.as_at_date) as as_at_date,
    earlier.status as old_status,
    present.status as new_status
from quality.submissions as present
full join before.quality.submissions as earlier on present.submission_id = earlier.submission_id
where present.status is distinct from earlier.status
order by all
