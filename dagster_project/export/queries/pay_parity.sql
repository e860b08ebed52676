-- Pay of each council beside the NHS band for the same work, at entry, after two years and at the top
select
    parity.organisation_name,
    parity.organisation_code,
    parity.as_at_date,
    parity.source,
    parity.pay_year,
    families.job_family_name,
    parity.job_title,
    parity.range_number,
    replace(parity.comparison_point, '_', ' ') as comparison_point,
    'Band ' || parity.agenda_for_change_bands as agenda_for_change_bands,
    parity.agenda_for_change_pay,
    replace(parity.agenda_for_change_evidence, '_', ' ') as agenda_for_change_evidence,
    parity.council_pay,
    parity.council_pay_at_most,
    parity.supplement_pounds,
    parity.supplement_status as supplement_pounds_status,
    parity.gap_pct,
    parity.gap_at_most_pct,
    parity.gap_with_supplement_pct,
    parity.gap_with_supplement_at_most_pct,
    replace(parity.gap_status, '_', ' ') as value_status,
    case when parity.gap_note is null then [] else [parity.gap_note] end as notes
from marts.pay_parity as parity
inner join chosen_organisations as organisations on parity.organisation_code = organisations.organisation_code
left join reference.job_families as families on parity.job_family = families.job_family
order by
    parity.organisation_name,
    parity.organisation_code,
    parity.as_at_date desc,
    families.sort_order,
    parity.job_title,
    parity.range_number,
    list_position(['entry', 'after_two_years', 'top'], parity.comparison_point),
    parity.source_row
