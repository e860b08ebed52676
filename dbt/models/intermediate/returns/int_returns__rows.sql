with

cells as (

    {% for table in ['return_answers', 'return_workforce_cells', 'return_learner_cells', 'return_equality_cells', 'return_acceptances'] %}
    select distinct
        submission_id,
        source,
        source_document,
        figure,
        source_file,
        source_sheet,
        source_row,
        council_as_written
    from {{ ref('stg_council_returns__' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

declared_groups as (

    select
        cells.submission_id,
        cells.source_sheet,
        cells.source_row,
        min(return_groups.figure) as figure
    from {{ ref('stg_council_returns__return_workforce_cells') }} as cells
    inner join {{ ref('int_returns__choices') }} as choices
        on
            choices.choice_list = 'return_group'
            and {{ normalised_name('cells.cell_text') }} = choices.label_normalised
    inner join {{ ref('return_groups') }} as return_groups on choices.code = return_groups.return_group
    where cells.field = 'return_group'
    group by cells.submission_id, cells.source_sheet, cells.source_row

),

submissions as (

    select * from {{ ref('int_submissions__latest') }}

)

select
    cells.submission_id,
    cells.source,
    cells.source_document,
    cells.figure,
    -- What of a regional collation the row stands for, so that the newest word on it counts.
    case cells.figure
        when 'Workforce' then declared_groups.figure
        when 'Students and apprentices' then 'Figure 23'
        when 'Leadership' then 'Principal OT list'
        else 'Return'
    end as counts_as_figure,
    cells.source_file,
    cells.source_sheet,
    cells.source_row,
    cells.council_as_written,
    submissions.organisation_code,
    submissions.as_at_date
from cells
inner join submissions on cells.submission_id = submissions.submission_id
left join declared_groups
    on
        cells.submission_id = declared_groups.submission_id
        and cells.source_sheet = declared_groups.source_sheet
        and cells.source_row = declared_groups.source_row
