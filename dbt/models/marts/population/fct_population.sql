with

population as (

    select * from {{ ref('population') }}

),

memberships as (

    select * from {{ ref('int_geography__membership') }}
    where geography_type in ('adass_region', 'ons_region', 'ics', 'council')

),

reference_dates as (

    select distinct reference_date from population

),

age_groups as (

    {% for age_group, column in {
        'all_ages': 'people', '0_to_17': 'people_0_to_17', '18_to_64': 'people_18_to_64', '65_and_over': 'people_65_and_over',
        '75_and_over': 'people_75_and_over', '85_and_over': 'people_85_and_over'
    }.items() %}
    select
        organisation_code,
        reference_date,
        source,
        '{{ age_group }}' as age_group,
        {{ column }} as people
    from population
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

-- Every council of an area on the day is expected, whether or not there is an estimate for it.
expected as (

    select
        memberships.geography_type,
        memberships.geography_code,
        memberships.geography_name,
        reference_dates.reference_date,
        age_group_names.age_group,
        memberships.organisation_code,
        memberships.share
    from memberships
    inner join reference_dates
        on reference_dates.reference_date between memberships.valid_from and memberships.valid_to
    cross join (select distinct age_group from age_groups) as age_group_names

)

select
    'population_estimates' as source,
    min(age_groups.source) as source_document,
    expected.geography_type,
    expected.geography_code,
    expected.geography_name,
    expected.reference_date,
    expected.age_group,
    cast(round(sum(expected.share * age_groups.people)) as bigint) as people,
    count(*) as councils_expected,
    count(age_groups.people) as councils_returned,
    case
        when count(age_groups.people) = 0 then 'not_supplied'
        when count(age_groups.people) < count(*) then 'partial'
        when min(expected.share) < 1 then 'derived'
        else 'complete'
    end as value_status
from expected
left join age_groups
    on
        expected.organisation_code = age_groups.organisation_code
        and expected.reference_date = age_groups.reference_date
        and expected.age_group = age_groups.age_group
group by
    expected.geography_type, expected.geography_code, expected.geography_name, expected.reference_date, expected.age_group
