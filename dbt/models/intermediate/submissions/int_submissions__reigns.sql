with

arrivals as (

    select * from {{ ref('int_submissions__arrivals') }}

),

submissions as (

    select * from {{ ref('int_submissions__latest') }}

),

figures as (

    select figure from {{ ref('return_groups') }}
    union all
    select unnest(['Figure 23', 'Figure 25', 'Principal OT list', 'Return'])

),

-- Whatever the order of arrival, a council's own upload gives way to the extract of its day.
care_extracts as (

    select
        submission_id,
        as_at_date,
        organisation_code,
        code_system,
        max(code_system) filter (where is_current) over (partition by as_at_date, organisation_code) as code_system_in_force
    from {{ ref('int_asc_wds__extracts') }}
    where is_known_organisation and landed_table = 'asc_wds_workers'

),

-- A collation speaks for the councils it names in the figures it holds; a council's own return speaks for all of them, and
-- an extract for the people of the organisations it names.
claims as (

    select distinct
        submission_id,
        as_at_date,
        organisation_code,
        figure
    from {{ ref('int_organisations__resolved') }}
    where organisation_code is not null
    union all
    select
        submissions.submission_id,
        submissions.as_at_date,
        submissions.organisation_code,
        figures.figure
    from submissions
    cross join figures
    where submissions.organisation_code is not null and submissions.as_at_date is not null
    union all
    select
        submission_id,
        as_at_date,
        organisation_code,
        'Staff in post' as figure
    from {{ ref('int_esr__extracts') }}
    where is_known_organisation
    union all
    select
        submission_id,
        as_at_date,
        organisation_code,
        'Worker records' as figure
    from care_extracts
    where code_system = coalesce(code_system_in_force, code_system)

),

claims_that_arrived as (

    select
        claims.*,
        arrivals.arrived_at,
        arrivals.last_event_id,
        arrivals.stands_until
    from claims
    inner join arrivals on claims.submission_id = arrivals.submission_id

),

moments as (

    select
        as_at_date,
        organisation_code,
        figure,
        arrived_at as moment
    from claims_that_arrived
    union
    select
        as_at_date,
        organisation_code,
        figure,
        stands_until
    from claims_that_arrived
    where stands_until is not null

),

standing as (

    select
        moments.as_at_date,
        moments.organisation_code,
        moments.figure,
        moments.moment,
        claims_that_arrived.submission_id,
        row_number() over (
            partition by moments.as_at_date, moments.organisation_code, moments.figure, moments.moment
            order by claims_that_arrived.arrived_at desc nulls last, claims_that_arrived.last_event_id desc
        ) as place
    from moments
    left join claims_that_arrived
        on
            moments.as_at_date = claims_that_arrived.as_at_date
            and moments.organisation_code = claims_that_arrived.organisation_code
            and moments.figure = claims_that_arrived.figure
            and claims_that_arrived.arrived_at <= moments.moment
            and (claims_that_arrived.stands_until is null or claims_that_arrived.stands_until > moments.moment)

),

changes as (

    select
        *,
        lag(submission_id) over (partition by as_at_date, organisation_code, figure order by moment) as submission_before,
        row_number() over (partition by as_at_date, organisation_code, figure order by moment) as position
    from standing
    where place = 1

),

reigns as (

    select
        as_at_date,
        organisation_code,
        figure,
        submission_id,
        moment as in_force_from,
        lead(moment) over (partition by as_at_date, organisation_code, figure order by moment) as in_force_until
    from changes
    where position = 1 or submission_id is distinct from submission_before

)

select
    as_at_date,
    organisation_code,
    figure,
    submission_id,
    in_force_from,
    in_force_until,
    row_number() over (partition by as_at_date, organisation_code, figure order by in_force_from) as reign_number
from reigns
-- Between a withdrawal and the next return nothing may be in force.
where submission_id is not null
