with

spans as (

    select * from {{ ref('int_movement__spans') }}

),

years as (

    select * from spans
    where span = 'year' and staff_at_start > 0

),

-- No month between may be missing or doubted, nor be one from which nobody can be followed to the next.
whole_years as (

    select
        at_end.source,
        at_end.organisation_code,
        at_end.employer,
        at_end.as_at_date as to_date
    from {{ ref('int_movement__days') }} as at_end
    inner join {{ ref('int_movement__days') }} as within
        on
            at_end.source = within.source
            and at_end.organisation_code = within.organisation_code
            and at_end.employer = within.employer
            and at_end.year_before < within.as_at_date
            and at_end.as_at_date >= within.as_at_date
    group by at_end.source, at_end.organisation_code, at_end.employer, at_end.as_at_date
    having bool_and(coalesce(not within.is_gap and not within.is_doubted, false))

),

left_since as (

    select
        years.source,
        years.organisation_code,
        years.employer,
        years.to_date,
        years.profession,
        sum(spans.leavers_to_other_organisations + spans.leavers_from_the_system) as leavers
    from years
    inner join whole_years
        on
            years.source = whole_years.source
            and years.organisation_code = whole_years.organisation_code
            and years.employer = whole_years.employer
            and years.to_date = whole_years.to_date
    inner join spans
        on
            spans.span = 'next_extract'
            and years.source = spans.source
            and years.organisation_code = spans.organisation_code
            and years.employer = spans.employer
            and years.profession = spans.profession
            and years.from_date < spans.to_date
            and years.to_date >= spans.to_date
    group by years.source, years.organisation_code, years.employer, years.to_date, years.profession

)

select
    years.source,
    years.organisation_code,
    years.organisation_name,
    years.employer,
    years.from_date,
    years.to_date,
    years.profession,
    years.staff_at_start,
    years.staff_at_end,
    years.stayers,
    cast(left_since.leavers as bigint) as leavers,
    100.0 * cast(years.stayers as double) / cast(years.staff_at_start as double) as stability_pct,
    100.0 * cast(left_since.leavers as double) / nullif(cast(years.staff_at_end as double), 0) as turnover_pct,
    case
        when left_since.leavers is null then 'not_supplied'
        when years.staff_at_end = 0 then 'not_applicable'
        else 'derived'
    end as turnover_status
from years
left join left_since
    on
        years.source = left_since.source
        and years.organisation_code = left_since.organisation_code
        and years.employer = left_since.employer
        and years.to_date = left_since.to_date
        and years.profession = left_since.profession
