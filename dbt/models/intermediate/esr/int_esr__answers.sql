-- What AHP staff answered, by organisation and role group, and for all role groups together. A characteristic that the
-- system has no field for is asked of nobody.
{% set fields = {
    'age': 'age_answer', 'sex': 'gender', 'race': 'ethnic_origin', 'nationality': 'nationality',
    'disability': 'disability', 'religion_or_belief': 'religious_belief', 'sexual_orientation': 'sexual_orientation',
    'marriage_and_civil_partnership': 'marital_status', 'gender_reassignment': none, 'pregnancy_and_maternity': none,
} %}

with

people as (

    select * from {{ ref('int_esr__people') }}
    where is_ahp

),

answers as (

    select * replace (coalesce(value_normalised, '') as value_normalised)
    from {{ ref('esr_answers') }}

),

given as (

    {% for characteristic, field in fields.items() %}
    select
        source,
        source_document,
        submission_id,
        source_file,
        organisation_code,
        organisation_name,
        as_at_date,
        'nhs' as employer,
        person_key,
        role_group,
        '{{ characteristic }}' as characteristic,
        '{{ field or '' }}' as field,
        {{ field ~ '_plain' if field else "'not asked by extract'" }} as answer,
        {{ age_category('age_band') if characteristic == 'age' else 'cast(null as varchar)' }} as age_category
    from people
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

judged as (

    select
        given.*,
        case
            when given.answer = 'not asked by extract' then 'not_asked'
            else coalesce(answers.answer_kind, 'invalid')
        end as answer_kind,
        coalesce(given.age_category, answers.category) as category,
        -- An extract does not say when anybody was asked.
        cast(null as date) as saved_on
    from given
    left join answers on given.field = answers.field and given.answer = answers.value_normalised

)

{{ answers_by_kind('judged') }}
