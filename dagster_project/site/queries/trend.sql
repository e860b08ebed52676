-- Changes from one day to the next, by area and group of staff
select
    trend.geography_type,
    trend.geography_code,
    return_groups.return_group_name,
    string_agg(fields.field_name, ', ' order by trend.measure desc) as field_names,
    trend.previous_as_at_date,
    trend.as_at_date,
    trend.matched_previous_value,
    trend.matched_value,
    trend.change,
    trend.change_pct,
    trend.councils_in_both,
    trend.councils_expected,
    trend.comparability,
    trend.breaks
from marts.workforce_trend as trend
left join reference.return_groups as return_groups on trend.return_group = return_groups.return_group
left join reference.measure_fields as fields on trend.measure = fields.field
where trend.source = 'council_returns' and trend.measure in ('headcount', 'fte', 'fte_vacant')
-- Numbers that are refused for one and the same reason share a line.
group by
    trend.geography_type,
    trend.geography_code,
    return_groups.return_group_name,
    return_groups.figure,
    trend.previous_as_at_date,
    trend.as_at_date,
    trend.matched_previous_value,
    trend.matched_value,
    trend.change,
    trend.change_pct,
    trend.councils_in_both,
    trend.councils_expected,
    trend.comparability,
    trend.breaks,
    case when trend.comparability <> 'refused' then trend.measure end
order by
    trend.geography_type,
    trend.geography_code,
    trend.as_at_date desc,
    return_groups.figure,
    min(list_position(['headcount', 'fte', 'fte_vacant'], trend.measure))
