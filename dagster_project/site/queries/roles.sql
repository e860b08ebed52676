-- Roles of the common coding
select
    role_name,
    replace(role_group, '_', ' ') as role_group,
    meaning,
    replace(registration, '_', ' ') as registration,
    typical_afc_bands,
    is_counted
from marts.dim_role
order by sort_order
