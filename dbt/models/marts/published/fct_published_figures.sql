with

figures as (

    select * from {{ ref('published_figures') }}

),

subjects as (

    select * from {{ ref('published_subjects') }}

),

-- Totals the reports state of their own tables are kept where they are compared with them; here they stand beside the rest.
statements as (

    select * from {{ ref('stated_figures') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

documents as (

    select * from {{ ref('published_documents') }}

),

checks as (

    select * from {{ ref('published_checks') }}

),

-- What two printed numbers of one section and area come to.
related as (

    select
        first_figures.source_document,
        first_figures.section,
        first_figures.geography_name,
        first_figures.period,
        first_figures.place,
        checks.subject,
        checks.breakdown,
        checks.words,
        case checks.formula
            when 'percent' then 100 * first_figures.value_low / second_figures.value_low
            when 'ratio' then first_figures.value_low / second_figures.value_low
            else first_figures.value_low - second_figures.value_low
        end as value
    from checks
    inner join figures as first_figures on checks.first_subject = first_figures.subject
    inner join figures as second_figures
        on
            checks.second_subject = second_figures.subject
            and first_figures.source_document = second_figures.source_document
            and first_figures.section = second_figures.section
            and first_figures.geography_name = second_figures.geography_name

),

worked_out as (

    select
        figures.source_document,
        figures.section,
        figures.place,
        related.words,
        related.value
    from figures
    inner join related
        on
            figures.subject = related.subject
            and figures.source_document = related.source_document
            and figures.section = related.section
            and figures.geography_name = related.geography_name
    where related.breakdown is null
    union all
    select
        totals.source_document,
        totals.section,
        totals.place,
        checks.words,
        sum(parts.value_low) as value
    from figures as totals
    inner join checks on totals.subject = checks.subject and checks.formula = 'sum_of_periods'
    inner join figures as parts
        on
            checks.first_subject = parts.subject
            and totals.source_document = parts.source_document
            and totals.section = parts.section
            and totals.geography_name = parts.geography_name
            and not contains(parts.period, ' to ')
    where contains(totals.period, ' to ')
    group by totals.source_document, totals.section, totals.place, checks.words

),

together as (

    select
        figures.source_document,
        figures.section,
        figures.place,
        figures.subject,
        subjects.subject_name,
        figures.breakdown,
        figures.geography_name,
        figures.period,
        figures.value_as_written,
        figures.value_low,
        figures.value_high,
        figures.unit,
        figures.qualifier,
        figures.value_status,
        figures.note
    from figures
    inner join subjects on figures.subject = subjects.subject
    union all
    select
        statements.source_document,
        statements.section,
        1000 + row_number() over (partition by statements.source_document, statements.section order by statements.statement_id)
            as place,
        concat_ws('_', statements.subject, statements.field, nullif(statements.statement_kind, 'total')) as subject,
        concat_ws(
            ', ',
            coalesce(return_groups.return_group_name, upper(left(statements.subject, 1)) || substr(statements.subject, 2)),
            replace(statements.field, '_', ' '),
            case statements.statement_kind
                when 'total' then null
                when 'councils_without_principal_ot' then 'councils without a principal OT'
                when 'councils_on_agenda_for_change' then 'councils on Agenda for Change'
                else replace(statements.statement_kind, '_', ' ')
            end
        ) as subject_name,
        null as breakdown,
        statements.geography_name,
        null as period,
        coalesce(statements.stated_as, {{ as_written('cast(statements.stated_value as decimal(18, 4))') }}) as value_as_written,
        statements.stated_value as value_low,
        statements.stated_value as value_high,
        case
            when statements.statement_kind like 'councils%' then 'councils'
            when statements.field = 'students' then 'placements'
            when statements.field like 'fte%' then 'FTE'
            else 'people'
        end as unit,
        case when statements.is_approximate then 'about' else 'exact' end as qualifier,
        'reported' as value_status,
        statements.note
    from statements
    left join return_groups on statements.subject = return_groups.return_group
    union all
    select
        related.source_document,
        related.section,
        2000 + related.place as place,
        related.subject,
        subjects.subject_name,
        related.breakdown,
        related.geography_name,
        related.period,
        'not printed' as value_as_written,
        related.value as value_low,
        related.value as value_high,
        'ratio' as unit,
        'exact' as qualifier,
        'derived' as value_status,
        'Worked out here: ' || related.words as note
    from related
    inner join subjects on related.subject = subjects.subject
    where related.breakdown is not null

)

select
    together.source_document,
    documents.document_title,
    together.section,
    cast(together.place as integer) as place,
    together.subject,
    together.subject_name,
    together.breakdown,
    together.geography_name,
    together.period,
    together.value_as_written,
    cast(together.value_low as decimal(18, 4)) as value_low,
    cast(together.value_high as decimal(18, 4)) as value_high,
    together.unit,
    together.qualifier,
    together.value_status,
    cast(worked_out.value as decimal(18, 4)) as worked_out_value,
    worked_out.words as worked_out_as,
    together.note
from together
left join documents on together.source_document = documents.source_document
left join worked_out
    on
        together.source_document = worked_out.source_document
        and together.section = worked_out.section
        and together.place = worked_out.place
