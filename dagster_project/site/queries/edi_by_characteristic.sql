-- How complete the answers on protected characteristics are, for the latest day of each organisation
with

latest as (

    select *
    from quality.edi_completeness
    where is_all_role_groups
    qualify as_at_date = max(as_at_date) over (partition by source, organisation_code)

)

select
    source,
    replace(characteristic, '_', ' ') as characteristic,
    count(*) as organisations,
    count(*) filter (band = 'green') as green,
    count(*) filter (band = 'amber') as amber,
    count(*) filter (band = 'red') as red,
    count(*) filter (band = 'not_asked') as not_asked,
    count(*) filter (band not in ('green', 'amber', 'red', 'not_asked')) as not_known
from latest
group by source, characteristic
order by source, characteristic
