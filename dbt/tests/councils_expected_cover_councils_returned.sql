-- No region counts more councils as returned than it expects, and coverage of 'complete' means every one of them.
-- Rows: regional_workforce holds rows whenever fct_workforce does (council_rows_equal_the_returns).
{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

counted as (

    select
        *,
        least(
            councils_returned, fte_councils_returned, fte_permanent_councils_returned, fte_temporary_councils_returned,
            fte_vacant_councils_returned
        ) as fewest,
        greatest(
            councils_returned, fte_councils_returned, fte_permanent_councils_returned, fte_temporary_councils_returned,
            fte_vacant_councils_returned
        ) as most
    from {{ ref('regional_workforce') }}

)

select *
from counted
where
    most > councils_expected
    or councils_expected < 1
    or (value_status = 'complete') <> (fewest = councils_expected)
