-- Between which bounds the share of each answer lies, as released: small counts hidden, the others rounded
select
    shares.source,
    shares.organisation_code,
    shares.employer,
    shares.as_at_date,
    shares.characteristic,
    replace(shares.characteristic, '_', ' ') as characteristic_name,
    shares.category,
    shares.label,
    shares.n,
    shares.people_rounded,
    shares.share_lowest_pct,
    shares.share_highest_pct,
    shares.share_pct,
    shares.share_status
from quality.edi_shares as shares
left join reference.edi_categories as categories
    on shares.characteristic = categories.characteristic and shares.category = categories.category
order by
    shares.source, shares.organisation_code, shares.employer, shares.characteristic, categories.sort_order
