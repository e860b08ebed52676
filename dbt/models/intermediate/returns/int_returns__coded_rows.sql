with

workforce_rows as (

    select * from {{ ref('int_returns__workforce_rows') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

roles as (

    select * from {{ ref('role_codes') }}

),

titles as (

    select * from {{ ref('int_roles__decided') }}

),

rules as (

    select * from {{ ref('role_rules') }}

),

declared as (

    select
        workforce_rows.*,
        -- A level is taken at the council's word where the group can hold it; where it cannot, the two contradict each other
        -- and only the group stands.
        coalesce(
            roles.role_code is not null
            and (return_groups.role_group is null or return_groups.role_group = roles.role_group)
            and (return_groups.registration <> 'registered' or roles.role_group <> 'non_registered'),
            false
        ) as is_level_used,
        roles.role_code is not null
        and not coalesce(
            (return_groups.role_group is null or return_groups.role_group = roles.role_group)
            and (return_groups.registration <> 'registered' or roles.role_group <> 'non_registered'),
            false
        ) as is_level_contradicted,
        return_groups.return_group_name,
        return_groups.role_group as group_role_group,
        return_groups.role_code as group_role_code,
        return_groups.profession as group_profession,
        return_groups.registration as group_registration,
        roles.role_group as level_role_group,
        roles.role_name as level_name
    from workforce_rows
    inner join return_groups on workforce_rows.return_group = return_groups.return_group
    left join roles on workforce_rows.level = roles.role_code

),

-- What the title says, held against what the council declares. Only words that name a role weigh more than the group.
titled as (

    select
        declared.*,
        titles.title_plain,
        titles.afc_band_level,
        titles.role_code as title_role_code,
        titles.role_group as title_role_group,
        titles.profession as title_profession,
        titles.rule_id as title_rule_id,
        titles.basis as title_basis,
        titles.role_code not in ('uncoded', 'out_of_scope') and titles.basis <> 'default' as title_names_role,
        coalesce(titles.role_code = 'uncoded' and rules.code_book_rule = '12', false) as is_title_contradictory,
        coalesce(
            (declared.group_role_group is null or declared.group_role_group = titles.role_group)
            and (declared.group_registration <> 'registered' or titles.role_group <> 'non_registered'),
            false
        ) as group_holds_title
    from declared
    left join titles
        on
            declared.job_title = titles.title_raw
            and declared.grade is not distinct from titles.band_or_grade
            and {{ employer_type_of_row('declared.employer') }} = titles.employer_type
    left join rules on titles.rule_id = rules.rule_id

),

judged as (

    select
        * exclude (title_names_role),
        coalesce(title_names_role, false) as title_names_role,
        coalesce(
            case
                when title_role_code = 'out_of_scope' or is_title_contradictory then true
                when not title_names_role then false
                when not group_holds_title then true
                else is_level_used and level <> title_role_code
            end,
            false
        ) as is_title_contradicted
    from titled

)

select
    *,
    -- Where title and council contradict each other only the group stands, and a finding says so.
    case
        when is_title_contradicted then group_role_group
        when title_names_role then title_role_group
        when is_level_used then level_role_group
        else group_role_group
    end as role_group,
    case
        when is_title_contradicted then group_role_code
        when title_names_role then title_role_code
        when is_level_used then level
        else group_role_code
    end as role_code,
    case
        when is_title_contradicted then 'declared group'
        when title_names_role then if(title_basis = 'reviewed', 'reviewed', 'rule')
        when is_level_used then 'declared level'
        else 'declared group'
    end as coding_basis
from judged
