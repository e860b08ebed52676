with

cells as (

    select * from {{ ref('stg_council_returns__return_learner_cells') }}

),

numbers as (

    select * from {{ ref('int_workforce__cells') }}
    where is_own_return and field = 'learner_count'

),

choices as (

    select * from {{ ref('int_returns__choices') }}

),

answers as (

    select * from {{ ref('int_returns__answers') }}

),

academic_years as (

    select
        submission_id,
        max(case when field = 'academic_year' then answer end) as academic_year
    from answers
    group by submission_id

),

texts as (

    select
        {% for field in ['learner_type', 'learner_profession', 'funding_route', 'qualifying_year', 'note'] %}
        nullif(max(case when field = '{{ field }}' then cell_text end), '') as {{ field }}_as_written,
        {% endfor %}
        submission_id,
        source_sheet,
        source_row
    from cells
    group by submission_id, source_sheet, source_row

),

listed as (

    select
        numbers.submission_id,
        numbers.source,
        numbers.source_document,
        numbers.source_file,
        numbers.figure,
        numbers.source_sheet,
        numbers.source_row,
        numbers.organisation_code,
        numbers.organisation_name,
        numbers.as_at_date,
        numbers.is_current,
        numbers.recency,
        numbers.received_at,
        numbers.superseded_at,
        learner_types.code as learner_type,
        professions.code as profession,
        texts.learner_profession_as_written as profession_as_written,
        routes.code as funding_route,
        texts.funding_route_as_written,
        case
            when regexp_matches(texts.qualifying_year_as_written, '^20[0-9]{2}$')
                then cast(texts.qualifying_year_as_written as integer)
        end as qualifying_year,
        texts.qualifying_year_as_written,
        numbers.value_used as learners,
        numbers.value_status,
        numbers.cell_text,
        texts.note_as_written as note,
        true as is_listed
    from numbers
    inner join texts
        on
            numbers.submission_id = texts.submission_id
            and numbers.source_sheet = texts.source_sheet
            and numbers.source_row = texts.source_row
    inner join choices as learner_types
        on
            learner_types.choice_list = 'learner_type'
            and {{ normalised_name('texts.learner_type_as_written') }} = learner_types.label_normalised
    left join choices as professions
        on
            professions.choice_list = 'profession'
            and {{ normalised_name('texts.learner_profession_as_written') }} = professions.label_normalised
    left join choices as routes
        on
            routes.choice_list = 'funding_route'
            and {{ normalised_name('texts.funding_route_as_written') }} = routes.label_normalised

),

listed_types as (

    select distinct
        submission_id,
        learner_type
    from listed

),

stated as (

    select
        answers.*,
        listed_types.learner_type is not null as has_rows
    from answers
    left join listed_types
        on answers.submission_id = listed_types.submission_id and answers.learner_type = listed_types.learner_type
    where answers.learner_type is not null

),

claims as (

    select * from {{ ref('int_submissions__claims') }}
    where figure = 'Figure 23'

),

-- A kind of learner without a row is zero only where the cover says that there are none.
stated_without_rows as (

    select
        stated.submission_id,
        documents.source,
        stated.source_document,
        stated.source_file,
        'Students and apprentices' as figure,
        stated.source_sheet,
        stated.source_row,
        stated.organisation_code,
        stated.organisation_name,
        stated.as_at_date,
        claims.is_current,
        claims.recency,
        claims.received_at,
        claims.superseded_at,
        stated.learner_type,
        cast(null as varchar) as profession,
        cast(null as varchar) as profession_as_written,
        cast(null as varchar) as funding_route,
        cast(null as varchar) as funding_route_as_written,
        cast(null as integer) as qualifying_year,
        cast(null as varchar) as qualifying_year_as_written,
        case when stated.answer = 'none' then 0 end as learners,
        case when stated.answer = 'none' then 'zero_stated' else 'cannot_quantify' end as value_status,
        stated.cell_text,
        stated.note,
        false as is_listed
    from stated
    inner join claims
        on
            stated.submission_id = claims.submission_id
            and stated.as_at_date = claims.as_at_date
            and stated.organisation_code = claims.organisation_code
    inner join {{ ref('stg_store__documents') }} as documents on stated.source_document = documents.source_document
    where not stated.has_rows and stated.answer in ('none', 'cannot_quantify')

),

together as (

    -- Where the cover says there are none, or that they cannot be counted, and rows are listed all the same, neither holds.
    select
        listed.* replace (
            case when coalesce(stated.answer, 'listed') = 'listed' then listed.learners end as learners,
            case when coalesce(stated.answer, 'listed') = 'listed' then listed.value_status else 'contradictory' end
                as value_status
        )
    from listed
    left join stated on listed.submission_id = stated.submission_id and listed.learner_type = stated.learner_type
    union all by name
    select * from stated_without_rows

)

select
    together.*,
    academic_years.academic_year
from together
left join academic_years on together.submission_id = academic_years.submission_id
