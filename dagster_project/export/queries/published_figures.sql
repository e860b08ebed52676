-- Numbers that reports print and no return holds, as printed, and ratios of them
select
    source_document,
    section,
    subject_name,
    breakdown,
    geography_name,
    period,
    value_as_written,
    value_low,
    value_high,
    unit,
    replace(qualifier, '_', ' ') as qualifier,
    worked_out_value,
    worked_out_as,
    replace(value_status, '_', ' ') as value_status,
    case when note is null then [] else [note || '.'] end as notes
from marts.fct_published_figures
-- Totals the reports state of their own tables are compared with them among the findings.
where place not between 1001 and 1999 and getvariable('geography_type') = 'all'
order by source_document, section, place
