with

workforce_rows as (

    select * from {{ ref('int_returns__workforce_rows') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

roles as (

    select * from {{ ref('role_codes') }}

)

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
