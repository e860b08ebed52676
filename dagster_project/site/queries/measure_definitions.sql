-- Rates and ratios: what each says, and what it does not
select
    measure,
    measure_name,
    definition,
    numerator,
    denominator,
    unit,
    caveat,
    source
from reference.measures
order by measure_name
