-- Numbers a report states in its text, held against its own tables and against each other.
with

statements as (

    select * from {{ ref('stated_figures') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

membership as (

    select * from {{ ref('int_geography__membership') }}
    where is_main and geography_type in ('adass_region', 'council')

),

workforce as (

    select * from {{ ref('int_workforce__returns') }}

),

pipeline as (

    select * from {{ ref('int_workforce__cells') }}
    where is_current and organisation_code is not null and field in ('students', 'apprentices')

),

pay as (

    select * from {{ ref('fct_pay_scale') }}

),

leadership as (

    select * from {{ ref('fct_leadership') }}

),

council_values as (

    {% for measure in ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}
    select
        source_document,
        organisation_code,
        return_group as subject,
        '{{ measure }}' as field,
        {{ measure }} as value
    from workforce
    union all
    {% endfor %}
    select
        source_document,
        organisation_code,
        'pipeline' as subject,
        field,
        value_used as value
    from pipeline
    union all
    select
        source_document,
        organisation_code,
        'leadership' as subject,
        cast(null as varchar) as field,
        case when has_principal_ot then 1 when not has_principal_ot then 0 end as value
    from leadership
    union all
    select
        source_document,
        organisation_code,
        'pay' as subject,
        cast(null as varchar) as field,
        max(case when is_agenda_for_change then 1 else 0 end) as value
    from pay
    group by source_document, organisation_code

),

placed_values as (

    select
        council_values.*,
        membership.geography_type,
        membership.geography_name
    from council_values
    inner join documents on council_values.source_document = documents.source_document
    inner join membership
        on
            council_values.organisation_code = membership.organisation_code
            and documents.as_at_date between membership.valid_from and membership.valid_to
    union all
    select
        council_values.*,
        'collection' as geography_type,
        'Midlands' as geography_name
    from council_values

),

recomputed as (

    select
        source_document,
        geography_type,
        geography_name,
        subject,
        field,
        count(*) as councils,
        count(value) as councils_with_value,
        sum(value) as total,
        count(*) filter (where value > 0) as councils_above_zero,
        count(*) filter (where value = 0) as councils_at_zero
    from placed_values
    group by source_document, geography_type, geography_name, subject, field

),

held_against as (

    select
        statements.*,
        recomputed.councils,
        -- Only where every council gave the value can a statement be held against the rows.
        recomputed.councils_with_value = recomputed.councils as is_comparable,
        case statements.statement_kind
            when 'total' then recomputed.total
            when 'councils_with_zero' then recomputed.councils_at_zero
            when 'councils_without_principal_ot' then recomputed.councils_at_zero
            else recomputed.councils_above_zero
        end as recomputed_value
    from statements
    inner join recomputed
        on
            statements.source_document = recomputed.source_document
            and statements.geography_type = recomputed.geography_type
            and statements.geography_name = recomputed.geography_name
            and statements.subject = recomputed.subject
            and coalesce(statements.field, '') = coalesce(recomputed.field, '')

),

total_rows as (

    select * from {{ ref('int_totals__compared') }}
    where is_current

),

row_of_council as (

    select
        rows_known.source_document,
        rows_known.figure,
        rows_known.organisation_code,
        rows_known.organisation_name,
        rows_known.submission_id,
        rows_known.source_file,
        rows_known.source_sheet,
        rows_known.source_row
    from {{ ref('int_organisations__rows') }} as rows_known
    where rows_known.is_current

),

-- Where a council's own return has taken the place of its row, the rows left cannot be held against the report.
displaced as (

    select distinct
        rows_known.source_document,
        rows_known.figure
    from {{ ref('int_organisations__rows') }} as rows_known
    inner join {{ ref('int_submissions__figures') }} as figures
        on
            rows_known.submission_id = figures.submission_id
            and rows_known.source_document = figures.source_document
            and rows_known.figure = figures.figure
            and figures.is_current
    where not rows_known.is_current and rows_known.organisation_code is not null

),

subjects as (

    select
        return_group as subject,
        figure,
        lower(return_group_name) as subject_name
    from return_groups
    union all
    select
        'pipeline',
        'Figure 23',
        'students and apprentices'
    union all
    select
        'pay',
        'Figure 25',
        'pay scales'
    union all
    select
        'leadership',
        'Principal OT list',
        'principal occupational therapists'

),

differs as (

    select
        'stated_figure_differs' as rule_id,
        cast(null as varchar) as severity_here,
        documents.source,
        held_against.source_document,
        row_of_council.organisation_code,
        row_of_council.organisation_name as organisation_as_written,
        documents.as_at_date,
        subjects.figure,
        held_against.field,
        row_of_council.submission_id,
        row_of_council.source_file,
        coalesce(row_of_council.source_sheet, subjects.figure) as source_sheet,
        row_of_council.source_row,
        cast(null as varchar) as source_cell,
        {{ as_written('cast(held_against.stated_value as decimal(18, 4))') }} as value,
        'section ' || held_against.section || ' of the report gives '
        || case when held_against.is_approximate then 'about ' else '' end
        || {{ as_written('cast(held_against.stated_value as decimal(18, 4))') }}
        || case held_against.statement_kind
            when 'total'
                then
                    ' for the number of '
                    || case
                        when held_against.subject = 'pipeline' then {{ in_a_sentence('fields.field_name') }}
                        else subjects.subject_name
                    end
                    || ' (' || held_against.geography_name || ')'
            when 'councils_with_value_above_zero'
                then ' as the number of councils with ' || {{ in_a_sentence('fields.field_name') }}
            when 'councils_with_zero' then ' as the number of councils with no ' || {{ in_a_sentence('fields.field_name') }}
            when 'councils_with_temporary_funding'
                then ' as the number of councils with temporary funding for their ' || subjects.subject_name
            when 'councils_on_agenda_for_change' then ' as the number of councils on Agenda for Change pay'
            when 'councils_without_principal_ot'
                then ' as the number of councils without a principal occupational therapist'
        end
        || ', but the rows of ' || subjects.figure || ' give '
        || {{ as_written('cast(held_against.recomputed_value as decimal(18, 4))') }} || '.'
        || coalesce(' ' || held_against.note, '') as message,
        'The rows are counted. Ask the publisher which of the two is right.' as suggestion,
        true as is_current,
        figures.received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from held_against
    inner join documents on held_against.source_document = documents.source_document
    inner join subjects on held_against.subject = subjects.subject
    inner join {{ ref('int_submissions__figures') }} as figures
        on
            held_against.source_document = figures.source_document
            and subjects.figure = figures.figure
            and figures.is_current
    left join {{ ref('measure_fields') }} as fields on held_against.field = fields.field
    left join row_of_council
        on
            held_against.geography_type = 'council'
            and held_against.source_document = row_of_council.source_document
            and subjects.figure = row_of_council.figure
            and held_against.geography_name = row_of_council.organisation_name
    left join displaced
        on held_against.source_document = displaced.source_document and subjects.figure = displaced.figure
    where
        held_against.is_comparable
        and held_against.recomputed_value <> held_against.stated_value
        and displaced.figure is null

),

disagreeing as (

    select
        source_document,
        geography_type,
        geography_name,
        subject,
        field,
        string_agg(
            {{ as_written('cast(stated_value as decimal(18, 4))') }} || ' (' || section || ')', ' and '
            order by stated_value
        ) as statements_made
    from statements
    where statement_kind = 'total'
    group by source_document, geography_type, geography_name, subject, field
    having count(distinct stated_value) > 1

),

disagree as (

    select
        'stated_figures_disagree' as rule_id,
        cast(null as varchar) as severity_here,
        documents.source,
        disagreeing.source_document,
        cast(null as varchar) as organisation_code,
        total_rows.total_as_written as organisation_as_written,
        documents.as_at_date,
        subjects.figure,
        disagreeing.field,
        total_rows.submission_id,
        total_rows.source_file,
        total_rows.source_sheet,
        total_rows.source_row,
        total_rows.source_cell,
        disagreeing.statements_made as value,
        'the report gives two numbers for the ' || {{ in_a_sentence('fields.field_name') }} || ' of '
        || subjects.subject_name || ' in the ' || disagreeing.geography_name || ': ' || disagreeing.statements_made || '.'
        || case
            when total_rows.is_comparable
                then ' The rows add up to ' || {{ as_written('total_rows.rows_total') }} || '.'
            else
                ' Only ' || total_rows.rows_with_number || ' of ' || total_rows.rows_in_block
                || ' rows can be read (they add up to ' || {{ as_written('total_rows.rows_total') }}
                || '), so neither can be confirmed.'
        end as message,
        'Ask the publisher which of the two is right. Neither is used.' as suggestion,
        true as is_current,
        total_rows.received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from disagreeing
    inner join documents on disagreeing.source_document = documents.source_document
    inner join subjects on disagreeing.subject = subjects.subject
    inner join {{ ref('measure_fields') }} as fields on disagreeing.field = fields.field
    inner join total_rows
        on
            disagreeing.source_document = total_rows.source_document
            and subjects.figure = total_rows.figure
            and disagreeing.geography_name = total_rows.region_block
            and disagreeing.field = total_rows.field

),

managers_rows as (

    select * from row_of_council
    where figure = 'Figure 22'

),

contradicted as (

    select
        'principal_ot_contradicts_managers' as rule_id,
        cast(null as varchar) as severity_here,
        leadership.source,
        leadership.source_document,
        leadership.organisation_code,
        leadership.organisation_name as organisation_as_written,
        leadership.as_at_date,
        'Figure 22' as figure,
        'headcount' as field,
        managers_rows.submission_id,
        managers_rows.source_file,
        managers_rows.source_sheet,
        managers_rows.source_row,
        cast(null as varchar) as source_cell,
        cast(leadership.managers_headcount as varchar) as value,
        'no manager is counted, principal occupational therapists included, yet the council is '
        || case when leadership.value_status = 'derived' then 'not among those named as being without one' else 'said to have one' end
        || '. One of the two must be wrong.' as message,
        'Ask the council whether it has a principal occupational therapist, and correct the row or the list.' as suggestion,
        true as is_current,
        figures.received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from leadership
    inner join managers_rows
        on
            leadership.source_document = managers_rows.source_document
            and leadership.organisation_code = managers_rows.organisation_code
    inner join {{ ref('int_submissions__figures') }} as figures
        on
            leadership.source_document = figures.source_document
            and figures.figure = 'Figure 22'
            and figures.is_current
    where leadership.has_principal_ot and leadership.managers_headcount = 0

)

{% for finding in ['differs', 'disagree', 'contradicted'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
