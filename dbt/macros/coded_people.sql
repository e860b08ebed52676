{# Every assignment of the extracts for which `which` is true, a condition on int_esr__extracts, with whether and as what #}
{# it counts. Of what is no longer in force the same is asked as of what is. #}
{% macro coded_assignments(which) -%}
with

assignments as (

    select * from {{ ref('stg_esr__assignments') }}

),

extracts as (

    select * from {{ ref('int_esr__extracts') }}
    where {{ which }}

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

-- What a title says, once for each title and band.
titles as (

    select
        titles.*,
        case
            when titles.basis = 'reviewed' then 'reviewed'
            when titles.role_code = 'out_of_scope' then 'other_work'
            when titles.role_code <> 'uncoded' and titles.basis = 'default' then 'default'
            when titles.role_code <> 'uncoded' then 'role'
            when rules.code_book_rule = '12' then 'contradiction'
            when titles.profession = 'none' then 'nothing'
            else 'open'
        end as title_says
    from {{ ref('int_roles__decided') }} as titles
    left join {{ ref('role_rules') }} as rules on titles.rule_id = rules.rule_id
    where titles.employer_type = 'nhs'

),

evidence as (

    select * from {{ ref('esr_evidence') }}

),

-- Letters of a registration number that one profession alone has.
registers as (

    select
        registration_prefix,
        case when count(*) = 1 then any_value(profession) end as register_profession
    from {{ ref('professions') }}
    where registration_prefix is not null
    group by registration_prefix

),

-- What stands in an extract more than once. Few do, so that only they are sorted out and not every row chosen.
written_again as (

    select
        submission_id,
        organisation_code,
        assignment_key,
        min(source_row) as first_row
    from {{ ref('stg_esr__assignments') }}
    where assignment_key is not null and submission_id in (select submission_id from extracts)
    group by submission_id, organisation_code, assignment_key
    having count(*) > 1

),

chosen as (

    select
        assignments.*,
        extracts.organisation_name,
        extracts.source_document,
        extracts.is_known_organisation,
        coalesce(assignments.source_row > written_again.first_row, false) as is_repeated
    from assignments
    inner join extracts
        on
            assignments.submission_id = extracts.submission_id
            and assignments.organisation_code = extracts.organisation_code
            and assignments.as_at_date = extracts.as_at_date
    left join written_again
        on
            assignments.submission_id = written_again.submission_id
            and assignments.organisation_code = written_again.organisation_code
            and assignments.assignment_key = written_again.assignment_key

),

-- The job role says profession and level; where it names no profession, as those of support staff, the occupation code does.
leveled as (

    select
        chosen.*,
        job_roles.job_role_normalised is not null as is_known_job_role,
        occupations.occupation_code is not null as is_known_occupation,
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
    from chosen
    left join job_roles on chosen.job_role_plain = job_roles.job_role_normalised
    left join occupations on chosen.occupation_code = occupations.occupation_code
    left join kinds as statuses
        on chosen.assignment_status_plain = statuses.value_normalised and statuses.field = 'assignment_status'
    left join kinds as categories
        on chosen.assignment_category_plain = categories.value_normalised and categories.field = 'assignment_category'
    left join kinds as person_types
        on chosen.user_person_type_plain = person_types.value_normalised and person_types.field = 'user_person_type'

),

-- The job role and the occupation code on the one side and the title on the other, each with the band.
compared as (

    select
        leveled.*,
        titles.role_code as title_role_code,
        titles.profession as title_profession,
        titles.registration as title_registration,
        titles.basis as title_basis,
        titles.rule_id as title_rule_id,
        coalesce(titles.title_says, 'nothing') as title_says,
        role_levels.role_code as job_role_code,
        case
            when not leveled.is_ahp then 'other_work'
            when role_levels.coding_basis = 'contradiction' then 'contradiction'
            when coalesce(role_levels.coding_basis, 'default') = 'default' then 'default'
            else 'role'
        end as job_says,
        coalesce(role_levels.coding_basis, 'default') as job_basis
    from leveled
    left join titles
        on
            leveled.position_title = titles.title_raw
            and titles.band_or_grade is not distinct from {{ band_of_assignment('leveled.afc_band') }}
    left join role_levels on leveled.level = role_levels.level and leveled.afc_band = role_levels.afc_band

),

weighed as (

    select
        compared.* exclude (is_ahp, profession),
        evidence.decided_by,
        evidence.settled_by,
        case
            when compared.title_says = 'reviewed' then compared.title_role_code <> 'out_of_scope'
            else
                compared.is_ahp
                or (compared.title_says in ('role', 'default', 'open', 'contradiction') and evidence.decided_by <> 'job')
        end as is_ahp,
        evidence.is_contradiction
        or (
            compared.title_says = 'role' and compared.job_says = 'role'
            and compared.title_role_code <> compared.job_role_code
        ) as is_contradicted,
        case evidence.decided_by
            when 'title' then compared.title_role_code
            when 'nobody' then 'uncoded'
            else case when compared.is_ahp then coalesce(compared.job_role_code, 'uncoded') else 'out_of_scope' end
        end as role_code,
        case evidence.decided_by
            when 'title' then compared.title_basis
            when 'nobody' then 'rule'
            else compared.job_basis
        end as coding_basis,
        -- A title that names no single profession leaves it to the job role, and one that does not decide at all too.
        case
            when evidence.decided_by = 'job' then coalesce(compared.profession, 'none')
            when compared.title_says = 'other_work' and not compared.is_ahp then 'none'
            when compared.title_role_code = 'out_of_scope' and compared.title_says = 'reviewed' then 'none'
            when compared.title_profession in ('none', 'generic_therapy')
                then coalesce(compared.profession, compared.title_profession)
            else coalesce(compared.title_profession, compared.profession, 'none')
        end as profession
    from compared
    inner join evidence on compared.title_says = evidence.title_says and compared.job_says = evidence.job_says

),

-- A registration number says what the other facts leave open, and changes nothing that one of them says: who manages or
-- leads therapies as a whole does so whatever their own profession is.
registered as (

    select
        weighed.*,
        registers.registration_prefix is not null as has_register,
        weighed.is_ahp
        and weighed.profession in ('none', 'generic_therapy')
        and weighed.title_says <> 'reviewed'
        and not (
            weighed.role_code in ('manager', 'principal')
            and coalesce(weighed.title_profession, weighed.job_role_profession, 'none') = 'generic_therapy'
        )
        and registers.register_profession is not null as is_profession_by_register,
        registers.register_profession
    from weighed
    left join registers on weighed.registration_prefix = registers.registration_prefix

)

select
    registered.submission_id,
    registered.source,
    registered.source_file,
    registered.source_document,
    registered.source_row,
    registered.organisation_code,
    registered.organisation_name,
    registered.is_known_organisation,
    registered.as_at_date,
    registered.person_key,
    registered.is_primary,
    registered.is_ahp,
    registered.is_repeated,
    not registered.is_repeated and registered.counts_in_post as is_counted,
    registered.contract,
    registered.is_unknown_status,
    registered.is_unknown_category,
    registered.position_title,
    registered.staff_group,
    registered.job_role,
    registered.occupation_code,
    registered.afc_band,
    registered.title_role_code,
    registered.title_profession,
    registered.title_rule_id,
    registered.title_says,
    registered.job_role_code,
    registered.job_says,
    registered.is_contradicted,
    registered.settled_by,
    registered.job_role_profession,
    registered.occupation_profession,
    registered.job_role_level,
    registered.is_known_job_role,
    registered.is_known_occupation,
    registered.occupation_level,
    registered.occupation_registration,
    case
        when registered.is_profession_by_register then registered.register_profession else registered.profession
    end as profession,
    registered.is_profession_by_register,
    registered.role_code,
    case when registered.is_ahp then registered.coding_basis end as coding_basis,
    coalesce(role_codes.role_group, '') as role_group,
    case
        when
            role_codes.is_counted
            and registered.has_register
            and case
                when registered.decided_by = 'title' then registered.title_registration else role_codes.registration
            end = 'unknown'
            then 'registered'
        when registered.decided_by = 'title' then registered.title_registration
        else coalesce(role_codes.registration, 'unknown')
    end as registration,
    registered.fte,
    registered.fte_text,
    registered.age_band,
    registered.age_answer_plain,
    {% for answer in [
        'gender', 'ethnic_origin', 'nationality', 'disability', 'religious_belief', 'sexual_orientation', 'marital_status',
    ] %}
    registered.{{ answer }}_plain,
    {% endfor %}
    registered.registration_prefix,
    registered.registration_number_given
from registered
left join role_codes on registered.role_code = role_codes.role_code
{%- endmacro %}

{# Every landed worker record of the files for which `which` is true, a condition on int_asc_wds__extracts, with whether #}
{# and as what it counts. #}
{% macro coded_workers(which) -%}
with

workers as (

    select * from {{ ref('stg_skills_for_care__workers') }}

),

extracts as (

    select * from {{ ref('int_asc_wds__extracts') }}
    where landed_table = 'asc_wds_workers' and {{ which }}

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
{%- endmacro %}
