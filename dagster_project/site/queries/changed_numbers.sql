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
    coalesce(present.geography_type, earlier.geography_type) as geography_type,
    coalesce(present.geography_code, earlier.geography_code) as geography_code,
    coalesce(present.geography_name, earlier.geography_name) as geography_name,
    coalesce(present.as_at_date, earlier.as_at_date) as as_at_date,
    return_groups.return_group_name,
    fields.field_name,
    earlier.old_value,
    present.new_value
from present
full join earlier
    on
        present.geography_type = earlier.geography_type
        and present.geography_code = earlier.geography_code
        and present.as_at_date = earlier.as_at_date
        and present.return_group = earlier.return_group
        and present.measure = earlier.measure
left join reference.return_groups as return_groups
    on coalesce(present.return_group, earlier.return_group) = return_groups.return_group
left join reference.measure_fields as fields on coalesce(present.measure, earlier.measure) = fields.field
where present.new_value is distinct from earlier.old_value
order by 1, 3, 4 desc, 5, 6
