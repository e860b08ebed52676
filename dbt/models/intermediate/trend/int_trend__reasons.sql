with

pairs as (

    select
        *,
        -- A council that began anew has nothing to be compared with, whether or not it gave a number.
        value is not null or previous_value is not null or previous_as_at_date is null as is_asked_about
    from {{ ref('int_trend__pairs') }}

),

returns as (

    select * from {{ ref('int_trend__returns') }}

),

changes as (

    select * from {{ ref('organisation_changes') }}

),

organisations as (

    select * from {{ ref('organisations') }}

),

series_breaks as (

    select * from {{ ref('series_breaks') }}

),

offered as (

    select * from {{ ref('return_choices') }}
    where is_offered

),

changes_told as (

    select
        changes.successor_code,
        changes.changed_on,
        changes.is_comparable,
        successors.organisation_name || ' took over '
        || string_agg(
            case when changes.change_kind = 'split' then 'part of ' else 'all of ' end || predecessors.organisation_name,
            ' and ' order by predecessors.organisation_name
        )
        || ' on ' || strftime(changes.changed_on, '%-d %B %Y') as statement,
        string_agg(changes.description, ' ' order by predecessors.organisation_name) as what_happened
    from changes
    inner join organisations as successors on changes.successor_code = successors.organisation_code
    inner join organisations as predecessors on changes.predecessor_code = predecessors.organisation_code
    group by changes.successor_code, successors.organisation_name, changes.changed_on, changes.is_comparable

),

-- Councils on either side of a change of boundaries, so that whichever of them has a number says why it is left out.
councils_redrawn as (

    select
        successor_code as organisation_code,
        changed_on,
        statement
    from changes_told
    where not is_comparable
    union all
    select
        changes.predecessor_code as organisation_code,
        changes_told.changed_on,
        changes_told.statement
    from changes
    inner join changes_told
        on changes.successor_code = changes_told.successor_code and changes.changed_on = changes_told.changed_on
    where not changes.is_comparable

),

on_one_side as (

    select
        pairs.*,
        councils_redrawn.statement as boundary_statement
    from pairs
    left join councils_redrawn
        on
            pairs.organisation_code = councils_redrawn.organisation_code
            and not (pairs.is_in_area and pairs.was_in_area)
            and councils_redrawn.changed_on <= pairs.as_at_date
            and (pairs.previous_as_at_date is null or councils_redrawn.changed_on > pairs.previous_as_at_date)
    where pairs.is_asked_about and (pairs.value is null or pairs.previous_value is null)

),

-- A council whose number is known on both days, and what each of the two numbers rests on.
on_both_sides as (

    select
        pairs.*,
        strftime(pairs.as_at_date, '%-d %B %Y') as day,
        strftime(pairs.previous_as_at_date, '%-d %B %Y') as previous_day,
        returns.service_age_scope,
        returns_before.service_age_scope as previous_service_age_scope,
        returns.delivery_model,
        returns_before.delivery_model as previous_delivery_model,
        returns.is_own_return <> returns_before.is_own_return as has_changed_form
    from pairs
    inner join returns
        on
            pairs.source = returns.source
            and pairs.as_at_date = returns.as_at_date
            and pairs.organisation_code = returns.organisation_code
            and pairs.return_group = returns.return_group
    inner join returns as returns_before
        on
            pairs.source = returns_before.source
            and pairs.previous_as_at_date = returns_before.as_at_date
            and pairs.previous_organisation_code = returns_before.organisation_code
            and pairs.return_group = returns_before.return_group
    where pairs.value is not null and pairs.previous_value is not null

),

definitions as (

    select
        on_both_sides.*,
        series_breaks.effect,
        series_breaks.description,
        series_breaks.touches
    from on_both_sides
    inner join series_breaks
        on
            on_both_sides.source = series_breaks.source
            and (series_breaks.return_group is null or on_both_sides.return_group = series_breaks.return_group)
            and (series_breaks.measure is null or on_both_sides.measure = series_breaks.measure)
            and (
                (series_breaks.touches = 'councils_whose_form_changed' and on_both_sides.has_changed_form)
                or (
                    series_breaks.touches = 'every_council'
                    and series_breaks.broken_on > on_both_sides.previous_as_at_date
                    and series_breaks.broken_on <= on_both_sides.as_at_date
                )
            )

),

{% set pair_columns = [
    'source', 'geography_type', 'geography_code', 'as_at_date', 'return_group', 'measure', 'organisation_code'
] %}

