-- What AHP staff answered, by organisation and role group, and for all role groups together.
{% set fields = {
    'age': 'age_answer', 'sex': 'gender', 'race': 'ethnic_origin', 'disability': 'disability',
    'religion_or_belief': 'religious_belief', 'sexual_orientation': 'sexual_orientation',
    'marriage_and_civil_partnership': 'marital_status',
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
        person_key,
        role_group,
        '{{ characteristic }}' as characteristic,
        '{{ field }}' as field,
        {{ field }}_plain as answer
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
        end as answer_kind
    from given
    left join answers on given.field = answers.field and given.answer = answers.value_normalised

),

before as (

    select
        *,
        lag(answer_kind) over (partition by organisation_code, person_key, characteristic order by as_at_date) as kind_before
    from judged

),

groups as (

    select * from before
    union all
    select * replace (cast(null as varchar) as role_group)
    from before

)

select
    source,
    source_document,
    submission_id,
    source_file,
    organisation_code,
    organisation_name,
    as_at_date,
    nullif(role_group, '') as role_group,
    role_group is null as is_all_role_groups,
    characteristic,
    count(*) as people,
    {% for kind in ['valid', 'prefer_not_to_say', 'not_known', 'not_recorded', 'invalid', 'not_asked'] %}
    count(*) filter (where answer_kind = '{{ kind }}') as {{ kind }},
    {% endfor %}
    count(*) filter (where kind_before = 'valid') as answered_before,
    count(*) filter (where kind_before = 'valid' and answer_kind = 'not_recorded') as overwritten,
    count(*) filter (where kind_before in ('prefer_not_to_say', 'not_known', 'not_recorded')) as unanswered_before,
    count(*) filter (where kind_before in ('prefer_not_to_say', 'not_known', 'not_recorded') and answer_kind = 'valid')
        as filled,
    -- The commonest answer among those given; a share so high that nobody can have been asked is a default value.
    max(answer_count) as commonest_answer
from (
    select
        groups.*,
        case when answer_kind = 'valid' then count(*) over (
            partition by organisation_code, as_at_date, role_group, characteristic, answer
        ) end as answer_count
    from groups
) as groups
group by
    source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, role_group,
    characteristic
