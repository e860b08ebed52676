-- Every landed worker record of the files in force, with whether and as what it counts.
with

workers as (

    select * from {{ ref('stg_skills_for_care__workers') }}

),

extracts as (

    select * from {{ ref('int_asc_wds__extracts') }}
    where is_current and landed_table = 'asc_wds_workers'

),

workplaces as (

    select * from {{ ref('int_asc_wds__workplaces') }}
    where is_counted

),

codes as (

    select * replace (coalesce(code, '') as code) from {{ ref('asc_wds_codes') }}

),

job_roles as (

    select * from {{ ref('asc_wds_job_roles') }}

),

policies as (

    select max(case when policy = 'social_care_full_time_hours' then value end) as full_time_hours
    from {{ ref('policies') }}

),

coded as (

    select
        workers.* exclude (establishment_type),
        extracts.organisation_code,
        extracts.organisation_name,
        extracts.source_document,
        extracts.is_known_organisation,
        row_number() over (
            partition by workers.submission_id, extracts.organisation_code, workers.record_key order by workers.source_row
        ) as occurrence,
        job_roles.job_role_code is not null as is_known_job_role,
        coalesce(job_roles.is_ahp, false) as is_ahp,
        job_roles.profession,
        job_roles.registration,
        job_roles.role_group,
        statuses.meaning as contract,
        coalesce(statuses.answer_kind, 'invalid') as employment_status_kind,
        coalesce(zero_hours.answer_kind, 'invalid') as zero_hours_kind,
        coalesce(zero_hours.meaning = 'yes', false) as is_zero_hours,
        -- A bulk upload says in its file of workplaces who runs each.
        case when workers.code_system = 'extract' then workers.establishment_type else workplaces.establishment_type end
            as establishment_type
    from workers
    inner join extracts
        on workers.submission_id = extracts.submission_id and workers.council_cssr = extracts.council_cssr
    left join workplaces
        on
            workers.workplace_key = workplaces.workplace_key
            and extracts.organisation_code = workplaces.organisation_code
            and workers.as_at_date = workplaces.as_at_date
    left join job_roles on workers.main_job_role = job_roles.job_role_code
    left join codes as statuses
        on
            statuses.field = 'employment_status'
            and workers.code_system = statuses.code_system
            and workers.employment_status = statuses.code
    left join codes as zero_hours
        on
            zero_hours.field = 'zero_hours'
            and workers.code_system = zero_hours.code_system
            and workers.zero_hours = zero_hours.code

),

-- Contracted hours are asked of permanent and temporary workers who have them, average hours of all others.
timed as (

    select
        coded.*,
        case
            when coded.contract in ('permanent', 'temporary') and not coded.is_zero_hours then coded.contracted_hours
            when coded.contract is not null then coded.average_hours
            else coalesce(coded.contracted_hours, coded.average_hours)
        end as hours_given,
        policies.full_time_hours
    from coded
    cross join policies

)

select
    timed.submission_id,
    timed.source,
    timed.source_file,
    timed.source_document,
    timed.source_row,
    timed.code_system,
    timed.organisation_code,
    timed.organisation_name,
    timed.is_known_organisation,
    timed.as_at_date,
    timed.person_key,
    coalesce(employers.meaning, 'not_known') as employer,
    timed.establishment_type,
    timed.is_ahp,
    timed.is_known_job_role,
    timed.occurrence > 1 as is_repeated,
    timed.occurrence = 1 and not coalesce(timed.is_to_be_deleted, false) as is_counted,
    timed.main_job_role,
    timed.profession,
    timed.registration,
    coalesce(timed.role_group, '') as role_group,
    timed.contract,
    timed.employment_status,
    timed.employment_status_kind,
    timed.zero_hours,
    timed.zero_hours_kind,
    -- More than full time is one full-time equivalent.
    cast(if(timed.hours_given > timed.full_time_hours, timed.full_time_hours, timed.hours_given) as decimal(9, 2)) as hours,
    cast(timed.full_time_hours as decimal(9, 2)) as full_time_hours,
    timed.age_band,
    timed.age_answer,
    timed.gender,
    timed.ethnicity,
    timed.nationality,
    timed.disability,
    timed.age_saved_on,
    timed.gender_saved_on,
    timed.ethnicity_saved_on,
    timed.nationality_saved_on,
    timed.disability_saved_on
from timed
left join codes as employers
    on
        employers.field = 'establishment_type'
        and timed.code_system = employers.code_system
        and timed.establishment_type = employers.code
