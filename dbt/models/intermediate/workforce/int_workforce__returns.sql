with

cells as (

    select * from {{ ref('int_workforce__cells') }}
    where is_current and organisation_code is not null and not is_own_return

),

own_returns as (

    select * from {{ ref('int_returns__workforce') }}
    where is_current

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

documents as (

    select * from {{ ref('stg_store__documents') }}

),

{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

pivoted as (

    select
        source,
        source_document,
        figure,
        organisation_code,
        organisation_name,
        as_at_date,
        submission_id,
        min(source_file) as source_file,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row,
        {% for measure in measures %}
        max(case when field = '{{ measure }}' then value_used end) as {{ measure }},
        max(case when field = '{{ measure }}' then value_status end) as {{ measure }}_status,
        {% endfor %}
        nullif(string_agg(distinct value_note, '; ' order by value_note), '') as value_note,
        nullif(max(transcription_note), '') as transcription_note
    from cells
    group by source, source_document, figure, organisation_code, organisation_name, as_at_date, submission_id

),

collated as (

    select
        pivoted.*,
        return_groups.return_group,
        return_groups.role_group,
        return_groups.role_code,
        'declared group' as coding_basis,
        return_groups.profession,
        return_groups.registration,
        documents.employer,
        documents.funder,
        documents.service_age_scope
    from pivoted
    inner join return_groups on pivoted.figure = return_groups.figure
    inner join documents on pivoted.source_document = documents.source_document

)

select * from collated
union all
select
    source,
    source_document,
    figure,
    organisation_code,
    organisation_name,
    as_at_date,
    submission_id,
    source_file,
    source_sheet,
    source_row,
    {% for measure in measures %}
    {{ measure }},
    {{ measure }}_status,
    {% endfor %}
    value_note,
    note as transcription_note,
    return_group,
    role_group,
    role_code,
    coding_basis,
    profession,
    registration,
    employer,
    funder,
    service_age_scope
from own_returns
