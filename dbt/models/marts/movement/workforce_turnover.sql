select
    source,
    organisation_code,
    organisation_name,
    from_date,
    to_date,
    profession,
    staff_at_start,
    staff_at_end,
    stayers,
    cast(leavers as bigint) as leavers,
    100.0 * cast(stayers as double) / cast(staff_at_start as double) as stability_pct,
    100.0 * cast(leavers as double) / cast(staff_at_end as double) as turnover_pct,
    case when leavers is null then 'not_supplied' else 'derived' end as turnover_status
from {{ ref('int_esr__years') }}
