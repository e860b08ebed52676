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
    released_at,
    release_id
from {{ source('landed', 'released_role_coding') }}
