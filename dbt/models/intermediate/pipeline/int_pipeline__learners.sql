with

collated as (

    select
        source,
        as_at_date,
        organisation_code,
        case when field = 'students' then 'student' else 'degree_apprentice' end as learner_type,
        max(value_used) as learners
    from {{ ref('int_workforce__cells') }}
    where is_current and organisation_code is not null and field in ('students', 'apprentices')
    group by source, as_at_date, organisation_code, field

),

own_returns as (

    select
        source,
        as_at_date,
        organisation_code,
        learner_type,
        -- A sum with a part missing is not known.
        case when count(learners) = count(*) then sum(learners) end as learners
    from {{ ref('int_returns__learners') }}
    where is_current
    group by source, as_at_date, organisation_code, learner_type

)

select * from collated
union all
select * from own_returns
