-- What is published comes from the submission in force, and from exactly one for each figure of a document.
-- Rows: the council rows in force and resolved must all be found in a fact, so empty facts fail.
with

published as (

    {% for fact in ['fct_workforce', 'fct_pipeline', 'fct_pay_scale', 'fct_leadership'] %}
    select
        source_document,
        figure,
        organisation_code,
        submission_id
    from {{ ref(fact) }}
    where source = 'council_returns'
    {{ 'union' if not loop.last }}
    {% endfor %}

),

in_force as (

    select distinct
        source_document,
        figure,
        organisation_code,
        submission_id
    from {{ ref('int_organisations__rows') }}
    where
        is_current
        and organisation_code is not null
        -- The cover, the equality counts and the accepted warnings of a return are no facts of their own.
        and figure not in ('Cover', 'Equality', 'Accepted warnings')
    union
    -- A return that says on its cover that it has nobody in a group speaks for the group all the same.
    select distinct
        source_document,
        figure,
        organisation_code,
        submission_id
    from {{ ref('int_returns__workforce') }}
    where is_current
    union
    select distinct
        source_document,
        figure,
        organisation_code,
        submission_id
    from {{ ref('int_returns__learners') }}
    where is_current

)

(select
    'published and not in force' as fault,
    *
from (
    select * from published
    except
    select * from in_force
))
union all
(select
    'in force and not published' as fault,
    *
from (
    select * from in_force
    except
    select * from published
))
