-- Titles that a person should look at: not coded, contradicted, or coded by convention; those with most staff first
select
    title_raw,
    band_or_grade,
    replace(role_code, '_', ' ') as role_code,
    case
        when contradiction is not null then contradiction
        when role_code = 'uncoded' then 'not coded'
        else 'coded by convention'
    end as why_here,
    reason,
    headcount,
    fte,
    organisation_names
from quality.role_coding
where
    last_seen_at is not null
    and (role_code = 'uncoded' or basis = 'default' or contradiction is not null)
    -- The job role of some says that they are no therapy role, which settles it.
    and role_codes_counted is distinct from 'out_of_scope'
order by fte desc nulls last, headcount desc nulls last, title_raw, band_or_grade
limit 200
