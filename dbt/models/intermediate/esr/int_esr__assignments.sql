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

-- What stands in an extract more than once. Few do, so that only they are sorted out and not every row in_force.
written_again as (

    select
        submission_id,
        organisation_code,
        assignment_key,
        min(source_row) as first_row
    from {{ ref('stg_esr__assignments') }}
    where assignment_key is not null
    group by submission_id, organisation_code, assignment_key
    having count(*) > 1

),

in_force as (

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
        in_force.*,
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
    from in_force
    left join job_roles on in_force.job_role_plain = job_roles.job_role_normalised
    left join occupations on in_force.occupation_code = occupations.occupation_code
    left join kinds as statuses
        on in_force.assignment_status_plain = statuses.value_normalised and statuses.field = 'assignment_status'
    left join kinds as categories
        on in_force.assignment_category_plain = categories.value_normalised and categories.field = 'assignment_category'
    left join kinds as person_types
        on in_force.user_person_type_plain = person_types.value_normalised and person_types.field = 'user_person_type'

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
    {% for answer in ['gender', 'ethnic_origin', 'disability', 'religious_belief', 'sexual_orientation', 'marital_status'] %}
    registered.{{ answer }}_plain,
    {% endfor %}
    registered.registration_prefix,
    registered.registration_number_given
from registered
left join role_codes on registered.role_code = role_codes.role_code
