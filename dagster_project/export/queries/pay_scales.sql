-- Pay ranges of each council by job
select
    pay.organisation_name,
    pay.organisation_code,
    pay.as_at_date,
    pay.source,
    pay.pay_year,
    families.job_family_name,
    pay.job_title,
    pay.scale_as_written,
    pay.grade_as_written,
    pay.range_number,
    pay.pay_minimum,
    pay.pay_maximum,
    pay.supplement_text,
    replace(pay.value_status, '_', ' ') as value_status,
    nullif(pay.cell_text, '') as cell_text,
    case when pay.transcription_note is null then [] else [pay.transcription_note] end as notes
from marts.fct_pay_scale as pay
inner join chosen_organisations as organisations on pay.organisation_code = organisations.organisation_code
left join reference.job_families as families on pay.job_family = families.job_family
order by
    pay.organisation_name,
    pay.organisation_code,
    pay.as_at_date desc,
    families.sort_order,
    pay.job_title,
    pay.range_number,
    pay.source_row
