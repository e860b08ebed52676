-- Who counts the NHS employees that work for a council, entry by entry, the latest day of each council
select
    council_code as organisation_code,
    council_name,
    nhs_organisation_name,
    as_at_date,
    extract_as_at_date,
    entry,
    people,
    counted_in_source,
    trusts_naming_the_council
from marts.overlap_ledger
qualify as_at_date = max(as_at_date) over (partition by council_code)
order by council_name, council_code, nhs_organisation_name nulls last, entry_number
