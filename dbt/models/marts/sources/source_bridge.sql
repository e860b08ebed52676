{# The steps in their order: unit, and how each is worked out from the numbers of a council; a total starts the next part. #}
{% set steps = [
    ('headcount', 'council_return', 'people', true, 'in_return'),
    ('headcount', 'employed_by_the_nhs', 'people', false, '-employed_by_the_nhs'),
    ('headcount', 'managers_and_principals', 'people', false, '-managers_and_principals'),
    ('headcount', 'seniors', 'people', false, '0'),
    ('headcount', 'assessors', 'people', false, 'case when has_titles then -assessors end'),
    ('headcount', 'childrens_services', 'people', false, 'case when has_titles then -childrens_services end'),
    ('headcount', 'agency', 'people', false, 'case when has_titles then -agency end'),
    ('headcount', 'date', 'people', false, 'changed_between_days'),
    ('headcount', 'unexplained', 'people', false, 'unexplained'),
    ('headcount', 'skills_for_care', 'people', true, 'in_social_care'),
    ('headcount', 'other_ahps', 'people', false, '-other_ahps'),
    ('headcount', 'therapy_assistants', 'people', false, '-therapy_assistants'),
    ('headcount', 'skills_for_care_occupational_therapists', 'people', true, 'occupational_therapists'),
    ('headcount', 'employed_by_the_council', 'people', false, '-occupational_therapists'),
    ('headcount', 'employed_by_the_nhs_in_return', 'people', false, 'employed_by_the_nhs'),
    ('headcount', 'overlap_unmatched', 'people', false, 'named_in_extract - employed_by_the_nhs'),
    ('headcount', 'nhs_naming_the_council', 'people', true, 'named_in_extract'),
    ('vacancies', 'council_return', 'FTE', true, 'fte_vacant'),
    ('vacancies', 'vacancies_definition', 'posts less FTE', false, 'posts_vacant - fte_vacant'),
    ('vacancies', 'skills_for_care', 'posts', true, 'posts_vacant'),
] %}

with

policies as (

    select max(case when policy = 'sources_days_apart' then value end) as days_allowed
    from {{ ref('policies') }}

),

-- A council's own return tells its rows by title, a collation by group only.
rows_returned as (

    select
        organisation_code,
        organisation_name,
        as_at_date,
        return_group,
        role_code,
        employer,
        lower(job_title) as title,
        headcount,
        fte,
        fte_agency,
        fte_vacant,
        fte_vacant_status,
        true as has_title
    from {{ ref('fct_workforce_by_title') }}
    union all
    select
        organisation_code,
        organisation_name,
        as_at_date,
        return_group,
        role_code,
        employer,
        cast(null as varchar) as title,
        headcount,
        fte,
        cast(null as decimal(18, 4)) as fte_agency,
        fte_vacant,
        fte_vacant_status,
        false as has_title
    from {{ ref('fct_workforce') }}
    where source = 'council_returns' and figure <> 'Workforce'

),

-- Each row belongs to the first step that takes it out.
rows_by_step as (

    select
        *,
        case
            when employer = 'nhs' then 'employed_by_the_nhs'
            when return_group = 'managers' or role_code in ('manager', 'principal') then 'managers_and_principals'
            when role_code = 'assessor' then 'assessors'
            when regexp_matches(title, '\b(child|children|childrens|paediatric|paediatrics|cyp)\b') then 'childrens_services'
            when fte_agency > 0 and fte_agency >= fte then 'agency'
        end as step
    from rows_returned

),

returned as (

    select
        organisation_code,
        organisation_name,
        as_at_date,
        bool_and(has_title) as has_titles,
        {{ whole_sum('headcount') }} as in_return,
        {% for step in ['employed_by_the_nhs', 'managers_and_principals', 'assessors', 'childrens_services', 'agency'] %}
        coalesce(sum(headcount) filter (where step = '{{ step }}'), 0) as {{ step }},
        {% endfor %}
        {{ whole_sum('fte_vacant') }} as fte_vacant
    from rows_by_step
    group by organisation_code, organisation_name, as_at_date

),

social_care as (

    select
        organisation_code,
        as_at_date,
        count(distinct person_key) filter (where main_job_role = '15') as occupational_therapists,
        count(distinct person_key) filter (where main_job_role = '17') as other_ahps,
        count(distinct person_key) filter (where main_job_role = '36') as therapy_assistants
    from {{ ref('int_asc_wds__workers') }}
    where is_counted and is_ahp and is_known_organisation and employer = 'council' and contract in ('permanent', 'temporary')
    group by organisation_code, as_at_date

),

posts as (

    select
        organisation_code,
        as_at_date,
        case when count(posts_vacant) = count(*) then sum(posts_vacant) end as posts_vacant
    from {{ ref('fct_social_care_posts') }}
    where employer = 'council' and job_role_code is not null
    group by organisation_code, as_at_date

),

-- The records of the day nearest to the return's, the earlier of two.
beside as (

    select
        returned.*,
        social_care.as_at_date as social_care_as_at_date,
        abs(date_diff('day', returned.as_at_date, social_care.as_at_date)) as days_apart,
        social_care.occupational_therapists,
        social_care.other_ahps,
        social_care.therapy_assistants,
        social_care.occupational_therapists + social_care.other_ahps + social_care.therapy_assistants as in_social_care,
        posts.posts_vacant,
        -- Where the day of the return lies between two days of records, how much these changed from the one to the other.
        case
            when days_apart = 0 then 0
            when returned.as_at_date < social_care.as_at_date
                then
                    in_social_care
                    - arg_max(in_social_care, social_care.as_at_date)
                    filter (where social_care.as_at_date < returned.as_at_date) over days_around
            else
                in_social_care
                - arg_min(in_social_care, social_care.as_at_date)
                filter (where social_care.as_at_date > returned.as_at_date) over days_around
        end as changed_between_days
    from returned
    cross join policies
    inner join social_care
        on
            returned.organisation_code = social_care.organisation_code
            and abs(date_diff('day', returned.as_at_date, social_care.as_at_date)) <= policies.days_allowed
    left join posts
        on social_care.organisation_code = posts.organisation_code and social_care.as_at_date = posts.as_at_date
    window days_around as (partition by returned.organisation_code, returned.as_at_date)
    qualify row_number() over (
        partition by returned.organisation_code, returned.as_at_date
        order by days_apart, social_care.as_at_date
    ) = 1

),

named_in_extracts as (

    select
        council_code,
        as_at_date,
        sum(in_extract) as named_in_extract,
        sum(counted_in_extract) as counted_in_extract,
        max(extract_as_at_date) as extract_as_at_date
    from {{ ref('int_overlap__pairs') }}
    group by council_code, as_at_date

),

councils as (

    select
        beside.*,
        named_in_extracts.named_in_extract,
        named_in_extracts.counted_in_extract,
        named_in_extracts.extract_as_at_date,
        beside.in_social_care - (
            beside.in_return - beside.employed_by_the_nhs - beside.managers_and_principals - beside.assessors
            - beside.childrens_services - beside.agency
        ) - coalesce(beside.changed_between_days, 0) as unexplained
    from beside
    left join named_in_extracts
        on beside.organisation_code = named_in_extracts.council_code and beside.as_at_date = named_in_extracts.as_at_date

),

stepped as (

    {% for measure, step, unit, is_total, value in steps %}
    select
        organisation_code,
        as_at_date,
        social_care_as_at_date,
        extract_as_at_date,
        '{{ measure }}' as measure,
        {{ loop.index }} as step_number,
        '{{ step }}' as step,
        '{{ unit }}' as unit,
        {{ 'true' if is_total else 'false' }} as is_total,
        cast({{ value }} as decimal(18, 4)) as value
    from councils
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        areas.geography_type,
        areas.geography_code,
        areas.geography_name,
        stepped.as_at_date,
        min(stepped.social_care_as_at_date) as social_care_from,
        max(stepped.social_care_as_at_date) as social_care_to,
        max(stepped.extract_as_at_date) as extract_as_at_date,
        stepped.measure,
        stepped.step_number,
        stepped.step,
        stepped.is_total,
        count(stepped.value) = count(*) as is_whole,
        coalesce(sum(stepped.value), 0) as known_value,
        stepped.unit,
        count(distinct stepped.organisation_code) as councils_compared
    from stepped
    inner join {{ ref('int_geography__membership') }} as areas
        on
            stepped.organisation_code = areas.organisation_code
            and stepped.as_at_date between areas.valid_from and areas.valid_to
            and areas.is_main
            and areas.geography_type in ('ics', 'council')
    group by
        areas.geography_type, areas.geography_code, areas.geography_name, stepped.as_at_date, stepped.measure,
        stepped.step_number, stepped.step, stepped.is_total, stepped.unit

),

by_area as (

    select
        * exclude (is_whole, known_value),
        -- A sum with a part missing is not known, and the part that is known stands in what is left.
        case
            when is_whole and step = 'unexplained'
                then
                    known_value
                    + coalesce(sum(known_value) filter (where not is_whole and not is_total) over steps_before, 0)
            when is_whole then known_value
        end as value
    from summed
    window steps_before as (
        partition by geography_type, geography_code, as_at_date, measure
        order by step_number
        rows between unbounded preceding and 1 preceding
    )

),

-- What the trusts of a system count, each in its newest extract that is no later than the return.
in_trusts as (

    select
        by_area.geography_code,
        by_area.as_at_date,
        people.organisation_code,
        people.as_at_date as extract_as_at_date,
        people.people
    from by_area
    cross join policies
    inner join {{ ref('bridge_organisation_geography') }} as areas
        on
            by_area.geography_code = areas.geography_code
            and areas.geography_type = 'ics'
            and by_area.as_at_date between areas.valid_from and coalesce(areas.valid_to, date '9999-12-31')
    inner join (
        select
            organisation_code,
            as_at_date,
            count(distinct person_key) as people
        from {{ ref('int_esr__assignments') }}
        where is_ahp and is_counted and is_known_organisation
        group by organisation_code, as_at_date
    ) as people
        on
            areas.organisation_code = people.organisation_code
            and people.as_at_date
            between by_area.as_at_date - cast(policies.days_allowed as integer) and by_area.as_at_date
    where by_area.geography_type = 'ics' and by_area.step_number = 1
    qualify row_number() over (
        partition by by_area.geography_code, by_area.as_at_date, people.organisation_code
        order by people.as_at_date desc
    ) = 1

),

counted_by_council as (

    select
        areas.geography_code,
        councils.as_at_date,
        case when count(councils.counted_in_extract) = count(*) then sum(councils.counted_in_extract) end as counted_in_extract
    from councils
    inner join {{ ref('int_geography__membership') }} as areas
        on
            councils.organisation_code = areas.organisation_code
            and councils.as_at_date between areas.valid_from and areas.valid_to
            and areas.is_main
            and areas.geography_type = 'ics'
    group by areas.geography_code, councils.as_at_date

),

systems as (

    select
        by_area.* exclude (extract_as_at_date, measure, step_number, step, is_total, value, unit),
        in_system.extract_as_at_date,
        in_system.trusts_compared,
        in_system.people,
        by_area.value as named_in_extract,
        counted_by_council.counted_in_extract
    from by_area
    inner join (
        select
            geography_code,
            as_at_date,
            max(extract_as_at_date) as extract_as_at_date,
            count(*) as trusts_compared,
            sum(people) as people
        from in_trusts
        group by geography_code, as_at_date
    ) as in_system
        on by_area.geography_code = in_system.geography_code and by_area.as_at_date = in_system.as_at_date
    inner join counted_by_council
        on
            by_area.geography_code = counted_by_council.geography_code
            and by_area.as_at_date = counted_by_council.as_at_date
    where by_area.geography_type = 'ics' and by_area.step = 'nhs_naming_the_council'

),

bridged as (

    select
        *,
        cast(null as bigint) as trusts_compared
    from by_area
    {% for step, value in {
        'on_external_secondment': 'counted_in_extract - named_in_extract',
        'own_services_of_the_nhs': 'people - counted_in_extract',
        'nhs_extracts': 'people',
    }.items() %}
    union all by name
    select
        * exclude (named_in_extract, counted_in_extract, people),
        'headcount' as measure,
        {{ steps | length + loop.index }} as step_number,
        '{{ step }}' as step,
        {{ 'true' if loop.last else 'false' }} as is_total,
        'people' as unit,
        {{ value }} as value
    from systems
    {% endfor %}

)

select
    geography_type,
    geography_code,
    geography_name,
    as_at_date,
    social_care_from,
    social_care_to,
    extract_as_at_date,
    measure,
    cast(step_number as bigint) as step_number,
    step,
    is_total,
    cast(value as decimal(18, 4)) as value,
    case when value is null then 'not_supplied' else 'derived' end as value_status,
    unit,
    cast(councils_compared as bigint) as councils_compared,
    cast(trusts_compared as bigint) as trusts_compared
from bridged
