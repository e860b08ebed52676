-- From one total to the next the steps between them add up, in each area; what is not known counts as nothing.
with

parts as (

    select
        *,
        count(*) filter (where is_total) over (
            partition by geography_type, geography_code, as_at_date, measure
            order by step_number
        ) as part
    from {{ ref('source_bridge') }}

),

summed as (

    select
        geography_type,
        geography_code,
        as_at_date,
        measure,
        part,
        sum(value) as reached,
        bool_or(is_total and value is null) as is_total_unknown
    from parts
    group by geography_type, geography_code, as_at_date, measure, part

)

select parts.*
from parts
inner join summed
    on
        parts.geography_type = summed.geography_type
        and parts.geography_code = summed.geography_code
        and parts.as_at_date = summed.as_at_date
        and parts.measure = summed.measure
        and parts.part = summed.part + 1
where parts.is_total and not summed.is_total_unknown and parts.value <> summed.reached
