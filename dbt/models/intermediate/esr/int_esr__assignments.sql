-- Every assignment of the extracts in force, once, with whether and as what it counts.
with

assignments as (

    select * from {{ ref('stg_esr__assignments') }}

),

extracts as (

    select * from {{ ref('int_esr__extracts') }}
    where is_current

),

job_roles as (

    select * from {{ ref('esr_job_roles') }}

),

occupations as (

    select * from {{ ref('nhs_occupation_codes') }}

),

kinds as (

    select * replace (coalesce(value_normalised, '') as value_normalised)
    from {{ ref('esr_assignment_kinds') }}

),

role_levels as (

    select * replace (coalesce(afc_band, '') as afc_band)
    from {{ ref('esr_role_levels') }}

),

role_codes as (

    select * from {{ ref('role_codes') }}

),

numbered as (

    select
        assignments.*,
        extracts.organisation_name,
        extracts.source_document,
        extracts.is_known_organisation,
        row_number() over (
            partition by
                assignments.submission_id, assignments.organisation_code,
                coalesce(assignments.assignment_key, cast(assignments.source_row as varchar))
            order by assignments.source_row
        ) as occurrence
    from assignments
    inner join extracts
        on
            assignments.submission_id = extracts.submission_id
            and assignments.organisation_code = extracts.organisation_code
            and assignments.as_at_date = extracts.as_at_date

),

-- The job role says profession and level; where it names no profession, as those of support staff, the occupation code does.
leveled as (

    select
        numbered.*,
        job_roles.profession as job_role_profession,
        occupations.profession as occupation_profession,
        occupations.level as occupation_level,
        occupations.registration as occupation_registration,
        job_roles.level as job_role_level,
        case
            when job_roles.profession is not null and job_roles.profession <> 'generic_therapy' then job_roles.profession
            else coalesce(occupations.profession, job_roles.profession)
        end as profession,
        case
            when job_roles.profession is not null then job_roles.level
            when occupations.is_ahp then coalesce(job_roles.level, occupations.level)
        end as level,
        job_roles.profession is not null or coalesce(occupations.is_ahp, false) as is_ahp,
        coalesce(statuses.is_counted, true)
        and coalesce(categories.is_counted, true)
        and coalesce(person_types.is_counted, true) as counts_in_post,
        categories.contract,
        statuses.value is null as is_unknown_status,
        categories.value is null as is_unknown_category
    from numbered
    left join job_roles on numbered.job_role_plain = job_roles.job_role_normalised
    left join occupations on numbered.occupation_code = occupations.occupation_code
    left join kinds as statuses
        on numbered.assignment_status_plain = statuses.value_normalised and statuses.field = 'assignment_status'
    left join kinds as categories
        on numbered.assignment_category_plain = categories.value_normalised and categories.field = 'assignment_category'
    left join kinds as person_types
        on numbered.user_person_type_plain = person_types.value_normalised and person_types.field = 'user_person_type'

)

select
    leveled.submission_id,
    leveled.source,
    leveled.source_file,
    leveled.source_document,
    leveled.source_row,
    leveled.organisation_code,
    leveled.organisation_name,
    leveled.is_known_organisation,
    leveled.as_at_date,
    leveled.person_key,
    leveled.is_primary,
    leveled.is_ahp,
    leveled.occurrence > 1 as is_repeated,
    leveled.occurrence = 1 and leveled.counts_in_post as is_counted,
    leveled.contract,
    leveled.is_unknown_status,
    leveled.is_unknown_category,
    leveled.job_role,
    leveled.occupation_code,
    leveled.afc_band,
    leveled.job_role_profession,
    leveled.occupation_profession,
    leveled.job_role_level,
    leveled.occupation_level,
    leveled.occupation_registration,
    coalesce(leveled.profession, 'none') as profession,
    case when leveled.is_ahp then coalesce(role_levels.role_code, 'uncoded') else 'out_of_scope' end as role_code,
    case when leveled.is_ahp then coalesce(role_levels.coding_basis, 'default') end as coding_basis,
    coalesce(role_codes.role_group, '') as role_group,
    coalesce(role_codes.registration, 'unknown') as registration,
    leveled.fte,
    leveled.fte_text,
    leveled.age_band,
    leveled.age_answer_plain,
    {% for answer in ['gender', 'ethnic_origin', 'disability', 'religious_belief', 'sexual_orientation', 'marital_status'] %}
    leveled.{{ answer }}_plain,
    {% endfor %}
    leveled.registration_prefix,
    leveled.registration_number_given
from leveled
left join role_levels on leveled.level = role_levels.level and leveled.afc_band = role_levels.afc_band
left join role_codes
    on case when leveled.is_ahp then coalesce(role_levels.role_code, 'uncoded') else 'out_of_scope' end = role_codes.role_code
