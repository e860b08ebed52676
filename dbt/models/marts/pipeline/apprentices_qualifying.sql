with

expected as (

    select * from {{ ref('int_geography__expected_returns') }}
    where return_group = 'occupational_therapists'

),

learners as (

    select * from {{ ref('int_pipeline__learners') }}
    where learner_type = 'degree_apprentice'

),

apprentices as (

    select * from {{ ref('fct_pipeline') }}
    where learner_type = 'degree_apprentice'

),

-- A council counts where the number of all its apprentices is known; the parts of one that is not known say too little.
councils as (

    select
        expected.*,
        learners.learners
    from expected
    left join learners
        on
            expected.source = learners.source
            and expected.as_at_date = learners.as_at_date
            and expected.organisation_code = learners.organisation_code

),

areas as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        sum(fte_vacant) as ot_fte_vacant,
        count(*) as councils_expected,
        count(learners) as councils_returned
    from councils
    group by geography_type, geography_code, geography_name, as_at_date, source, source_document

),

qualifying as (

    select
        councils.geography_type,
        councils.geography_code,
        councils.as_at_date,
        councils.source,
        apprentices.qualifying_year,
        apprentices.funding_route,
        sum(apprentices.pipeline_count) as apprentices
    from councils
    inner join apprentices
        on
            councils.source = apprentices.source
            and councils.as_at_date = apprentices.as_at_date
            and councils.organisation_code = apprentices.organisation_code
    where councils.learners is not null and apprentices.pipeline_count > 0
    group by all

),

so_far as (

    select
        *,
        sum(apprentices) over (
            partition by geography_type, geography_code, as_at_date, source
            order by qualifying_year nulls last
            range between unbounded preceding and current row
        ) as apprentices_qualified
    from qualifying

)

select
    areas.geography_type,
    areas.geography_code,
    areas.geography_name,
    areas.as_at_date,
    areas.source,
    areas.source_document,
    so_far.qualifying_year,
    so_far.funding_route,
    cast(case when areas.councils_returned > 0 then coalesce(so_far.apprentices, 0) end as bigint) as apprentices,
    cast(case when areas.councils_returned > 0 then coalesce(so_far.apprentices_qualified, 0) end as bigint)
        as apprentices_qualified,
    cast(areas.ot_fte_vacant as decimal(18, 4)) as ot_fte_vacant,
    areas.councils_expected,
    areas.councils_returned,
    case
        when areas.councils_returned = 0 then 'not_supplied'
        when areas.councils_returned < areas.councils_expected then 'partial'
        else 'complete'
    end as value_status
from areas
left join so_far
    on
        areas.geography_type = so_far.geography_type
        and areas.geography_code = so_far.geography_code
        and areas.as_at_date = so_far.as_at_date
        and areas.source = so_far.source