left_out as (

    select
        {{ pair_columns | join(', ') }},
        case when boundary_statement is not null then 1 when not (is_in_area and was_in_area) then 2 else 3 end as place,
        'left_out' as effect,
        case
            when boundary_statement is not null then boundary_statement
            when not is_in_area then 'Not in the area on ' || strftime(as_at_date, '%-d %B %Y')
            when not was_in_area then 'Not in the area on ' || strftime(previous_as_at_date, '%-d %B %Y')
            when value is null then 'No number that may be used on ' || strftime(as_at_date, '%-d %B %Y')
            else 'No number that may be used on ' || strftime(previous_as_at_date, '%-d %B %Y')
        end as statement,
        case when boundary_statement is null then organisation_name end as organisation_name
    from on_one_side
    union all
    select
        {{ pair_columns | join(', ') }},
        4 as place,
        'left_out' as effect,
        'Ages served were '
        || coalesce('''' || offered_before.label || '''', 'not known') || ' on ' || previous_day || ' and '
        || coalesce('''' || offered.label || '''', 'not known') || ' on ' || day as statement,
        organisation_name
    from on_both_sides
    left join offered as offered_before
        on previous_service_age_scope = offered_before.code and offered_before.choice_list = 'service_age_scope'
    left join offered
        on service_age_scope = offered.code and offered.choice_list = 'service_age_scope'
    where service_age_scope is distinct from previous_service_age_scope
    union all
    select
        {{ pair_columns | join(', ') }},
        5 as place,
        'left_out' as effect,
        description as statement,
        case when touches <> 'every_council' then organisation_name end as organisation_name
    from definitions
    where effect = 'refused'

),

compared as (

    select
        on_both_sides.*,
        offered.label as delivery_label,
        offered_before.label as previous_delivery_label
    from on_both_sides
    anti join left_out
        on
            on_both_sides.source = left_out.source
            and on_both_sides.geography_type = left_out.geography_type
            and on_both_sides.geography_code = left_out.geography_code
            and on_both_sides.as_at_date = left_out.as_at_date
            and on_both_sides.return_group = left_out.return_group
            and on_both_sides.measure = left_out.measure
            and on_both_sides.organisation_code = left_out.organisation_code
    left join offered
        on on_both_sides.delivery_model = offered.code and offered.choice_list = 'delivery_model'
    left join offered as offered_before
        on on_both_sides.previous_delivery_model = offered_before.code and offered_before.choice_list = 'delivery_model'

),

shown as (

    select
        {% for column in pair_columns %}
        compared.{{ column }},
        {% endfor %}
        6 as place,
        'marked' as effect,
        changes_told.statement,
        cast(null as varchar) as organisation_name
    from compared
    inner join changes_told
        on compared.organisation_code = changes_told.successor_code and changes_told.is_comparable
    where compared.organisation_code <> compared.previous_organisation_code
    union all
    select
        {% for column in pair_columns %}
        definitions.{{ column }},
        {% endfor %}
        7 as place,
        'marked' as effect,
        definitions.description as statement,
        case when definitions.touches <> 'every_council' then definitions.organisation_name end as organisation_name
    from definitions
    semi join compared
        on
            definitions.source = compared.source
            and definitions.geography_type = compared.geography_type
            and definitions.geography_code = compared.geography_code
            and definitions.as_at_date = compared.as_at_date
            and definitions.return_group = compared.return_group
            and definitions.measure = compared.measure
            and definitions.organisation_code = compared.organisation_code
    where definitions.effect = 'marked'
    union all
    select
        {{ pair_columns | join(', ') }},
        8 as place,
        'marked' as effect,
        'Delivery model was ''' || previous_delivery_label || ''' on ' || previous_day || ' and ''' || delivery_label
        || ''' on ' || day as statement,
        organisation_name
    from compared
    where delivery_model <> previous_delivery_model
    union all
    select
        {{ pair_columns | join(', ') }},
        9 as place,
        'noted' as effect,
        'Delivery model known on one of the two days only' as statement,
        organisation_name
    from compared
    where (delivery_model is null) <> (previous_delivery_model is null)
    union all
    select
        {% for column in pair_columns %}
        compared.{{ column }},
        {% endfor %}
        10 as place,
        'noted' as effect,
        changes_told.what_happened as statement,
        cast(null as varchar) as organisation_name
    from compared
    inner join changes_told
        on compared.organisation_code = changes_told.successor_code and changes_told.is_comparable
    where compared.organisation_code <> compared.previous_organisation_code

)

select * from left_out
union all
select * from shown
