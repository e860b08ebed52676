-- Everybody in post, once in each organisation, with the role of the main assignment. A person may hold several.
{% set answers = [
    'gender', 'ethnic_origin', 'nationality', 'disability', 'religious_belief', 'sexual_orientation', 'marital_status',
] %}

with

assignments as (

    select * from {{ ref('int_esr__assignments') }}
    where is_counted and is_known_organisation

)

select
    source,
    source_document,
    submission_id,
    source_file,
    organisation_code,
    organisation_name,
    as_at_date,
    person_key,
    bool_or(is_ahp) as is_ahp,
    {% for fact in ['profession', 'role_group', 'role_code', 'registration'] %}
    arg_min({{ fact }}, (not is_ahp, not is_primary, source_row)) as {{ fact }},
    {% endfor %}
    sum(fte) as fte,
    -- The last answer given in any of a person's assignments; a blank beside an answer is no second answer.
    {% for answer in answers + ['age_answer'] %}
    coalesce(max({{ answer }}_plain) filter (where {{ answer }}_plain <> ''), '') as {{ answer }}_plain,
    {% endfor %}
    any_value(nullif(age_band, '')) as age_band
from assignments
group by
    source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, person_key
