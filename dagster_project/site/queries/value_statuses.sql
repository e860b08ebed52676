-- What the signs beside numbers mean
select
    value_status,
    symbol,
    meaning
from reference.value_statuses
order by sort_order
