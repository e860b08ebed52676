-- How councils gave pay by job family, the latest day of each council
with

latest as (

    select *
    from marts.fct_pay_scale
    qualify as_at_date = max(as_at_date) over (partition by organisation_code)

)

select
    coalesce(families.job_family_name, 'Posts named by title only') as job_family_name,
    count(distinct latest.organisation_code) as councils,
    count(distinct latest.organisation_code) filter (latest.pay_minimum is not null) as councils_with_a_range,
    count(distinct latest.organisation_code) filter (latest.supplement_text is not null) as councils_with_a_supplement,
    count(distinct latest.organisation_code) filter (latest.is_agenda_for_change) as councils_on_agenda_for_change,
    count(*) filter (latest.value_status = 'not_supplied') as cells_empty,
    count(*) filter (latest.value_status in ('not_applicable', 'none_stated')) as cells_not_applicable,
    count(*) filter (latest.value_status in ('queried', 'unreadable')) as cells_without_a_readable_range,
    min(latest.as_at_date) as first_as_at_date,
    max(latest.as_at_date) as last_as_at_date,
    string_agg(distinct latest.pay_year, ', ' order by latest.pay_year) as pay_years
from latest
left join reference.job_families as families on latest.job_family = families.job_family
group by families.job_family_name, families.sort_order
order by families.sort_order
