-- Numbers that reports print, as printed, and ratios of them
select
    document_title,
    section,
    subject_name,
    coalesce(breakdown, '') as breakdown,
    geography_name,
    coalesce(period, '') as period,
    value_as_written,
    value_low,
    unit,
    case when value_status <> 'reported' then replace(value_status, '_', ' ') else '' end as doubt,
    worked_out_value,
    coalesce(worked_out_as, '') as worked_out_as,
    coalesce(note, '') as note
from marts.fct_published_figures
order by document_title, section, place
