-- Whoever stands on two sides counts once, and whoever stands on one counts there: a pair adds up to nothing.
select
    council_code,
    as_at_date,
    nhs_organisation_code,
    sum(people) as balance
from {{ ref('overlap_ledger') }}
group by council_code, as_at_date, nhs_organisation_code
having
    sum(people) <> 0
    or bool_or(people < 0) filter (where entry in ('in_return', 'in_extract'))
    or bool_or(people > 0) filter (where entry not in ('in_return', 'in_extract'))
