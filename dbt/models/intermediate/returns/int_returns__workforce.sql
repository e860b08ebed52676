{% set measures = ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}

with

coded_rows as (

    select * from {{ ref('int_returns__coded_rows') }}

),

statements as (

    select * from {{ ref('int_returns__answers') }}
    where return_group is not null

),

claims as (

    select * from {{ ref('int_submissions__claims') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

scopes as (

    select
        submission_id,
        max(case when field = 'service_age_scope' then answer end) as service_age_scope
    from {{ ref('int_returns__answers') }}
    group by submission_id

),

-- How bad it is when a number is missing; the worst of several rows is what their sum is worth.
statuses as (

    select
        value_status,
        sort_order
    from {{ ref('value_statuses') }}

),

summed as (

    select
        coded_rows.submission_id,
        coded_rows.source,
        coded_rows.source_document,
        coded_rows.figure,
        coded_rows.organisation_code,
        coded_rows.organisation_name,
        coded_rows.as_at_date,
        coded_rows.is_current,
        coded_rows.recency,
        coded_rows.received_at,
        coded_rows.superseded_at,
        coded_rows.return_group,
        coded_rows.role_group,
        coded_rows.role_code,
        string_agg(distinct coded_rows.coding_basis, ', ' order by coded_rows.coding_basis) as coding_basis,
        coalesce(coded_rows.profession, coded_rows.group_profession) as profession,
        case coded_rows.registered
            when 'yes' then 'registered'
            when 'no' then 'non_registered'
            when 'not_known' then 'unknown'
            else coded_rows.group_registration
        end as registration,
        coalesce(coded_rows.employer, 'not_stated') as employer,
        coalesce(coded_rows.funder, 'not_stated') as funder,
        coded_rows.service_age_scope,
        {% for measure in measures %}
        cast({{ whole_sum(measure) }} as decimal(18, 4)) as {{ measure }},
        {% if measure in ('headcount', 'fte') %}
        arg_max(coded_rows.{{ measure }}_status, {{ measure }}_statuses.sort_order) as {{ measure }}_status,
        {% else %}
        coalesce(
            arg_max(coded_rows.{{ measure }}_status, {{ measure }}_statuses.sort_order)
            filter (where coded_rows.{{ measure }}_status <> 'not_applicable'),
            'not_applicable'
        ) as {{ measure }}_status,
        {% endif %}
        {% endfor %}
        nullif(string_agg(distinct coded_rows.value_note, '; ' order by coded_rows.value_note), '') as value_note,
        nullif(string_agg(distinct coded_rows.note, '; ' order by coded_rows.note), '') as note,
        count(*) as rows_summed,
        min(coded_rows.source_file) as source_file,
        min(coded_rows.source_sheet) as source_sheet,
        min(coded_rows.source_row) as source_row
    from coded_rows
    {% for measure in measures %}
    left join statuses as {{ measure }}_statuses on coded_rows.{{ measure }}_status = {{ measure }}_statuses.value_status
    {% endfor %}
    group by all

),

listed as (

    select
        submission_id,
        return_group,
        sum(rows_summed) as rows_listed
    from summed
    group by submission_id, return_group

),

-- A group without a row is zero only where the cover says that there are none.
stated as (

    select
        statements.submission_id,
        statements.organisation_code,
        statements.organisation_name,
        statements.as_at_date,
        statements.source_document,
        statements.source_file,
        statements.source_sheet,
        statements.source_row,
        statements.return_group,
        statements.answer,
        statements.note,
        coalesce(listed.rows_listed, 0) as rows_listed
    from statements
    left join listed
        on statements.submission_id = listed.submission_id and statements.return_group = listed.return_group

),

stated_without_rows as (

    select
        stated.submission_id,
        documents.source,
        stated.source_document,
        'Workforce' as figure,
        stated.organisation_code,
        stated.organisation_name,
        stated.as_at_date,
        claims.is_current,
        claims.recency,
        claims.received_at,
        claims.superseded_at,
        stated.return_group,
        return_groups.role_group,
        return_groups.role_code,
        'declared group' as coding_basis,
        return_groups.profession,
        return_groups.registration,
        'not_stated' as employer,
        'not_stated' as funder,
        scopes.service_age_scope,
        {% for measure in measures %}
        case when stated.answer = 'none' then 0 end as {{ measure }},
        case when stated.answer = 'none' then 'zero_stated' else 'cannot_quantify' end as {{ measure }}_status,
        {% endfor %}
        cast(null as varchar) as value_note,
        stated.note,
        0 as rows_summed,
        stated.source_file,
        stated.source_sheet,
        stated.source_row
    from stated
    inner join return_groups on stated.return_group = return_groups.return_group
    inner join claims
        on
            stated.submission_id = claims.submission_id
            and stated.as_at_date = claims.as_at_date
            and stated.organisation_code = claims.organisation_code
            and return_groups.figure = claims.figure
    inner join {{ ref('stg_store__documents') }} as documents on stated.source_document = documents.source_document
    left join scopes on stated.submission_id = scopes.submission_id
    where stated.rows_listed = 0 and stated.answer in ('none', 'cannot_quantify')

),

-- Where the cover says there are none, or that they cannot be counted, and rows are listed all the same, neither holds.
checked as (

    select
        summed.* replace (
            {% for measure in measures %}
            case when coalesce(stated.answer, 'listed') = 'listed' then summed.{{ measure }} end as {{ measure }},
            case
                when coalesce(stated.answer, 'listed') = 'listed' then summed.{{ measure }}_status
                else 'contradictory'
            end as {{ measure }}_status{{ ',' if not loop.last }}
            {% endfor %}
        )
    from summed
    left join stated on summed.submission_id = stated.submission_id and summed.return_group = stated.return_group

)

select * from checked
union all by name
select * from stated_without_rows
