-- Between which bounds the share of each answer on protected characteristics lies, as far as it may be shown
select
    shares.organisation_name,
    shares.organisation_code,
    shares.as_at_date,
    shares.source,
    replace(shares.characteristic, '_', ' ') as characteristic,
    shares.label,
    shares.n,
    shares.people_rounded,
    shares.share_lowest_pct,
    shares.share_highest_pct,
    shares.share_pct,
    replace(shares.share_status, '_', ' ') as share_status
from quality.edi_shares as shares
inner join chosen_organisations as organisations on shares.organisation_code = organisations.organisation_code
order by
    shares.organisation_name,
    shares.organisation_code,
    shares.source,
    shares.as_at_date desc,
    shares.characteristic,
    shares.category
