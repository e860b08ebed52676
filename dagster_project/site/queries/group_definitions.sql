-- Groups of staff that councils return, and how they are coded
select
    return_group_name,
    replace(role_group, '_', ' ') as role_group,
    replace(registration, '_', ' ') as registration,
    note
from reference.return_groups
order by figure
