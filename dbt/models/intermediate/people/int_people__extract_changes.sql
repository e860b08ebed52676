-- Extracts of people that hold far fewer or far more rows than the one they follow, and organisations that a later file
-- of the same make-up leaves out: either may be news, and either may be a file that is not whole.
with

extracts as (

    select
        'esr_assignments' as landed_table,
        '' as code_system,
        *
    from {{ ref('int_esr__extracts') }}
    where is_known_organisation and is_standing
    union all by name
    select * exclude (council_cssr, council_as_written)
    from {{ ref('int_asc_wds__extracts') }}
    where is_known_organisation and is_standing and landed_table in ('asc_wds_workers', 'asc_wds_workplaces')

),

policies as (

    select
        max(case when policy = 'large_change_share' then value end) as large_change_share,
        max(case when policy = 'large_change_minimum' then value end) as large_change_minimum
    from {{ ref('policies') }}

),

explained as (

    select distinct
        organisation_code,
        as_at_date
    from {{ ref('explained_changes') }}
    where measure = 'headcount' and return_group is null

),

-- Of a whole extract and a council's own upload the one is no part of the other, so each is held against its kind.
in_force as (

    select
        *,
        lag(as_at_date) over extracts_of_the_organisation as day_before,
        lag(rows_landed) over extracts_of_the_organisation as rows_on_day_before,
        lead(as_at_date) over extracts_of_the_organisation as day_after,
        lead(submission_id) over extracts_of_the_organisation as submission_after
    from extracts
    where is_current
    window extracts_of_the_organisation as (
        partition by source, landed_table, code_system, organisation_code order by as_at_date
    )

),

-- The fullest of them: what a second short file replaces may be short too.
replaced as (

    select
        source,
        landed_table,
        code_system,
        organisation_code,
        as_at_date,
        max(rows_landed) as rows_replaced,
        arg_max(source_file, rows_landed) as replaced_file
    from extracts
    where not is_current
    group by source, landed_table, code_system, organisation_code, as_at_date

),

compared as (

    select
        in_force.*,
        replaced.rows_replaced,
        replaced.replaced_file,
        in_force.rows_landed - in_force.rows_on_day_before as change_since_day,
        replaced.rows_replaced - in_force.rows_landed as loss_since_file,
        policies.large_change_share,
        policies.large_change_minimum
    from in_force
    cross join policies
    left join replaced
        on
            in_force.source = replaced.source
            and in_force.landed_table = replaced.landed_table
            and in_force.code_system = replaced.code_system
            and in_force.organisation_code = replaced.organisation_code
            and in_force.as_at_date = replaced.as_at_date

),

-- A file that brings back what another of its day had lost is what was asked for.
changed as (

    select
        *,
        case
            when
                loss_since_file >= large_change_minimum and loss_since_file >= large_change_share * rows_replaced
                then 'fewer_than_the_file_replaced'
            when
                abs(change_since_day) >= large_change_minimum
                and abs(change_since_day) >= large_change_share * rows_on_day_before
                then case when change_since_day < 0 then 'fewer_than_the_day_before' else 'more_than_the_day_before' end
        end as reason
    from compared

),

-- What came after a file for any of its organisations: a later day, or another file of its own day.
followed as (

    select
        landed_table,
        submission_id,
        as_at_date,
        min(day_after) as later_day,
        arg_min(submission_after, (day_after, submission_after)) as later_submission_id
    from in_force
    where day_after is not null
    group by landed_table, submission_id, as_at_date
    union all
    select
        earlier.landed_table,
        earlier.submission_id,
        earlier.as_at_date,
        earlier.as_at_date as later_day,
        arg_max(in_force.submission_id, (in_force.received_at, in_force.submission_id)) as later_submission_id
    from extracts as earlier
    inner join in_force
        on
            earlier.landed_table = in_force.landed_table
            and earlier.code_system = in_force.code_system
            and earlier.organisation_code = in_force.organisation_code
            and earlier.as_at_date = in_force.as_at_date
    where not earlier.is_current
    group by earlier.landed_table, earlier.submission_id, earlier.as_at_date

),

files as (

    select
        landed_table,
        submission_id,
        as_at_date,
        any_value(source_document) as source_document,
        any_value(source_file) as source_file,
        min(received_at) as received_at
    from extracts
    group by landed_table, submission_id, as_at_date

),

left_out as (

    select
        in_force.*,
        followed.later_day,
        files.submission_id as later_submission_id,
        files.source_file as later_file,
        files.source_document as later_document,
        files.received_at as later_received_at
    from in_force
    inner join followed
        on
            in_force.landed_table = followed.landed_table
            and in_force.submission_id = followed.submission_id
            and in_force.as_at_date = followed.as_at_date
    inner join files
        on
            followed.landed_table = files.landed_table
            and followed.later_submission_id = files.submission_id
            and followed.later_day = files.as_at_date
    where followed.later_day = in_force.as_at_date or in_force.day_after is null

)

select
    landed_table,
    source,
    source_document,
    organisation_code,
    organisation_name,
    as_at_date,
    submission_id,
    source_file,
    received_at,
    reason,
    true as is_doubted,
    rows_landed as rows_now,
    case when reason = 'fewer_than_the_file_replaced' then rows_replaced else rows_on_day_before end as rows_before,
    case when reason = 'fewer_than_the_file_replaced' then as_at_date else day_before end as compared_day,
    case when reason = 'fewer_than_the_file_replaced' then replaced_file end as compared_file
from changed
-- What a person has explained is no longer in doubt.
anti join explained on changed.organisation_code = explained.organisation_code and changed.as_at_date = explained.as_at_date
where reason is not null
union all
select
    landed_table,
    source,
    later_document as source_document,
    organisation_code,
    organisation_name,
    later_day as as_at_date,
    later_submission_id as submission_id,
    later_file as source_file,
    later_received_at as received_at,
    case when later_day = as_at_date then 'left_out_of_a_file_of_the_day' else 'left_out_of_a_later_day' end as reason,
    false as is_doubted,
    0 as rows_now,
    rows_landed as rows_before,
    as_at_date as compared_day,
    source_file as compared_file
from left_out
anti join explained on left_out.organisation_code = explained.organisation_code and left_out.later_day = explained.as_at_date
