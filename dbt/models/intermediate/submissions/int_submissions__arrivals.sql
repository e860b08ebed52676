with

events as (

    select * from {{ ref('stg_store__submissions') }}

),

own_files as (

    select
        min(received_at) as first_received_at,
        min(received_at) filter (where not coalesce(is_invented, false)) as first_real_received_at
    from events
    where outcome = 'accepted' and not coalesce(is_bundled, false)

),

-- Bytes read anew keep the moment they arrived at, so they are one arrival however often they were read.
arrivals as (

    select
        submission_id,
        received_at as arrived_at,
        max(event_id) as last_event_id,
        bool_or(coalesce(is_bundled, false)) as is_bundled,
        bool_or(coalesce(is_invented, false)) as is_invented
    from events
    where outcome = 'accepted'
    group by submission_id, received_at

),

ended as (

    select
        arrivals.submission_id,
        arrivals.arrived_at,
        min(events.read_at) as ended_at
    from arrivals
    inner join events
        on
            arrivals.submission_id = events.submission_id
            and events.outcome <> 'accepted'
            and events.event_id > arrivals.last_event_id
    group by arrivals.submission_id, arrivals.arrived_at

)

select
    arrivals.submission_id,
    arrivals.arrived_at,
    arrivals.last_event_id,
    arrivals.is_bundled,
    arrivals.is_invented,
    -- The bundled inputs stand in for a region's own, and must never be mixed with them.
    case
        when arrivals.is_bundled and own_files.first_received_at is not null
            then least(ended.ended_at, greatest(own_files.first_received_at, arrivals.arrived_at))
        -- Nor may what is invented be added to what somebody landed in earnest, of whatever source.
        when arrivals.is_invented and own_files.first_real_received_at is not null
            then least(ended.ended_at, greatest(own_files.first_real_received_at, arrivals.arrived_at))
        else ended.ended_at
    end as stands_until
from arrivals
left join ended on arrivals.submission_id = ended.submission_id and arrivals.arrived_at = ended.arrived_at
cross join own_files
