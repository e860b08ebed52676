{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant', 'fte_agency', 'fte_outsourced',
    'headcount_seconded', 'headcount_top_of_band', 'pay_minimum', 'pay_maximum', 'pay_supplement'] %}
{% set lists = {'return_group': 'return_group', 'profession': 'profession', 'level': 'level',
    'registered': 'yes_no_not_known', 'employer': 'employer', 'funder': 'funder', 'funding_stream': 'funding_stream'} %}

with

cells as (

    select * from {{ ref('stg_council_returns__return_workforce_cells') }}

),

numbers as (

    select * from {{ ref('int_workforce__cells') }}
    where is_own_return

),

choices as (

    select * from {{ ref('int_returns__choices') }}

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}
    where is_own_return and figure = 'Workforce'

),

scopes as (

    select
        submission_id,
        max(case when field = 'service_age_scope' then answer end) as service_age_scope,
        max(case when field = 'pay_year' then answer end) as pay_year
    from {{ ref('int_returns__answers') }}
    group by submission_id

),

texts as (

    select
        submission_id,
        source_sheet,
        source_row,
        {% for field in ['job_title', 'grade', 'note'] %}
        nullif(max(case when field = '{{ field }}' then cell_text end), '') as {{ field }},
        {% endfor %}
        {% for field in lists %}
        nullif(max(case when field = '{{ field }}' then cell_text end), '') as {{ field }}_as_written,
        {% endfor %}
        nullif(max(case when field = 'funding_end_date' then cell_text end), '') as funding_end_date_as_written,
        max(case when field = 'funding_end_date' then date_read end) as funding_end_date,
        -- The pay of a row as a person reads it, whatever of it can be used.
        nullif(
            concat_ws(
                ' to ',
                nullif(max(case when field = 'pay_minimum' then cell_text end), ''),
                nullif(max(case when field = 'pay_maximum' then cell_text end), '')
            ),
            ''
        ) as pay_as_written,
        nullif(max(case when field = 'pay_supplement' then cell_text end), '') as pay_supplement_as_written,
        min(case when field = 'job_title' then source_cell end) as job_title_cell,
        min(case when field = 'pay_minimum' then source_cell end) as pay_minimum_cell
    from cells
    group by submission_id, source_sheet, source_row

),

values_used as (

    select
        submission_id,
        source_sheet,
        source_row,
        {% for measure in measures %}
        max(case when field = '{{ measure }}' then value_used end) as {{ measure }},
        max(case when field = '{{ measure }}' then value_status end) as {{ measure }}_status,
        {% endfor %}
        nullif(string_agg(distinct value_note, '; ' order by value_note), '') as value_note
    from numbers
    where figure = 'Workforce'
    group by submission_id, source_sheet, source_row

)

select
    council_rows.submission_id,
    council_rows.source,
    council_rows.source_document,
    council_rows.figure,
    council_rows.counts_as_figure,
    council_rows.source_file,
    council_rows.source_sheet,
    council_rows.source_row,
    council_rows.council_as_written,
    council_rows.organisation_code,
    council_rows.organisation_name,
    council_rows.as_at_date,
    council_rows.is_current,
    council_rows.recency,
    council_rows.received_at,
    council_rows.superseded_at,
    texts.* exclude (submission_id, source_sheet, source_row),
    {% for field in lists %}
    {{ field }}_choices.code as {{ field }},
    {% endfor %}
    values_used.* exclude (submission_id, source_sheet, source_row),
    scopes.service_age_scope,
    scopes.pay_year
from council_rows
inner join texts
    on
        council_rows.submission_id = texts.submission_id
        and council_rows.source_sheet = texts.source_sheet
        and council_rows.source_row = texts.source_row
inner join values_used
    on
        council_rows.submission_id = values_used.submission_id
        and council_rows.source_sheet = values_used.source_sheet
        and council_rows.source_row = values_used.source_row
left join scopes on council_rows.submission_id = scopes.submission_id
{% for field, choice_list in lists.items() %}
left join choices as {{ field }}_choices
    on
        {{ field }}_choices.choice_list = '{{ choice_list }}'
        and {{ normalised_name('texts.' ~ field ~ '_as_written') }} = {{ field }}_choices.label_normalised
{% endfor %}
