-- Numbers that are a choice rather than a fact
select
    policy,
    description,
    value,
    unit
from reference.policies
order by policy
