{% set answers = [
    'gender', 'ethnic_origin', 'nationality', 'disability', 'religious_belief', 'sexual_orientation', 'marital_status',
] %}

select
    submission_id,
    source,
    source_file,
    source_row,
    as_at_date,
    person_key,
    nullif(assignment_key, '') as assignment_key,
    upper(coalesce(nullif(ocs_code, ''), nullif(employing_org_code, ''), 'not given')) as organisation_code,
    nullif(organisation, '') as organisation_as_written,
    lower(primary_assignment) in ('y', 'yes', 'primary') as is_primary,
    assignment_status,
    {{ plain_words('assignment_status') }} as assignment_status_plain,
    assignment_category,
    {{ plain_words('assignment_category') }} as assignment_category_plain,
    user_person_type,
    {{ plain_words('user_person_type') }} as user_person_type_plain,
    nullif(position_title, '') as position_title,
    nullif(staff_group, '') as staff_group,
    nullif(job_role, '') as job_role,
    {{ plain_words('job_role') }} as job_role_plain,
    upper(trim(occupation_code)) as occupation_code,
    -- 'Band 6', 'NHS|XR06|Review Body Band 6' and 'Review Body Band 8 - Range A' are met.
    regexp_extract(
        lower(coalesce(nullif(afc_band, ''), pay_scale_description)), '(?:band|bd|^)\s*([1-9])(?:[^0-9]|$)', 1
    ) || regexp_extract(
        lower(coalesce(nullif(afc_band, ''), pay_scale_description)),
        '(?:band|bd|^)\s*8\s*(?:-?\s*range\s*)?([a-d])\b', 1
    ) as afc_band,
    try_cast(replace(contracted_wte, ',', '') as decimal(9, 5)) as fte,
    contracted_wte as fte_text,
    age_band,
    {{ plain_words("replace(age_answer, 'not_asked', 'not_asked_by_extract')") }} as age_answer_plain,
    {% for answer in answers %}
    {{ answer }},
    {{ plain_words(answer) }} as {{ answer }}_plain,
    {% endfor %}
    registration_prefix,
    registration_number_given
from {{ source('landed', 'esr_assignments') }}
