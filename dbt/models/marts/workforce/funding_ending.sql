with

expected as (

    select * from {{ ref('int_geography__expected_returns') }}

),

-- What councils say of their temporary funding, row by row; a collation says nothing but its amount.
told as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        nullif(funding_stream, 'not_known') as funding_stream,
        funding_end_date as ends_on,
        sum(fte_temporary) as fte_temporary
    from {{ ref('int_returns__coded_rows') }}
    where is_current and fte_temporary > 0 and (nullif(funding_stream, 'not_known') is not null or funding_end_date is not null)
    group by all

),

told_of_group as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        sum(fte_temporary) as fte_told
    from told
    group by source, as_at_date, organisation_code, return_group

),

-- A council counts where both its temporary FTE and its FTE in post are known.
councils as (

    select
        expected.*,
        expected.fte is not null and expected.fte_temporary is not null as is_known,
        expected.fte_temporary - coalesce(told_of_group.fte_told, 0) as fte_not_told
    from expected
    left join told_of_group
        on
            expected.source = told_of_group.source
            and expected.as_at_date = told_of_group.as_at_date
            and expected.organisation_code = told_of_group.organisation_code
            and expected.return_group = told_of_group.return_group

),

areas as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        return_group,
        sum(fte) filter (where is_known) as fte_in_post,
        sum(fte_not_told) filter (where is_known) as fte_not_told,
        count(*) as councils_expected,
        count(*) filter (where is_known) as councils_returned
    from councils
    group by geography_type, geography_code, geography_name, as_at_date, source, source_document, return_group

),

ending as (

    select
        geography_type,
        geography_code,
        as_at_date,
        source,
        return_group,
        cast(null as varchar) as funding_stream,
        cast(null as date) as ends_on,
        fte_not_told as fte_ending
    from areas
    union all
    select
        councils.geography_type,
        councils.geography_code,
        councils.as_at_date,
        councils.source,
        councils.return_group,
        told.funding_stream,
        told.ends_on,
        sum(told.fte_temporary) as fte_ending
    from councils
    inner join told
        on
            councils.source = told.source
            and councils.as_at_date = told.as_at_date
            and councils.organisation_code = told.organisation_code
            and councils.return_group = told.return_group
    where councils.is_known
    group by
        councils.geography_type, councils.geography_code, councils.as_at_date, councils.source, councils.return_group,
        told.funding_stream, told.ends_on

),

-- What is told without a stream or a day joins what is not told at all.
together as (

    select
        geography_type,
        geography_code,
        as_at_date,
        source,
        return_group,
        funding_stream,
        ends_on,
        sum(fte_ending) as fte_ending
    from ending
    group by geography_type, geography_code, as_at_date, source, return_group, funding_stream, ends_on

),

so_far as (

    select
        *,
        sum(fte_ending) over (
            partition by geography_type, geography_code, as_at_date, source, return_group
            order by ends_on nulls last
            range between unbounded preceding and current row
        ) as fte_ended
    from together

)

select
    areas.geography_type,
    areas.geography_code,
    areas.geography_name,
    areas.as_at_date,
    areas.source,
    areas.source_document,
    areas.return_group,
    so_far.funding_stream,
    so_far.ends_on,
    cast(so_far.fte_ending as decimal(18, 4)) as fte_ending,
    cast(so_far.fte_ended as decimal(18, 4)) as fte_ended,
    cast(areas.fte_in_post as decimal(18, 4)) as fte_in_post,
    cast(areas.fte_in_post - so_far.fte_ended as decimal(18, 4)) as fte_left,
    case
        when areas.fte_in_post > 0 then 100.0 * cast(so_far.fte_ended as double) / cast(areas.fte_in_post as double)
    end as ended_pct,
    areas.councils_expected,
    areas.councils_returned,
    case
        when areas.councils_returned = 0 then 'not_supplied'
        when areas.councils_returned < areas.councils_expected then 'partial'
        else 'complete'
    end as value_status
from so_far
inner join areas
    on
        so_far.geography_type = areas.geography_type
        and so_far.geography_code = areas.geography_code
        and so_far.as_at_date = areas.as_at_date
        and so_far.source = areas.source
        and so_far.return_group = areas.return_group
