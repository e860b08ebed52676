-- Every cell of a counted figure that holds a number is judged in int_workforce__cells, once, and every score of a survey in
-- int_surveys__results.
-- Rows: the landed files themselves are read here, past all models, so a model that drops rows cannot hide it.
with

landed as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell
    from {{ source('landed', 'council_workforce') }}
    where regexp_matches(cell_text, '^\s*-?[0-9]')
    union all
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell
    from {{ source('landed', 'council_pipeline') }}
    where regexp_matches(cell_text, '^\s*-?[0-9]') and field in ('students', 'apprentices')
    {% for table in ['return_workforce', 'return_learners', 'return_equality'] %}
    union all
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell
    from {{ source('landed', table) }}
    where
        regexp_matches(cell_text, '^\s*-?[0-9]')
        and field in (
            'headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant', 'fte_agency', 'fte_outsourced',
            'headcount_seconded', 'headcount_top_of_band', 'pay_minimum', 'pay_maximum', 'pay_supplement', 'learner_count',
            'people'
        )
    {% endfor %}
    union all
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell
    from {{ source('landed', 'employer_standards') }}
    where
        regexp_matches(cell_text, '^\s*-?[0-9]')
        and not regexp_matches(field, '^(row_name|question|breakdown|change_.*|respondents_.*)$')

),

judged as (

    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell,
        count(*) as times_judged
    from {{ ref('int_workforce__cells') }}
    group by submission_id, figure, source_sheet, source_row, source_cell
    union all
    select
        submission_id,
        figure,
        source_sheet,
        source_row,
        source_cell,
        count(*) as times_judged
    from {{ ref('int_surveys__results') }}
    group by submission_id, figure, source_sheet, source_row, source_cell

)

select
    landed.*,
    judged.times_judged
from landed
left join judged
    on
        landed.submission_id = judged.submission_id
        and landed.figure = judged.figure
        and landed.source_sheet = judged.source_sheet
        and landed.source_row = judged.source_row
        and landed.source_cell = judged.source_cell
where coalesce(judged.times_judged, 0) <> 1
