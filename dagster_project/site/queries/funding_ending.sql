-- What would be left of the staff in post as temporary funding ends, the latest day of each area
select
    ending.geography_type,
    ending.geography_code,
    ending.as_at_date,
    return_groups.return_group_name,
    coalesce(strftime(ending.ends_on, '%-d %B %Y'), 'not told') as ends_on,
    coalesce(replace(ending.funding_stream, '_', ' '), 'not told') as funding_stream,
    ending.fte_ending,
    ending.fte_ended,
    ending.fte_left,
    format('{:.2f}%', ending.ended_pct) as ended,
    ending.councils_returned || ' of ' || ending.councils_expected as councils
from marts.funding_ending as ending
left join reference.return_groups as return_groups on ending.return_group = return_groups.return_group
where ending.source = 'council_returns' and ending.fte_ending > 0
qualify
    ending.as_at_date = max(ending.as_at_date) over (partition by ending.geography_type, ending.geography_code)
order by
    ending.geography_type,
    ending.geography_code,
    return_groups.figure,
    ending.ends_on nulls last,
    ending.funding_stream nulls last
