-- What AHP staff in social care answered, by council, kind of employer and role group, and for all role groups together.
{% set fields = {'sex': 'gender', 'race': 'ethnicity', 'nationality': 'nationality', 'disability': 'disability'} %}
{% set never_asked = [
    'religion_or_belief', 'sexual_orientation', 'marriage_and_civil_partnership', 'gender_reassignment',
    'pregnancy_and_maternity',
] %}

with

workers as (

    select * from {{ ref('int_asc_wds__workers') }}
    where is_ahp and is_counted and is_known_organisation

),

codes as (

    select * replace (coalesce(code, '') as code) from {{ ref('asc_wds_codes') }}

),

given as (

    select
        *,
        'age' as characteristic,
        age_band as answer,
        age_answer as answer_kind,
        {{ age_category('age_band') }} as category,
        -- A day after that of the file is a mistake.
        case when age_saved_on <= as_at_date then age_saved_on end as saved_on
    from workers
    {% for characteristic, field in fields.items() %}
    union all
    select
        workers.*,
        '{{ characteristic }}' as characteristic,
        workers.{{ field }} as answer,
        case
            when workers.{{ field }} = 'not_asked_by_extract' then 'not_asked'
            else coalesce(codes.answer_kind, 'invalid')
        end as answer_kind,
        codes.meaning as category,
        case when workers.{{ field }}_saved_on <= workers.as_at_date then workers.{{ field }}_saved_on end as saved_on
    from workers
    left join codes
        on
            codes.field = '{{ field }}'
            and workers.code_system = codes.code_system
            and workers.{{ field }} = codes.code
    {% endfor %}
    {% for characteristic in never_asked %}
    union all
    select
        *,
        '{{ characteristic }}' as characteristic,
        '' as answer,
        'not_asked' as answer_kind,
        cast(null as varchar) as category,
        cast(null as date) as saved_on
    from workers
    {% endfor %}

),

-- Who works in several places counts once; an answer beside a blank is the answer.
people as (

    select
        source,
        source_document,
        submission_id,
        source_file,
        organisation_code,
        organisation_name,
        as_at_date,
        employer,
        person_key,
        characteristic,
        {% for what in ['answer', 'answer_kind', 'category', 'saved_on'] %}
        arg_min_null(
            {{ what }},
            (list_position(['valid', 'prefer_not_to_say', 'not_known', 'invalid', 'not_recorded', 'not_asked'], answer_kind), source_row)
        ) as {{ what }},
        {% endfor %}
        arg_min(role_group, source_row) as role_group
    from given
    group by
        source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, employer,
        person_key, characteristic

)

{{ answers_by_kind('people') }}
