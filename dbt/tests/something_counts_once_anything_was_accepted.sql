-- As soon as a submission has been accepted and not taken back, something is in force and published.
-- Rows: one is returned where nothing counts although something should; an empty store returns none, and rightly.
with

standing as (

    select count(*) as submissions
    from {{ ref('int_submissions__latest') }}
    where outcome = 'accepted'

),

counted as (

    select (
        select count(*) from {{ ref('int_organisations__rows') }}
        where is_current
    ) + (
        select count(*) from {{ ref('int_esr__extracts') }}
        where is_current
    ) + (
        select count(*) from {{ ref('int_asc_wds__extracts') }}
        where is_current
    ) as rows_in_force

),

published as (

    {% for fact in ['fct_workforce', 'fct_pipeline', 'fct_pay_scale', 'fct_leadership'] %}
    select count(*) as facts from {{ ref(fact) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    standing.submissions,
    counted.rows_in_force
from standing
cross join counted
where
    standing.submissions > 0
    -- A submission may hold nothing but names that nobody bears; those are rows in force that are held back.
    and (
        counted.rows_in_force = 0
        or (
            (select sum(facts) from published) = 0
            and exists (
                select 1 from {{ ref('int_organisations__rows') }}
                where is_current and organisation_code is not null
            )
        )
    )
