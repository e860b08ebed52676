with

periods as (

    select * from {{ ref('int_trend__periods') }}

),

expected as (

    select * from {{ ref('int_geography__expected_returns') }}

),

changes as (

    select * from {{ ref('organisation_changes') }}
    where is_comparable

),

organisations as (

    select * from {{ ref('organisations') }}

),

{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

now as (

    select
        periods.*,
        {% for measure in measures %}
        expected.{{ measure }},
        {% endfor %}
        expected.organisation_code,
        expected.return_group
    from periods
    inner join expected
        on
            periods.source = expected.source
            and periods.geography_type = expected.geography_type
            and periods.geography_code = expected.geography_code
            and periods.as_at_date = expected.as_at_date

),

before as (

    select
        periods.*,
        {% for measure in measures %}
        expected.{{ measure }},
        {% endfor %}
        -- The council in its present form, so that it meets itself where only its code is new.
        coalesce(changes.successor_code, expected.organisation_code) as organisation_code,
        expected.organisation_code as previous_organisation_code,
        expected.return_group
    from periods
    inner join expected
        on
            periods.source = expected.source
            and periods.geography_type = expected.geography_type
            and periods.previous_geography_code = expected.geography_code
            and periods.previous_as_at_date = expected.as_at_date
    left join changes
        on
            expected.organisation_code = changes.predecessor_code
            and changes.changed_on > periods.previous_as_at_date
            and changes.changed_on <= periods.as_at_date

),

-- A council that came into the area or left it stands on one side only.
paired as (

    select
        coalesce(now.source, before.source) as source,
        coalesce(now.geography_type, before.geography_type) as geography_type,
        coalesce(now.geography_code, before.geography_code) as geography_code,
        coalesce(now.geography_name, before.geography_name) as geography_name,
        coalesce(now.as_at_date, before.as_at_date) as as_at_date,
        coalesce(now.previous_as_at_date, before.previous_as_at_date) as previous_as_at_date,
        coalesce(now.return_group, before.return_group) as return_group,
        coalesce(now.organisation_code, before.organisation_code) as organisation_code,
        before.previous_organisation_code,
        {% for measure in measures %}
        now.{{ measure }},
        before.{{ measure }} as previous_{{ measure }},
        {% endfor %}
        now.organisation_code is not null as is_in_area,
        before.organisation_code is not null as was_in_area
    from now
    full join before
        on
            now.source = before.source
            and now.geography_type = before.geography_type
            and now.geography_code = before.geography_code
            and now.as_at_date = before.as_at_date
            and now.return_group = before.return_group
            and now.organisation_code = before.organisation_code

),

numbers as (

    {% for measure in measures %}
    select
        source,
        geography_type,
        geography_code,
        geography_name,
        as_at_date,
        previous_as_at_date,
        return_group,
        '{{ measure }}' as measure,
        organisation_code,
        previous_organisation_code,
        is_in_area,
        was_in_area,
        {{ measure }} as value,
        previous_{{ measure }} as previous_value
    from paired
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    numbers.*,
    organisations.organisation_name
from numbers
inner join organisations on numbers.organisation_code = organisations.organisation_code
