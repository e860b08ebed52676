-- Pay ranges that councils returned, the latest day of each
select
    pay.organisation_code,
    pay.organisation_name,
    pay.as_at_date,
    pay.pay_year,
    coalesce(families.job_family_name, 'Posts named by title only') as job_family_name,
    families.afc_band_comparator,
    families.note as family_note,
    coalesce(pay.job_title, families.job_family_name) as job_name,
    pay.scale_as_written,
    pay.grade_as_written,
    pay.pay_minimum,
    pay.pay_maximum,
    pay.supplement_text,
    pay.value_status,
    statuses.symbol as value_symbol,
    statuses.meaning,
    pay.cell_text
from marts.fct_pay_scale as pay
left join reference.job_families as families on pay.job_family = families.job_family
left join reference.value_statuses as statuses on pay.value_status = statuses.value_status
qualify pay.as_at_date = max(pay.as_at_date) over (partition by pay.organisation_code)
order by
    families.sort_order, pay.organisation_name, pay.organisation_code, pay.job_title, pay.range_number, pay.source_row
