with

arrivals as (

    select * from {{ ref('int_submissions__arrivals') }}

),

reigns as (

    select * from {{ ref('int_submissions__reigns') }}

),

spoken_for as (

    select distinct
        submission_id,
        as_at_date,
        organisation_code,
        figure
    from {{ ref('int_organisations__resolved') }}
    where organisation_code is not null
    union
    select distinct
        submission_id,
        as_at_date,
        organisation_code,
        counts_as_figure as figure
    from {{ ref('int_returns__rows') }}
    union
    select
        submission_id,
        as_at_date,
        organisation_code,
        figure
    from reigns

),

arrived as (

    select
        submission_id,
        min(arrived_at) as first_arrived_at,
        max(arrived_at) as last_arrived_at,
        arg_max(last_event_id, arrived_at) as last_event_id,
        bool_or(stands_until is null) as is_standing
    from arrivals
    group by submission_id

),

reigned as (

    select
        submission_id,
        as_at_date,
        organisation_code,
        figure,
        bool_or(in_force_until is null) as is_current,
        max(in_force_until) as last_in_force_until
    from reigns
    group by submission_id, as_at_date, organisation_code, figure

)

select
    spoken_for.submission_id,
    spoken_for.as_at_date,
    spoken_for.organisation_code,
    spoken_for.figure,
    coalesce(reigned.is_current, false) as is_current,
    dense_rank() over (
        partition by spoken_for.as_at_date, spoken_for.organisation_code, spoken_for.figure
        order by arrived.is_standing desc, arrived.last_arrived_at desc, arrived.last_event_id desc
    ) as recency,
    arrived.first_arrived_at as received_at,
    -- What arrived together with its successor was never in force.
    case
        when not coalesce(reigned.is_current, false)
            then coalesce(reigned.last_in_force_until, arrived.last_arrived_at)
    end as superseded_at
from spoken_for
inner join arrived on spoken_for.submission_id = arrived.submission_id
left join reigned
    on
        spoken_for.submission_id = reigned.submission_id
        and spoken_for.as_at_date = reigned.as_at_date
        and spoken_for.organisation_code = reigned.organisation_code
        and spoken_for.figure = reigned.figure
