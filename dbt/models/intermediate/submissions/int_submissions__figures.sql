with

submissions as (

    select * from {{ ref('int_submissions__latest') }}

),

own_files as (

    -- Once a region has sent something of its own, the bundled inputs never count again, even if that is withdrawn.
    select
        count(*) > 0 as are_any,
        count(*) filter (where not coalesce(is_invented, false)) > 0 as are_any_real
    from {{ ref('stg_store__submissions') }}
    where outcome = 'accepted' and not coalesce(is_bundled, false)

),

figures_met as (

    {% for table in ['workforce', 'pipeline', 'pay', 'leadership'] %}
    select
        submission_id,
        source_document,
        figure,
        count(*) as cells
    from {{ ref('stg_council_returns__' ~ table ~ '_cells') }}
    group by submission_id, source_document, figure
    union all
    {% endfor %}
    {% for table in ['employer_standards', 'maturity'] %}
    select
        submission_id,
        source_document,
        figure,
        count(*) as cells
    from {{ ref('stg_' ~ table ~ '__cells') }}
    group by submission_id, source_document, figure
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

accepted as (

    select
        figures_met.submission_id,
        figures_met.source_document,
        figures_met.figure,
        figures_met.cells,
        submissions.source,
        submissions.first_received_at,
        submissions.last_received_at,
        submissions.latest_event_id,
        submissions.outcome = 'withdrawn' as is_withdrawn,
        submissions.read_at,
        -- The bundled inputs stand in for a region's own, and what is invented for what is not; neither is ever mixed in.
        (coalesce(submissions.is_bundled, false) and own_files.are_any)
        or (coalesce(submissions.is_invented, false) and own_files.are_any_real) as is_set_aside
    from figures_met
    inner join submissions on figures_met.submission_id = submissions.submission_id
    cross join own_files
    where submissions.outcome in ('accepted', 'withdrawn')

),

ranked as (

    select
        *,
        row_number() over (
            partition by source_document, figure
            order by is_set_aside, is_withdrawn, last_received_at desc, latest_event_id desc
        ) as recency,
        lag(last_received_at) over (
            partition by source_document, figure
            order by is_set_aside, is_withdrawn, last_received_at desc, latest_event_id desc
        ) as superseded_at
    from accepted

)

select
    submission_id,
    source,
    source_document,
    figure,
    cells,
    first_received_at as received_at,
    last_received_at,
    case when is_withdrawn then read_at else superseded_at end as superseded_at,
    recency,
    is_set_aside,
    recency = 1 and not is_set_aside and not is_withdrawn as is_current
from ranked
