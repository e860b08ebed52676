-- How many NHS employees work for a council, and on whose side are they counted, so that nobody counts twice?
select
    council_name,
    coalesce(nhs_organisation_name, 'named by no extract') as nhs_organisation,
    as_at_date as return_day,
    extract_as_at_date as nhs_day,
    sum(people) filter (entry = 'in_return') as in_the_return,
    sum(people) filter (entry = 'in_extract') as in_the_nhs_extract,
    -sum(people) filter (entry = 'counted_by_council') as counted_by_the_council,
    -sum(people) filter (entry = 'counted_by_nhs') as counted_by_the_nhs,
    -sum(people) filter (entry = 'unmatched_in_return') as only_in_the_return,
    -sum(people) filter (entry = 'unmatched_in_extract') as only_in_the_extract,
    max(trusts_naming_the_council) as trusts_naming_the_council
from marts.overlap_ledger
group by council_code, council_name, nhs_organisation_code, nhs_organisation_name, as_at_date, extract_as_at_date
order by council_name, as_at_date, nhs_organisation
