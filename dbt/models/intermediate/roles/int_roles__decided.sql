-- Every title that a source holds, with the role a person decided on, and otherwise the one the rules give.
with

coded as (

    select * from {{ ref('int_roles__coded') }}

),

titles as (

    select * from {{ ref('int_roles__titles') }}
    where is_held

),

decisions as (

    select * from {{ ref('int_roles__decisions') }}
    where valid_to is null and title_plain <> ''

),

role_codes as (

    select * from {{ ref('role_codes') }}

),

held as (

    select coded.*
    from coded
    inner join titles
        on
            coded.title_raw is not distinct from titles.title_raw
            and coded.band_or_grade is not distinct from titles.band_or_grade
            and coded.employer_type = titles.employer_type

),

-- Each decision on each title that it covers. One on a title of any band contradicts the bands its role cannot have, and
-- is held back there.
covered as (

    select
        wanted.*,
        decisions.* exclude (title_plain, afc_band_level, employer_type),
        decisions.afc_band_level is null as is_of_any_band,
        decisions.employer_type is null as is_of_any_employer,
        decisions.afc_band_level is null
        and wanted.afc_band_level is not null
        and not coalesce(
            list_contains(string_split(role_codes.possible_afc_bands, ';'), wanted.afc_band_level), true
        ) as is_held_back
    from (
        select distinct
            title_plain,
            afc_band_level,
            employer_type
        from held
    ) as wanted
    inner join decisions
        on
            wanted.title_plain = decisions.title_plain
            and (decisions.afc_band_level is null or wanted.afc_band_level = decisions.afc_band_level)
            and (decisions.employer_type is null or wanted.employer_type = decisions.employer_type)
    inner join role_codes on decisions.role_code = role_codes.role_code

),

-- A decision on a band or an employer goes before one on any, and one on the band before one on the employer. One that
-- was taken back gives way to none.
closest as (

    select
        title_plain,
        afc_band_level,
        employer_type,
        role_code as decided_code,
        profession as decided_profession,
        equivalence,
        reviewer,
        decided_on,
        reason as decided_because,
        is_held_back
    from covered
    qualify
        row_number() over (
            partition by title_plain, afc_band_level, employer_type
            order by is_held_back, is_of_any_band, is_of_any_employer
        ) = 1

),

decided as (

    select
        held.*,
        held_back.decided_code as held_back_role_code,
        closest.decided_code,
        if(closest.decided_code = 'out_of_scope', 'none', coalesce(closest.decided_profession, held.profession))
            as decided_profession,
        closest.equivalence,
        closest.reviewer,
        closest.decided_on,
        closest.decided_because
    from held
    left join closest
        on
            held.title_plain = closest.title_plain
            and held.afc_band_level is not distinct from closest.afc_band_level
            and held.employer_type = closest.employer_type
            and not closest.is_held_back
    left join closest as held_back
        on
            held.title_plain = held_back.title_plain
            and held.afc_band_level = held_back.afc_band_level
            and held.employer_type = held_back.employer_type
            and held_back.is_held_back

)

select
    decided.title_raw,
    decided.band_or_grade,
    decided.employer_type,
    decided.afc_band_level,
    decided.title_plain,
    decided.title_read,
    decided.signature,
    if(decided.decided_code is null, decided.words_that_decided, null) as words_that_decided,
    if(decided.decided_code is null, decided.profession, decided.decided_profession) as profession,
    case
        when decided.decided_code is null then decided.registration
        -- Of a manager it is known where a profession is named.
        when decided.decided_code = 'manager' and decided.decided_profession not in ('none', 'generic_therapy')
            then 'registered'
        else role_codes.registration
    end as registration,
    coalesce(decided.decided_code, decided.role_code) as role_code,
    if(decided.decided_code is null, decided.role_group, role_codes.role_group) as role_group,
    if(decided.decided_code is null, decided.basis, 'reviewed') as basis,
    case
        when decided.decided_code is null then decided.sureness
        when decided.decided_code = 'uncoded' then 'none'
        when decided.equivalence = 'equal' then 'high'
        when decided.equivalence in ('wider', 'narrower') then 'medium'
        else 'low'
    end as sureness,
    if(decided.decided_code is null, decided.rule_id, 'decision') as rule_id,
    if(
        decided.decided_code is null,
        decided.reason,
        'Decided by ' || decided.reviewer || ' on ' || strftime(decided.decided_on, '%-d %B %Y') || ': '
        || decided.decided_because
    ) as reason,
    decided.reviewer,
    decided.decided_on,
    decided.equivalence,
    decided.role_code as rule_role_code,
    decided.held_back_role_code
from decided
left join role_codes on decided.decided_code = role_codes.role_code
