{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

expected as (

    select * from {{ ref('int_geography__expected_returns') }}

),

-- What one council has in one combination of role and profession.
council_combinations as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        role_group,
        role_code,
        profession,
        {% for measure in measures %}
        {{ whole_sum(measure) }} as {{ measure }},
        {% endfor %}
        -- A group of which a council has nobody has nobody in any of its combinations either.
        bool_and(coalesce(headcount = 0 and fte = 0 and fte_vacant = 0, false)) as is_nobody,
        bool_or(
            'contradictory' in (headcount_status, fte_status, fte_permanent_status, fte_temporary_status, fte_vacant_status)
        ) as is_contradictory
    from {{ ref('int_workforce__returns') }}
    group by source, as_at_date, organisation_code, return_group, role_group, role_code, profession

),

-- Staff whose level or profession a council does not tell, or tells in two ways, may be in any combination of their group.
council_vagueness as (

    select
        source,
        as_at_date,
        organisation_code,
        return_group,
        bool_or(is_contradictory or (role_code is null and not is_nobody)) as has_unknown_role,
        bool_or(is_contradictory or (profession = 'generic_therapy' and not is_nobody)) as has_unknown_profession
    from council_combinations
    group by source, as_at_date, organisation_code, return_group

),

combinations_met as (

    select distinct
        expected.geography_type,
        expected.geography_code,
        expected.source,
        expected.as_at_date,
        expected.return_group,
        council_combinations.role_group,
        council_combinations.role_code,
        council_combinations.profession
    from expected
    inner join council_combinations
        on
            expected.source = council_combinations.source
            and expected.as_at_date = council_combinations.as_at_date
            and expected.organisation_code = council_combinations.organisation_code
            and expected.return_group = council_combinations.return_group

),

-- A group that nobody of a geography returned stands once, as its definition has it, and as not supplied.
combinations as (

    select * from combinations_met
    union all
    select distinct
        expected.geography_type,
        expected.geography_code,
        expected.source,
        expected.as_at_date,
        expected.return_group,
        expected.role_group,
        expected.role_code,
        expected.profession
    from expected
    anti join combinations_met
        on
            expected.geography_type = combinations_met.geography_type
            and expected.geography_code = combinations_met.geography_code
            and expected.source = combinations_met.source
            and expected.as_at_date = combinations_met.as_at_date
            and expected.return_group = combinations_met.return_group

),

contributions as (

    select
        expected.geography_type,
        expected.geography_code,
        expected.geography_name,
        expected.as_at_date,
        expected.source,
        expected.source_document,
        expected.return_group,
        {% for measure in measures %}
        case
            when council_combinations.organisation_code is not null then council_combinations.{{ measure }}
            when expected.submission_id is null then null
            when council_vagueness.has_unknown_role and combinations.role_code is not null then null
            when council_vagueness.has_unknown_profession and combinations.profession <> 'generic_therapy' then null
            -- The council told its whole group apart and has nobody here.
            else 0
        end as {{ measure }},
        {% endfor %}
        combinations.role_group,
        combinations.role_code,
        combinations.profession
    from expected
    inner join combinations
        on
            expected.geography_type = combinations.geography_type
            and expected.geography_code = combinations.geography_code
            and expected.source = combinations.source
            and expected.as_at_date = combinations.as_at_date
            and expected.return_group = combinations.return_group
    left join council_combinations
        on
            expected.source = council_combinations.source
            and expected.as_at_date = council_combinations.as_at_date
            and expected.organisation_code = council_combinations.organisation_code
            and expected.return_group = council_combinations.return_group
            and combinations.role_group is not distinct from council_combinations.role_group
            and combinations.role_code is not distinct from council_combinations.role_code
            and combinations.profession is not distinct from council_combinations.profession
    left join council_vagueness
        on
            expected.source = council_vagueness.source
            and expected.as_at_date = council_vagueness.as_at_date
            and expected.organisation_code = council_vagueness.organisation_code
            and expected.return_group = council_vagueness.return_group

),

by_combination as (

    select
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        source,
        source_document,
        return_group,
        role_group,
        role_code,
        profession,
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        count({{ measure }}) as {{ measure }}_councils_returned,
        {% endfor %}
        count(*) as councils_expected
    from contributions
    group by all

)

select
    geography_type,
    geography_code,
    geography_name,
    as_at_date,
    source,
    source_document,
    return_group,
    role_group,
    role_code,
    profession,
    cast(headcount as bigint) as headcount,
    cast(fte as decimal(18, 4)) as fte,
    cast(fte_permanent as decimal(18, 4)) as fte_permanent,
    cast(fte_temporary as decimal(18, 4)) as fte_temporary,
    cast(fte_vacant as decimal(18, 4)) as fte_vacant,
    councils_expected,
    headcount_councils_returned as councils_returned,
    fte_councils_returned,
    fte_permanent_councils_returned,
    fte_temporary_councils_returned,
    fte_vacant_councils_returned,
    case
        when least(
            headcount_councils_returned, fte_councils_returned, fte_permanent_councils_returned,
            fte_temporary_councils_returned, fte_vacant_councils_returned
        ) = councils_expected then 'complete'
        when coalesce(headcount, fte, fte_permanent, fte_temporary, fte_vacant) is null then 'not_supplied'
        else 'partial'
    end as value_status
from by_combination
