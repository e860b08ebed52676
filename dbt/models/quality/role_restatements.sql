with

released as (

    select *
    from {{ ref('stg_store__released_role_coding') }}
    where released_at < cast(getvariable('refreshed_at') as timestamp)

),

tonight as (

    select
        title_raw,
        band_or_grade,
        employer_type,
        title_read,
        profession,
        role_code,
        basis,
        rule_id,
        headcount,
        fte,
        cast(getvariable('refreshed_at') as timestamp) as released_at,
        cast(null as varchar) as release_id
    from {{ ref('role_coding') }}

),

versions as (

    select
        *,
        lag(role_code) over of_the_title as old_role_code,
        lag(profession) over of_the_title as old_profession,
        lag(title_read) over of_the_title as old_title_read,
        lag(basis) over of_the_title as old_basis,
        lag(rule_id) over of_the_title as old_rule_id,
        lag(released_at) over of_the_title as old_released_at
    from (
        select * from released
        union all by name
        select * from tonight
    )
    window of_the_title as (partition by title_raw, band_or_grade, employer_type order by released_at)

)

select
    title_raw,
    band_or_grade,
    employer_type,
    old_role_code,
    role_code as new_role_code,
    old_profession,
    profession as new_profession,
    case
        when basis = 'reviewed' then 'decision'
        when old_basis = 'reviewed' then 'decision withdrawn'
        -- Releases of before the words were kept have no profession either.
        when old_profession is not null and coalesce(title_read, '') <> coalesce(old_title_read, '')
            then 'wording list changed'
        when rule_id <> old_rule_id then 'another rule'
        else 'rule changed'
    end as cause,
    old_rule_id,
    rule_id as new_rule_id,
    headcount,
    fte,
    old_released_at,
    released_at as restated_at,
    release_id
from versions
where role_code <> old_role_code or profession <> old_profession
