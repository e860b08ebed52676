-- Files that were refused and still wait for somebody, why, and which return stays in force
with

in_force as (

    select
        facts.organisation_code,
        facts.as_at_date,
        string_agg(distinct submissions.file_name, ', ' order by submissions.file_name) as file_names
    from marts.fct_workforce as facts
    inner join quality.submissions as submissions on facts.submission_id = submissions.submission_id
    where facts.source = 'council_returns'
    group by facts.organisation_code, facts.as_at_date

),

refused as (

    select
        submissions.submission_id,
        submissions.file_name,
        submissions.source,
        submissions.source_file,
        submissions.organisation_code,
        submissions.organisation_name,
        submissions.as_at_date,
        submissions.received_at,
        list(
            struct_pack(message := findings.message, suggestion := findings.suggestion)
            order by findings.source_row, findings.finding_id
        ) as reasons
    from quality.submissions as submissions
    inner join quality.findings as findings
        on submissions.submission_id = findings.submission_id and findings.severity = 'error' and findings.status = 'open'
    where submissions.status = 'quarantined'
    group by all

)

select
    refused.*,
    same_day.file_names as in_force,
    earlier.as_at_date as earlier_as_at_date,
    earlier.file_names as earlier_in_force
from refused
left join in_force as same_day
    on refused.organisation_code = same_day.organisation_code and refused.as_at_date = same_day.as_at_date
left join lateral (
    select
        max(in_force.as_at_date) as as_at_date,
        arg_max(in_force.file_names, in_force.as_at_date) as file_names
    from in_force
    where refused.organisation_code = in_force.organisation_code and in_force.as_at_date < refused.as_at_date
) as earlier on true
order by refused.received_at desc, refused.source_file
