with

reigns as (

    select * from {{ ref('int_submissions__reigns') }}

),

-- What ended a submission's standing, where something other than its successor did.
ended as (

    select distinct
        submission_id,
        read_at as ended_at,
        case when outcome = 'withdrawn' then 'withdrawal' else 'refusal' end as cause
    from {{ ref('stg_store__submissions') }}
    where outcome <> 'accepted'

),

kinds as (

    select distinct
        submission_id,
        true as is_own_return
    from {{ ref('int_returns__rows') }}

),

followed as (

    select
        *,
        lead(submission_id) over (partition by as_at_date, organisation_code, figure order by in_force_from) as next_submission_id,
        lead(in_force_from) over (partition by as_at_date, organisation_code, figure order by in_force_from) as next_in_force_from
    from reigns

)

select
    followed.as_at_date,
    followed.organisation_code,
    followed.figure as counts_as_figure,
    followed.submission_id as old_submission_id,
    -- After a withdrawal nothing may be in force for a while.
    case when followed.next_in_force_from = followed.in_force_until then followed.next_submission_id end as new_submission_id,
    followed.in_force_until as restated_at,
    coalesce(ended.cause, 'resubmission') as cause,
    coalesce(old_kinds.is_own_return, false) as was_own_return,
    coalesce(new_kinds.is_own_return, false) as is_own_return
from followed
left join ended on followed.submission_id = ended.submission_id and followed.in_force_until = ended.ended_at
left join kinds as old_kinds on followed.submission_id = old_kinds.submission_id
left join kinds as new_kinds
    on followed.next_submission_id = new_kinds.submission_id and followed.next_in_force_from = followed.in_force_until
-- What only stood in until a region sent something of its own was never that region's to restate.
anti join (
    select * from {{ ref('int_submissions__arrivals') }}
    where is_bundled
) as bundled
    on followed.submission_id = bundled.submission_id and followed.in_force_from = bundled.arrived_at
where followed.in_force_until is not null
