-- Numbers of councils and regions that differ from the release before
with

present as (

    unpivot (
        select
            geography_type,
            geography_code,
            geography_name,
            as_at_date,
            return_group,
            cast(headcount as decimal(18, 4)) as headcount,
            fte,
            fte_permanent,
            fte_temporary,
            fte_vacant
        from marts.regional_workforce
        where geography_type in ('adass_region', 'council') and not is_roll_up and source = 'council_returns'
    )
    on headcount, fte, fte_permanent, fte_temporary, fte_vacant
    into name measure value new_value

),

earlier as (

    unpivot (
        select
            geography_type,
            geography_code,
            geography_name,
            as_at_date,
            return_group,
            cast(headcount as decimal(18, 4)) as headcount,
            fte,
            fte_permanent,
            fte_temporary,
            fte_vacant
        from before.marts.regional_workforce
        where geography_type in ('adass_region', 'council') and not is_roll_up and source = 'council_returns'
    )
    on headcount, fte, fte_permanent, fte_temporary, fte_vacant
    into name measure value old_value

)

select
    geography_type,
    geography_code,
    coalesce(present.geography_name, earlier.geography_name) as geography_name,
    as_at_date,
    return_groups.return_group_name,
    fields.field_name,
    earlier.old_value,
    present.new_value
from present
full join earlier using (geography_type, geography_code, as_at_date, return_group, measure)
left join reference.return_groups as return_groups on return_group = return_groups.return_group
left join reference.measure_fields as fields on measure = fields.field
where present.new_value is distinct from earlier.old_value
order by geography_type, geography_name, as_at_date desc, return_groups.figure, fields.field_name
