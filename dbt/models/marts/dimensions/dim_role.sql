select
    role_code,
    role_group,
    role_name,
    meaning,
    registration,
    typical_afc_bands,
    is_counted,
    sort_order
from {{ ref('role_codes') }}
