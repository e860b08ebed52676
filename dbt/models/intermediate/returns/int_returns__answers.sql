with

answers as (

    select * from {{ ref('stg_council_returns__return_answers') }}

),

choices as (

    select * from {{ ref('int_returns__choices') }}

),

questions as (

    select * from {{ ref('stg_store__return_questions') }}

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

)

select
    answers.submission_id,
    answers.source_document,
    answers.figure,
    answers.field,
    answers.cell_text,
    answers.date_read,
    nullif(answers.transcription_note, '') as note,
    questions.choice_list,
    questions.return_group,
    questions.learner_type,
    -- The answer in the words of the warehouse; null where there is none, or none of the list.
    case when questions.choice_list is null then nullif(answers.cell_text, '') else choices.code end as answer,
    case
        when answers.cell_text = '' then 'not_supplied'
        when questions.choice_list is not null and choices.code is null then 'unreadable'
        else 'reported'
    end as value_status,
    answers.source_file,
    answers.source_sheet,
    answers.source_row,
    answers.source_cell,
    council_rows.organisation_code,
    council_rows.organisation_name,
    council_rows.as_at_date,
    council_rows.is_current,
    council_rows.recency,
    council_rows.received_at,
    council_rows.superseded_at
from answers
inner join questions on answers.field = questions.field
inner join council_rows
    on
        answers.submission_id = council_rows.submission_id
        and answers.source_sheet = council_rows.source_sheet
        and answers.source_row = council_rows.source_row
left join choices
    on
        questions.choice_list = choices.choice_list
        and {{ normalised_name('answers.cell_text') }} = choices.label_normalised
