{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

transitions as (

    select
        *,
        row_number() over (order by restated_at, organisation_code, as_at_date, counts_as_figure) as transition_number
    from {{ ref('int_restatements__transitions') }}

),

cells as (

    select * from {{ ref('int_restatements__cells') }}

),

old_cells as (

    select
        transitions.transition_number,
        cells.*
    from transitions
    inner join cells
        on
            transitions.old_submission_id = cells.submission_id
            and transitions.as_at_date = cells.as_at_date
            and transitions.organisation_code = cells.organisation_code
            and transitions.counts_as_figure = cells.counts_as_figure
    where transitions.new_submission_id is null or transitions.was_own_return = transitions.is_own_return

),

new_cells as (

    select
        transitions.transition_number,
        cells.*
    from transitions
    inner join cells
        on
            transitions.new_submission_id = cells.submission_id
            and transitions.as_at_date = cells.as_at_date
            and transitions.organisation_code = cells.organisation_code
            and transitions.counts_as_figure = cells.counts_as_figure
    where transitions.was_own_return = transitions.is_own_return

),

changed_cells as (

    select
        coalesce(old_cells.transition_number, new_cells.transition_number) as transition_number,
        coalesce(old_cells.figure, new_cells.figure) as figure,
        coalesce(old_cells.row_name, new_cells.row_name) as row_name,
        coalesce(old_cells.row_number_of_name, new_cells.row_number_of_name) as row_number_of_name,
        coalesce(old_cells.field, new_cells.field) as field,
        old_cells.cell_text as old_text,
        new_cells.cell_text as new_text,
        old_cells.value_used as old_number,
        new_cells.value_used as new_number
    from old_cells
    full join new_cells
        on
            old_cells.transition_number = new_cells.transition_number
            and old_cells.figure = new_cells.figure
            and old_cells.row_name = new_cells.row_name
            and old_cells.row_number_of_name = new_cells.row_number_of_name
            and old_cells.field = new_cells.field
    where
        old_cells.cell_text is distinct from new_cells.cell_text
        -- 7.5 and 7.50 are one number.
        and (old_cells.value_used is distinct from new_cells.value_used or old_cells.value_used is null)
        -- A blank cell of a row that came or went says nothing.
        and coalesce(nullif(old_cells.cell_text, ''), nullif(new_cells.cell_text, '')) is not null

),

group_values as (

    select
        {% for measure in measures %}
        {{ whole_sum(measure) }} as {{ measure }},
        {% endfor %}
        own.submission_id,
        own.as_at_date,
        own.organisation_code,
        return_groups.figure as counts_as_figure
    from {{ ref('int_returns__workforce') }} as own
    inner join {{ ref('return_groups') }} as return_groups on own.return_group = return_groups.return_group
    group by own.submission_id, own.as_at_date, own.organisation_code, return_groups.figure
    union all
    select
        {% for measure in measures %}
        max(case when field = '{{ measure }}' then value_used end) as {{ measure }},
        {% endfor %}
        submission_id,
        as_at_date,
        organisation_code,
        figure
    from {{ ref('int_workforce__cells') }}
    where not is_own_return and organisation_code is not null
    group by submission_id, as_at_date, organisation_code, figure

),

-- A collation and a council's own return have no cell in common, so the numbers of the group are held against each other.
changed_groups as (

    {% for measure in measures %}
    select
        transitions.transition_number,
        transitions.counts_as_figure as figure,
        '' as row_name,
        1 as row_number_of_name,
        '{{ measure }}' as field,
        cast(null as varchar) as old_text,
        cast(null as varchar) as new_text,
        old_groups.{{ measure }} as old_number,
        new_groups.{{ measure }} as new_number
    from transitions
    left join group_values as old_groups
        on
            transitions.old_submission_id = old_groups.submission_id
            and transitions.as_at_date = old_groups.as_at_date
            and transitions.organisation_code = old_groups.organisation_code
            and transitions.counts_as_figure = old_groups.counts_as_figure
    left join group_values as new_groups
        on
            transitions.new_submission_id = new_groups.submission_id
            and transitions.as_at_date = new_groups.as_at_date
            and transitions.organisation_code = new_groups.organisation_code
            and transitions.counts_as_figure = new_groups.counts_as_figure
    where
        transitions.new_submission_id is not null
        and transitions.was_own_return <> transitions.is_own_return
        and old_groups.{{ measure }} is distinct from new_groups.{{ measure }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

people_counts as (

    select * from {{ ref('int_people__restated_counts') }}

),

old_counts as (

    select
        transitions.transition_number,
        people_counts.*
    from transitions
    inner join people_counts
        on
            transitions.old_submission_id = people_counts.submission_id
            and transitions.as_at_date = people_counts.as_at_date
            and transitions.organisation_code = people_counts.organisation_code
            and transitions.counts_as_figure = people_counts.figure

),

new_counts as (

    select
        transitions.transition_number,
        people_counts.*
    from transitions
    inner join people_counts
        on
            transitions.new_submission_id = people_counts.submission_id
            and transitions.as_at_date = people_counts.as_at_date
            and transitions.organisation_code = people_counts.organisation_code
            and transitions.counts_as_figure = people_counts.figure

),

-- An extract that holds nobody in a role counts none in it; where no extract is in force, nothing is known.
counts_of_people as (

    select
        coalesce(old_counts.transition_number, new_counts.transition_number) as transition_number,
        coalesce(old_counts.source, new_counts.source) as source,
        coalesce(old_counts.organisation_name, new_counts.organisation_name) as organisation_name,
        coalesce(old_counts.figure, new_counts.figure) as figure,
        coalesce(old_counts.row_name, new_counts.row_name) as row_name,
        case when old_counts.figure is null then 0 else old_counts.headcount end as old_headcount,
        case when old_counts.figure is null then 0 else old_counts.fte end as old_fte,
        case
            when new_counts.figure is not null then new_counts.headcount
            when transitions.new_submission_id is not null then 0
        end as new_headcount,
        case
            when new_counts.figure is not null then new_counts.fte
            when transitions.new_submission_id is not null then 0
        end as new_fte
    from old_counts
    full join new_counts
        on
            old_counts.transition_number = new_counts.transition_number
            and old_counts.row_name = new_counts.row_name
    inner join transitions
        on coalesce(old_counts.transition_number, new_counts.transition_number) = transitions.transition_number

),

changed_counts as (

    {% for measure in ['headcount', 'fte'] %}
    select
        transition_number,
        figure,
        row_name,
        1 as row_number_of_name,
        '{{ measure }}' as field,
        cast(null as varchar) as old_text,
        cast(null as varchar) as new_text,
        old_{{ measure }} as old_number,
        new_{{ measure }} as new_number,
        case when row_name = '' then 'organisation' else 'role' end as restated_level,
        source,
        organisation_name
    from counts_of_people
    where old_{{ measure }} is distinct from new_{{ measure }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

together as (

    select
        *,
        'cell' as restated_level,
        'council_returns' as source,
        cast(null as varchar) as organisation_name
    from changed_cells
    union all
    select
        *,
        'group' as restated_level,
        'council_returns' as source,
        cast(null as varchar) as organisation_name
    from changed_groups
    union all
    select * from changed_counts

),

organisations as (

    select * from {{ ref('dim_organisation') }}

)

select
    together.source,
    transitions.organisation_code,
    -- Whoever adds up by name keeps what is invented apart.
    coalesce(together.organisation_name, organisations.organisation_name) as organisation_name,
    transitions.as_at_date,
    together.restated_level,
    together.figure,
    nullif(together.row_name, '') as row_name,
    cast(together.row_number_of_name as bigint) as row_number_of_name,
    together.field,
    -- Answers to equality questions are nobody's business: that they changed is said, and not how.
    case
        when together.figure = 'Equality' then '[c]'
        else coalesce(nullif(together.old_text, ''), {{ as_written('together.old_number') }})
    end as old_value,
    case
        when together.figure = 'Equality' then '[c]'
        else coalesce(nullif(together.new_text, ''), {{ as_written('together.new_number') }})
    end as new_value,
    case when together.figure <> 'Equality' then cast(together.old_number as decimal(18, 4)) end as old_number,
    case when together.figure <> 'Equality' then cast(together.new_number as decimal(18, 4)) end as new_number,
    transitions.restated_at,
    transitions.cause,
    transitions.old_submission_id,
    transitions.new_submission_id
from together
inner join transitions on together.transition_number = transitions.transition_number
inner join organisations on transitions.organisation_code = organisations.organisation_code
