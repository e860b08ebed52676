with

coded as (

    select * from {{ ref('int_roles__decided') }}

),

uses as (

    select * from {{ ref('int_roles__uses') }}

),

rules as (

    select * from {{ ref('role_rules') }}

),

behind as (

    select
        title_raw,
        band_or_grade,
        employer_type,
        sum(headcount) filter (where is_newest_day) as headcount,
        sum(fte) filter (where is_newest_day) as fte,
        count(distinct organisation_code) filter (where is_newest_day) as organisations,
        string_agg(distinct organisation_name, ', ' order by organisation_name) filter (where is_newest_day)
            as organisation_names,
        string_agg(distinct organisation_code, ', ' order by organisation_code) filter (where is_newest_day)
            as organisation_codes,
        string_agg(distinct role_code, ', ' order by role_code) filter (where is_newest_day) as role_codes_counted,
        coalesce(bool_or(is_contradicted) filter (where is_newest_day), false) as is_contradicted,
        min(as_at_date) as first_seen_at,
        max(as_at_date) as last_seen_at
    from uses
    group by title_raw, band_or_grade, employer_type

)

select
    coded.title_raw,
    coded.band_or_grade,
    coded.employer_type,
    coded.title_plain,
    coded.title_read,
    coded.profession,
    coded.registration,
    coded.role_code,
    coded.role_group,
    coded.basis,
    coded.sureness,
    coded.rule_id,
    coded.words_that_decided,
    coded.reason,
    coded.equivalence,
    coded.reviewer,
    coded.decided_on,
    case
        when coded.held_back_role_code is not null
            then 'a decision says ' || coded.held_back_role_code || ' at any band, and the band contradicts it'
        when coded.role_code = 'uncoded' and rules.code_book_rule = '12' then 'the title contradicts itself or its band'
        when behind.is_contradicted then 'other facts of the row contradict the title'
        -- In some NHS services principal is a grade of a speciality, and not the lead of the whole service.
        when coded.rule_id = 'principal' and coded.employer_type = 'nhs' then 'principal may be used as a grade'
    end as contradiction,
    behind.role_codes_counted,
    cast(behind.headcount as bigint) as headcount,
    cast(behind.fte as decimal(18, 4)) as fte,
    cast(coalesce(behind.organisations, 0) as integer) as organisations,
    behind.organisation_names,
    behind.organisation_codes,
    behind.first_seen_at,
    behind.last_seen_at
from coded
left join rules on coded.rule_id = rules.rule_id
left join behind
    on
        coded.title_raw = behind.title_raw
        and coded.band_or_grade is not distinct from behind.band_or_grade
        and coded.employer_type = behind.employer_type
