-- Every line of an extract in force is judged once, and the FTE of those that count is the FTE published.
-- Rows: every extract in force is looked at; none at all leaves nothing to publish, and rightly.
with

landed as (

    select
        assignments.organisation_code,
        assignments.as_at_date,
        count(*) as lines
    from {{ ref('stg_esr__assignments') }} as assignments
    inner join {{ ref('int_esr__extracts') }} as extracts
        on
            assignments.submission_id = extracts.submission_id
            and assignments.organisation_code = extracts.organisation_code
    where extracts.is_current
    group by assignments.organisation_code, assignments.as_at_date

),

judged as (

    select
        organisation_code,
        as_at_date,
        count(*) as lines,
        count(*) filter (where is_ahp and is_counted and is_known_organisation) as counted_lines,
        sum(fte) filter (where is_ahp and is_counted and is_known_organisation) as fte
    from {{ ref('int_esr__assignments') }}
    group by organisation_code, as_at_date

),

published as (

    select
        organisation_code,
        as_at_date,
        sum(fte) as fte,
        bool_and(fte is not null) as is_whole
    from {{ ref('fct_workforce') }}
    where source = 'esr'
    group by organisation_code, as_at_date

)

select
    landed.organisation_code,
    landed.as_at_date,
    landed.lines,
    judged.lines as lines_judged,
    judged.fte,
    published.fte as fte_published
from landed
full join judged on landed.organisation_code = judged.organisation_code and landed.as_at_date = judged.as_at_date
full join published on landed.organisation_code = published.organisation_code and landed.as_at_date = published.as_at_date
where
    landed.lines is distinct from judged.lines
    or (coalesce(judged.counted_lines, 0) > 0) is distinct from (published.organisation_code is not null)
    or (published.is_whole and abs(judged.fte - published.fte) > 0.00005 * judged.counted_lines)
