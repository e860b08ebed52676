-- What worker records and workplaces of social care show: counts by council and field, never a person and never a row of one.
with

extracts as (

    select * from {{ ref('int_asc_wds__extracts') }}

),

workers as (

    select * from {{ ref('int_asc_wds__workers') }}
    where is_known_organisation

),

workplaces as (

    select * from {{ ref('int_asc_wds__workplaces') }}
    where is_known_organisation

),

people as (

    select
        submission_id,
        organisation_code,
        as_at_date,
        person_key,
        cast(sum(hours) / any_value(full_time_hours) as decimal(9, 4)) as fte
    from workers
    where is_ahp and is_counted
    group by submission_id, organisation_code, as_at_date, person_key

),

-- A worker whose job role is not known may be an AHP or not.
codes_not_known as (

    select
        submission_id,
        organisation_code,
        as_at_date,
        'main_job_role' as field,
        main_job_role as code,
        'job role' as label,
        'They are not counted, because they may be AHPs or not; worker records' as consequence
    from workers
    where is_counted and not is_known_job_role
    union all
    select
        submission_id,
        organisation_code,
        as_at_date,
        'employment_status',
        employment_status,
        'employment status',
        'They are counted, and permanent and temporary FTE are not known; worker records'
    from workers
    where is_counted and is_ahp and employment_status_kind = 'invalid'
    union all
    select
        submission_id,
        organisation_code,
        as_at_date,
        'zero_hours',
        zero_hours,
        'zero hours contract',
        'They are counted as having no such contract; worker records'
    from workers
    where is_counted and is_ahp and zero_hours_kind = 'invalid'
    union all
    select
        submission_id,
        organisation_code,
        as_at_date,
        'establishment_type',
        establishment_type,
        'kind of employer',
        'They are counted under an employer that is not known; worker records'
    from workers
    where is_counted and is_ahp and employer = 'not_known'
    union all
    select
        submission_id,
        organisation_code,
        as_at_date,
        'establishment_type',
        establishment_type,
        'kind of employer',
        'They are counted under an employer that is not known; workplaces'
    from workplaces
    where is_counted and employer = 'not_known'

),

found as (

    select
        'unknown_organisation' as rule_id,
        submission_id,
        organisation_code,
        as_at_date,
        'council' as field,
        organisation_as_written as value,
        'no council has this ' || case when code_system = 'extract' then 'number' else 'name' end
        || ' on the day. Its rows are not counted: ' || rows_landed || '.' as message,
        case
            when code_system = 'extract'
                then 'Check the number of the council, or have it added to the list of organisations.'
            when code_system = 'bulk_upload'
                then 'Put a bulk upload into a folder that has the name of its council, such as Derby.'
            else 'Nothing to do where it is a total or an area of several councils; otherwise add the name to those of its council.'
        end as suggestion
    from extracts
    where not is_known_organisation
    union all
    select
        'unknown_code',
        submission_id,
        organisation_code,
        as_at_date,
        field,
        code,
        'the ' || label
        || case
            when coalesce(code, '') in ('', '-1') then ' is blank'
            else ' has the code ' || code || ', which is not in the list'
        end
        || '. ' || consequence || ': ' || count(*) || '.',
        'Give a code of the list, or have the code added to it with what it means.'
    from codes_not_known
    group by submission_id, organisation_code, as_at_date, field, code, label, consequence
    union all
    select
        'duplicate_row',
        submission_id,
        organisation_code,
        as_at_date,
        'worker_id',
        cast(count(*) as varchar),
        'worker records stand in the file more than once. Each is counted once, as it stands first; further lines: '
        || count(*) || '.',
        'Leave each worker record in the file once.'
    from workers
    where is_repeated
    group by submission_id, organisation_code, as_at_date
    union all
    select
        'duplicate_row',
        submission_id,
        organisation_code,
        as_at_date,
        'workplace_id',
        cast(count(*) as varchar),
        'workplaces stand in the file more than once. Each is counted once, as it stands first; further lines: ' || count(*)
        || '.',
        'Leave each workplace in the file once.'
    from workplaces
    where is_repeated
    group by submission_id, organisation_code, as_at_date
    union all
    select
        'person_fte_above_one',
        submission_id,
        organisation_code,
        as_at_date,
        'contracted_hours',
        cast(count(*) as varchar),
        'worker records of one person add up to more than 1.0 FTE. The FTE is counted as it stands; people concerned: '
        || count(*) || ', FTE above 1.0 in all: ' || {{ as_written('sum(fte - 1)') }} || '.',
        'Check whether a job ended without its record being taken out.'
    from people
    where fte > 1
    group by submission_id, organisation_code, as_at_date
    union all
    select
        'value_missing',
        submission_id,
        organisation_code,
        as_at_date,
        'contracted_hours',
        cast(count(*) as varchar),
        'weekly hours are not given, or given under the wrong heading for the kind of contract. The FTE of the role is not '
        || 'known then, and the people are counted; worker records: ' || count(*) || '.',
        'Give contracted hours for permanent and temporary workers, and average hours for all others.'
    from workers
    where is_ahp and is_counted and hours is null
    group by submission_id, organisation_code, as_at_date

),

findings as (

    select
        found.rule_id,
        -- A published table holds regions and totals beside councils.
        case when found.rule_id = 'unknown_organisation' and extracts.code_system = '' then 'info' end as severity_here,
        extracts.source,
        extracts.source_document,
        case when extracts.is_known_organisation then found.organisation_code end as organisation_code,
        coalesce(extracts.organisation_name, extracts.organisation_as_written) as organisation_as_written,
        found.as_at_date,
        case extracts.landed_table
            when 'asc_wds_workers' then 'Worker records'
            when 'asc_wds_workplaces' then 'Workplaces'
            when 'asc_wds_return_progress' then 'Return progress'
            else 'Published rates'
        end as figure,
        found.field,
        found.submission_id,
        extracts.source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        nullif(found.value, '') as value,
        found.message,
        found.suggestion,
        extracts.is_current,
        extracts.received_at as seen_at,
        extracts.superseded_at
    from found
    inner join extracts
        on
            found.submission_id = extracts.submission_id
            and found.organisation_code = extracts.organisation_code
            and found.as_at_date = extracts.as_at_date

)

select {{ finding_columns() }} from findings
