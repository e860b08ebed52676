select
    profession,
    profession_name,
    regulator,
    register_part,
    registration_prefix,
    is_ahp
from {{ ref('professions') }}
