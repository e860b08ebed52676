-- Rates and ratios, each with its numerator, denominator, definition and coverage
select
    named.measure_name,
    return_groups.return_group_name,
    case
        when measures.measure = 'entry_pay_spread' then 'pay year ' || measures.field
        when measures.measure = 'fte_per_100000_aged_65_and_over'
            then strftime(measures.field::date, 'population as at %-d %B %Y')
        when measures.measure = 'role_basis_share' then 'evidence: ' || replace(measures.field, '_', ' ')
        else coalesce(job_families.job_family_name, measures.field)
    end as field,
    areas.area_kind,
    measures.geography_name,
    measures.geography_code,
    measures.as_at_date,
    measures.source,
    measures.value,
    measures.unit,
    measures.numerator,
    measures.denominator,
    measures.councils_returned,
    measures.councils_expected,
    replace(measures.status, '_', ' ') as value_status,
    measures.definition,
    case when measures.caveat is null then [] else [measures.caveat] end as notes
from marts.regional_measures as measures
inner join chosen_areas as areas
    on measures.geography_type = areas.geography_type and measures.geography_code = areas.geography_code
left join reference.measures as named on measures.measure = named.measure
left join reference.job_families as job_families on measures.field = job_families.job_family
left join reference.return_groups as return_groups on measures.return_group = return_groups.return_group
where
    -- How many councils stand behind a total has a sheet of its own.
    measures.measure <> 'coverage'
    and measures.source = 'council_returns'
    and getvariable('about') = case
        when measures.measure like 'role\_%' escape '\' then 'roles'
        when measures.measure like 'councils\_paying\_%' escape '\' or measures.measure = 'entry_pay_spread' then 'pay'
        else 'staff'
    end
order by
    named.measure_name,
    return_groups.figure,
    measures.field,
    areas.kind_order,
    measures.geography_name,
    measures.geography_code,
    measures.as_at_date desc
