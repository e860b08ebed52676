-- Every landed row is published, superseded, held back or out of scope; a row that is none of these was lost on the way.
-- Of extracts of people, as many rows are landed, and as many out of scope, as were counted while the file was read.
-- Rows: every accepted submission that landed cells of a council must stand in the account, so an empty account fails.
with

accounted as (

    select * from {{ ref('int_submissions__rows_accounted') }}

)

select
    submission_id,
    landed_table,
    rows_landed - rows_published - rows_superseded - rows_held_back - rows_out_of_scope as rows_lost
from accounted
where rows_landed <> rows_published + rows_superseded + rows_held_back + rows_out_of_scope
union all
select distinct
    figures.submission_id,
    cast(null as varchar) as landed_table,
    cast(null as bigint) as rows_lost
from {{ ref('int_submissions__figures') }} as figures
left join accounted on figures.submission_id = accounted.submission_id
where accounted.submission_id is null
union all
select
    submissions.submission_id,
    submissions.source as landed_table,
    submissions.cells_landed + submissions.rows_out_of_scope - coalesce(sum(accounted.rows_landed), 0) as rows_lost
from {{ ref('int_submissions__latest') }} as submissions
left join accounted on submissions.submission_id = accounted.submission_id
where submissions.source in ('esr', 'skills_for_care') and submissions.outcome = 'accepted'
group by submissions.submission_id, submissions.source, submissions.cells_landed, submissions.rows_out_of_scope
having submissions.cells_landed + submissions.rows_out_of_scope is distinct from coalesce(sum(accounted.rows_landed), 0)
