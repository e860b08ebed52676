-- Pay of councils beside Agenda for Change, the latest day of each council: at entry, after two years, at the top
select
    parity.organisation_code,
    parity.organisation_name,
    parity.as_at_date,
    parity.pay_year,
    coalesce(families.job_family_name, 'Posts named by title only') as job_family_name,
    coalesce(parity.job_title, families.job_family_name) as job_name,
    parity.range_number,
    count(distinct struct_pack(source_row := parity.source_row, range_number := parity.range_number)) over (
        partition by parity.organisation_code, parity.as_at_date, parity.job_family, parity.job_title
    ) as ranges,
    parity.comparison_point,
    parity.agenda_for_change_bands,
    parity.agenda_for_change_pay,
    parity.agenda_for_change_evidence,
    parity.council_pay,
    parity.council_pay_at_most,
    parity.supplement_pounds,
    parity.supplement_status,
    parity.gap_pct,
    parity.gap_at_most_pct,
    parity.gap_with_supplement_pct,
    parity.gap_with_supplement_at_most_pct,
    parity.gap_status,
    statuses.symbol as gap_symbol,
    parity.gap_note
from marts.pay_parity as parity
left join reference.job_families as families on parity.job_family = families.job_family
left join reference.value_statuses as statuses on parity.gap_status = statuses.value_status
-- Where no range was given, the pay itself says why.
where parity.range_number is not null
qualify parity.as_at_date = max(parity.as_at_date) over (partition by parity.organisation_code)
order by
    families.sort_order,
    parity.organisation_name,
    parity.organisation_code,
    parity.job_title,
    parity.range_number,
    parity.source_row,
    list_position(['entry', 'after_two_years', 'top'], parity.comparison_point)
