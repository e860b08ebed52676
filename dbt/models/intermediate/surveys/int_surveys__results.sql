-- One row per printing of a result, and which of several printings of one result is the one that is published.
with

cells as (

    select * from {{ ref('stg_employer_standards__cells') }}

),

survey_columns as (

    select * from {{ ref('survey_columns') }}

),

survey_names as (

    select * from {{ ref('survey_names') }}

),

council_names as (

    select * from {{ ref('int_organisations__names') }}

),

figures as (

    select * from {{ ref('int_submissions__figures') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

policies as (

    select
        max(value) filter (where policy = 'survey_minimum_respondents') as minimum_respondents,
        max(value) filter (where policy = 'survey_moderate_from') as moderate_from,
        max(value) filter (where policy = 'survey_good_from') as good_from,
        max(value) filter (where policy = 'survey_significant_points') as significant_points
    from {{ ref('policies') }}

),

-- A printed row is known by what names it and the remarks beside it, wherever its columns stand.
printed_rows as (

    select
        submission_id,
        source_sheet,
        source_row,
        max(cell_text) filter (where field = 'row_name') as row_name,
        max(cell_text) filter (where field = 'question') as question,
        max(cell_text) filter (where field = 'breakdown') as breakdown,
        -- A row without any value is one that could not be read; a blank beside a value was never printed.
        bool_and(cell_text = '') filter (where field not in ('row_name', 'question', 'breakdown')) as is_blank
    from cells
    group by submission_id, source_sheet, source_row

),

printed as (

    select
        cells.*,
        survey_columns.measure,
        survey_columns.publisher,
        survey_columns.staff_group,
        survey_columns.part_of_staff_group,
        survey_columns.survey_year,
        survey_columns.previous_survey_year,
        survey_columns.question_version as survey_question_version,
        survey_columns.respondents as staff_group_respondents,
        figures.is_current,
        figures.received_at,
        figures.superseded_at,
        printed_rows.row_name,
        printed_rows.is_blank as row_is_blank,
        coalesce(nullif(cells.figure_as_written, ''), cells.source_sheet) as part_of_document,
        printed_rows.question as asked,
        coalesce(survey_columns.geography_as_written, nullif(cells.region_block, ''), 'National') as area_as_written,
        nullif(trim(regexp_extract(cells.cell_text, '[↑↓=]')), '') as arrow,
        trim(regexp_replace(cells.cell_text, '(?i)(per cent|%|[↑↓=])', '', 'g')) as plain_text,
        case
            when cells.figure = 'Scores by region' and printed_rows.row_name <> 'National' then 'region'
            when printed_rows.breakdown is not null then replace(printed_rows.breakdown, 'ethnic_group', 'ethnicity')
            when cells.figure in ('Scores by standard', 'Scores by region', 'Scores by question', 'Result of a council')
                then null
            when cells.figure = 'Harassment and discrimination' then null
            when cells.figure = 'Scores by mental health condition' then 'mental_condition'
            else replace(replace(lower(cells.figure), 'scores by ', ''), ' ', '_')
        end as breakdown,
        case
            when cells.figure in ('Scores by standard', 'Result of a council')
                then regexp_extract(printed_rows.row_name, '^(?:Standard\s*)?([1-8])\s*[:.]', 1)
            when cells.figure = 'Scores by question'
                then regexp_extract(coalesce(nullif(cells.figure_as_written, ''), cells.source_sheet), '(?i)standard ([1-8])', 1)
        end as standard_digit
    from cells
    inner join figures
        on
            cells.submission_id = figures.submission_id
            and cells.source_document = figures.source_document
            and cells.figure = figures.figure
    inner join survey_columns
        on cells.source_document = survey_columns.source_document and cells.field = survey_columns.field
    inner join printed_rows
        on
            cells.submission_id = printed_rows.submission_id
            and cells.source_sheet = printed_rows.source_sheet
            and cells.source_row = printed_rows.source_row

),

named as (

    select
        printed.*,
        case
            when printed.measure = 'share' then 'experience'
            when printed.figure = 'Scores by question' then 'question'
            when nullif(printed.standard_digit, '') is not null then 'standard'
            when printed.figure in ('Scores by standard', 'Result of a council') then 'engagement'
            else 'all_standards'
        end as subject,
        try_cast(nullif(printed.standard_digit, '') as integer) as standard_number,
        standards.name as standard_name,
        case
            when printed.measure = 'share' then printed.asked
            when printed.figure = 'Scores by question' then printed.row_name
        end as question,
        case when printed.measure = 'share' then printed.row_name end as answer,
        case when printed.breakdown is not null then coalesce(groups.name, printed.row_name) end as group_name,
        case
            when regexp_matches(printed.plain_text, {{ plain_number() }})
                then try_cast(replace(printed.plain_text, ',', '') as decimal(18, 4))
        end as printed_number
    from printed
    left join survey_names as standards
        on standards.kind = 'standard' and printed.standard_digit = standards.name_as_written
    left join survey_names as groups on printed.breakdown = groups.kind and printed.row_name = groups.name_as_written

),

-- What one printing says of one result: the score, the change beside it and the number of respondents.
subjects as (

    select
        *,
        concat_ws(
            '|', source_document, staff_group, area_as_written, breakdown, group_name, subject, standard_number, question, answer
        ) as result
    from named

),

-- Of two numbers printed for one group neither is used.
respondents as (

    select
        result,
        survey_year,
        is_current,
        arg_max(submission_id, received_at) as respondents_submission_id,
        arg_max(source_sheet, received_at) as respondents_source_sheet,
        arg_max(source_row, received_at) as respondents_source_row,
        case when count(distinct plain_text) = 1 and min(printed_number) >= 0 then cast(min(printed_number) as integer) end
            as respondents,
        case
            when count(distinct plain_text) > 1 then 'contradictory'
            when min(plain_text) = '' then 'not_supplied'
            when min(printed_number) >= 0 then 'reported'
            when min(plain_text) = '-' then 'suppressed'
            else 'unreadable'
        end as respondents_status
    from subjects
    where measure = 'respondents'
    group by result, survey_year, is_current

),

changes as (

    select
        submission_id,
        source_sheet,
        source_row,
        try_cast(plain_text as integer) as change_printed
    from subjects
    where measure = 'change'

),

values_printed as (

    select
        subjects.*,
        changes.change_printed,
        row_number() over (
            partition by subjects.result, subjects.survey_year, subjects.is_current
            order by (subjects.printed_number is null), subjects.received_at desc, subjects.source_row, subjects.source_sheet
        ) as printing
    from subjects
    left join changes
        on
            subjects.submission_id = changes.submission_id
            and subjects.source_sheet = changes.source_sheet
            and subjects.source_row = changes.source_row
            and subjects.previous_survey_year is not null
    where
        subjects.measure in ('score', 'share')
        -- A blank in the column of an earlier survey says that the question was not asked then.
        and (subjects.plain_text <> '' or subjects.previous_survey_year is not null)

),

judged as (

    select
        values_printed.*,
        -- A group's own number stands in the appendix; that of everybody asked, in the text.
        case
            when values_printed.breakdown is not null then respondents.respondents
            when values_printed.area_as_written = 'National' or values_printed.figure = 'Result of a council'
                then values_printed.staff_group_respondents
        end as respondents,
        case
            when values_printed.breakdown is not null then coalesce(respondents.respondents_status, 'not_supplied')
            when
                (values_printed.area_as_written = 'National' or values_printed.figure = 'Result of a council')
                and values_printed.staff_group_respondents is not null
                then 'reported'
            else 'not_supplied'
        end as respondents_status,
        respondents.respondents_submission_id,
        respondents.respondents_source_sheet,
        respondents.respondents_source_row,
        policies.minimum_respondents,
        policies.moderate_from,
        policies.good_from,
        policies.significant_points,
        case
            when values_printed.plain_text = '-' or lower(values_printed.plain_text) = 'insufficient data' then 'suppressed'
            when values_printed.plain_text = '' then if(values_printed.row_is_blank, 'unreadable', 'not_supplied')
            when coalesce(values_printed.printed_number between 0 and 100, false) is false then 'unreadable'
            when values_printed.printed_number <> floor(values_printed.printed_number) then 'derived'
            else 'reported'
        end as status_as_printed
    from values_printed
    left join respondents
        on
            values_printed.result = respondents.result
            and values_printed.survey_year = respondents.survey_year
            and values_printed.is_current = respondents.is_current
    cross join policies

),

withheld as (

    select
        *,
        case
            when printed_number is not null and respondents < minimum_respondents then 'withheld'
            else status_as_printed
        end as score_status
    from judged

),

scored as (

    select
        *,
        case when score_status in ('reported', 'derived') then cast(round(printed_number) as integer) end as score
    from withheld

),

previous as (

    select
        result,
        survey_year,
        score,
        score_status,
        survey_question_version,
        is_current,
        printing,
        submission_id,
        source_sheet,
        source_row
    from scored

)

select
    scored.source,
    scored.source_document,
    scored.figure,
    scored.part_of_document,
    documents.as_at_date,
    scored.publisher,
    scored.staff_group,
    scored.part_of_staff_group,
    case
        when regions.geography_name is not null then 'region'
        when scored.area_as_written = 'National' then 'national'
        when council_names.organisation_code is not null then 'council'
    end as geography_type,
    case
        when regions.geography_name is not null then regions.geography_name
        when scored.area_as_written = 'National' then 'England'
        else coalesce(organisations.organisation_name, scored.area_as_written)
    end as geography_name,
    council_names.organisation_code,
    scored.area_as_written,
    scored.breakdown,
    scored.group_name,
    scored.row_name,
    scored.subject,
    scored.standard_number,
    scored.standard_name,
    scored.question,
    scored.answer,
    scored.survey_year,
    cast(left(scored.survey_year, 4) as integer) as survey_year_start,
    -- A question that was asked before keeps the version in which it came; a mean is of the questions of its year.
    case
        when scored.subject = 'question' and previous.score_status is not null then previous.survey_question_version
        else scored.survey_question_version
    end as question_version,
    case when scored.measure = 'share' then 'percent' else 'score' end as unit,
    nullif(scored.cell_text, '') as score_as_printed,
    scored.score,
    scored.score_status,
    scored.printed_number,
    scored.respondents,
    scored.respondents_status,
    scored.respondents_submission_id,
    scored.respondents_source_sheet,
    scored.respondents_source_row,
    case
        when scored.measure = 'share' or scored.score is null then null
        when scored.score >= scored.good_from then 'good'
        when scored.score >= scored.moderate_from then 'moderate'
        else 'poor'
    end as band,
    scored.previous_survey_year,
    previous.score as previous_score,
    case
        when scored.previous_survey_year is null then 'not_applicable'
        else coalesce(previous.score_status, 'not_supplied')
    end as previous_score_status,
    scored.score - previous.score as change,
    scored.change_printed,
    scored.arrow,
    abs(scored.score - previous.score) >= scored.significant_points as is_significant,
    case
        when scored.previous_survey_year is null then 'no_earlier_survey'
        when scored.subject = 'question' and previous.score_status is null then 'new_question'
        when scored.subject = 'question' then 'same_question'
        when scored.survey_question_version is null or previous.score_status is null then 'not_stated'
        when scored.survey_question_version <> previous.survey_question_version then 'questions_changed'
        else 'same_questions'
    end as comparability,
    scored.printing = 1 as is_published_printing,
    scored.submission_id,
    scored.source_file,
    scored.source_sheet,
    scored.source_row,
    scored.source_cell,
    nullif(scored.transcription_note, '') as transcription_note,
    scored.result,
    scored.is_current,
    scored.received_at,
    scored.superseded_at
from scored
left join documents on scored.source_document = documents.source_document
left join council_names
    on
        {{ normalised_name('scored.area_as_written') }} = council_names.name_normalised
        and documents.as_at_date >= council_names.valid_from
        and (council_names.valid_to is null or documents.as_at_date <= council_names.valid_to)
left join {{ ref('organisations') }} as organisations on council_names.organisation_code = organisations.organisation_code
-- The publisher divides England as the regional groups of directors do, but for one short name.
left join survey_names as region_names on region_names.kind = 'region' and scored.area_as_written = region_names.name_as_written
left join {{ ref('geographies') }} as regions
    on
        regions.geography_type = 'adass_region'
        and coalesce(region_names.name, scored.area_as_written) = regions.geography_name
-- What has been superseded is compared within its own row, so that its findings stay what they were.
left join previous
    on
        scored.result = previous.result
        and scored.previous_survey_year = previous.survey_year
        and scored.is_current = previous.is_current
        and (
            (scored.is_current and previous.printing = 1)
            or (
                not scored.is_current
                and scored.submission_id = previous.submission_id
                and scored.source_sheet = previous.source_sheet
                and scored.source_row = previous.source_row
            )
        )
