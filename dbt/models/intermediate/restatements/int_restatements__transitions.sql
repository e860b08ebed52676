with

reigns as (

    select * from {{ ref('int_submissions__reigns') }}

),

arrivals as (

    select * from {{ ref('int_submissions__arrivals') }}

),

ended as (

    select distinct
        submission_id,
        stands_until
    from arrivals
    where stands_until is not null

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
    case when ended.submission_id is not null then 'withdrawal' else 'resubmission' end as cause,
    coalesce(old_kinds.is_own_return, false) as was_own_return,
    coalesce(new_kinds.is_own_return, false) as is_own_return
from followed
left join ended on followed.submission_id = ended.submission_id and followed.in_force_until = ended.stands_until
left join kinds as old_kinds on followed.submission_id = old_kinds.submission_id
left join kinds as new_kinds
    on followed.next_submission_id = new_kinds.submission_id and followed.next_in_force_from = followed.in_force_until
where followed.in_force_until is not null
