-- A later submission that moves a council's number far, or takes the place of one of the other kind that says otherwise:
-- right or wrong, somebody should look. So it is with an extract of people that is far shorter or longer than another.
with

cells as (

    select * from {{ ref('int_workforce__cells') }}
    where organisation_code is not null and not is_own_return

),

fields as (

    select * from {{ ref('measure_fields') }}

),

return_groups as (

    select * from {{ ref('return_groups') }}

),

policies as (

    select
        max(case when policy = 'large_change_share' then value end) as large_change_share,
        max(case when policy = 'large_change_minimum' then value end) as large_change_minimum
    from {{ ref('policies') }}

),

-- A council's own return may list other titles than the one before, so its groups are held against each other.
own_groups as (

    {% for measure in ['headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant'] %}
    select
        submission_id,
        source,
        source_document,
        figure,
        organisation_code,
        organisation_name,
        as_at_date,
        return_group,
        recency,
        min(source_file) as source_file,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row,
        bool_or(is_current) as is_current,
        min(received_at) as received_at,
        max(superseded_at) as superseded_at,
        '{{ measure }}' as field,
        {{ whole_sum(measure) }} as value_used
    from {{ ref('int_returns__workforce') }}
    group by submission_id, source, source_document, figure, organisation_code, organisation_name, as_at_date, return_group, recency
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

own_compared as (

    select
        *,
        organisation_name as council_as_written,
        lead(value_used ignore nulls) over submissions_of_the_group as value_before
    from own_groups
    window submissions_of_the_group as (
        partition by as_at_date, organisation_code, return_group, field order by recency
    )

),

own_findings as (

    select
        'large_change' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('own_compared') }},
        own_compared.return_group || ', ' || own_compared.field as field,
        cast(null as varchar) as source_cell,
        {{ as_written('own_compared.value_used') }} as value,
        {{ in_a_sentence('fields.field_name') }} || ' of the group ' || lower(return_groups.return_group_name) || ' was '
        || {{ as_written('own_compared.value_before') }} || ' in the submission before and is '
        || coalesce({{ as_written('own_compared.value_used') }}, 'not known') || ' now.' as message,
        'Check the rows of the group. When the new number is right, say why under Accepted warnings.' as suggestion
    from own_compared
    inner join fields on own_compared.field = fields.field
    inner join return_groups on own_compared.return_group = return_groups.return_group
    cross join policies
    where
        (own_compared.value_used is null and own_compared.value_before > 0)
        or (
            abs(own_compared.value_used - own_compared.value_before) >= policies.large_change_minimum
            and abs(own_compared.value_used - own_compared.value_before)
            >= policies.large_change_share * own_compared.value_before
        )

),

standing as (

    select distinct submission_id from {{ ref('int_submissions__arrivals') }}
    where stands_until is null

),

-- What a collation and a council's own return each say of a group.
group_numbers as (

    select
        submission_id,
        source,
        source_document,
        figure,
        organisation_code,
        organisation_name as council_as_written,
        as_at_date,
        return_group,
        field,
        value_used,
        recency,
        source_file,
        source_sheet,
        source_row,
        is_current,
        received_at,
        superseded_at,
        true as is_own_return
    from own_groups
    union all
    select
        cells.submission_id,
        cells.source,
        cells.source_document,
        cells.figure,
        cells.organisation_code,
        min(cells.council_as_written) as council_as_written,
        cells.as_at_date,
        return_groups.return_group,
        cells.field,
        max(cells.value_used) as value_used,
        cells.recency,
        min(cells.source_file) as source_file,
        min(cells.source_sheet) as source_sheet,
        min(cells.source_row) as source_row,
        bool_or(cells.is_current) as is_current,
        min(cells.received_at) as received_at,
        max(cells.superseded_at) as superseded_at,
        false as is_own_return
    from cells
    inner join return_groups on cells.figure = return_groups.figure
    group by
        cells.submission_id, cells.source, cells.source_document, cells.figure, cells.organisation_code, cells.as_at_date,
        return_groups.return_group, cells.field, cells.recency

),

kinds_compared as (

    select
        later.*,
        earlier.value_used as value_before,
        regexp_extract(later.source_file, '[^/]+$') as file_name,
        regexp_extract(earlier.source_file, '[^/]+$') as file_name_before
    from group_numbers as later
    inner join group_numbers as earlier
        on
            later.organisation_code = earlier.organisation_code
            and later.as_at_date = earlier.as_at_date
            and later.return_group = earlier.return_group
            and later.field = earlier.field
            and later.is_own_return <> earlier.is_own_return
            and later.recency < earlier.recency
    -- What was taken back, or only stood in, is nothing to hold a number against.
    inner join standing on earlier.submission_id = standing.submission_id
    qualify
        row_number() over (
            partition by
                later.submission_id, later.organisation_code, later.as_at_date, later.return_group, later.field
            order by earlier.recency
        ) = 1

),

-- One word has been put for another, and whatever the size of the difference nobody may have looked at it.
differing_kinds as (

    select
        {{ finding_row('kinds_compared') }},
        kinds_compared.return_group,
        kinds_compared.is_own_return,
        kinds_compared.file_name,
        kinds_compared.file_name_before,
        string_agg(kinds_compared.field, ', ' order by kinds_compared.field) as fields,
        string_agg(
            {{ in_a_sentence('fields.field_name') }} || ' was ' || {{ as_written('kinds_compared.value_before') }} || ' and is '
            || coalesce({{ as_written('kinds_compared.value_used') }}, 'not known'),
            ', ' order by kinds_compared.field
        ) as differences
    from kinds_compared
    inner join fields on kinds_compared.field = fields.field
    where
        kinds_compared.value_before is not null
        and kinds_compared.value_used is distinct from kinds_compared.value_before
    group by all

),

kind_findings as (

    select
        'large_change' as rule_id,
        cast(null as varchar) as severity_here,
        differing_kinds.*,
        differing_kinds.return_group || ', ' || differing_kinds.fields as field,
        cast(null as varchar) as source_cell,
        cast(null as varchar) as value,
        -- A council accepts the very words of a warning, so the name of its own next file must not change them.
        case
            when differing_kinds.is_own_return
                then 'the council''s own return takes the place of the collation ''' || differing_kinds.file_name_before || ''''
            else
                'the collation ''' || differing_kinds.file_name || ''' takes the place of the council''s own return '''
                || differing_kinds.file_name_before || ''', because it came later'
        end
        || ', and the two differ on the group ' || lower(return_groups.return_group_name) || ': '
        || differing_kinds.differences || ' now.' as message,
        case
            when differing_kinds.is_own_return
                then 'Check which of the two holds. When the return does, say why under Accepted warnings.'
            else
                'Ask the council which of the two holds. When its own return does, put it in the landing folder again, '
                || 'under a new name, so that it counts.'
        end as suggestion
    from differing_kinds
    inner join return_groups on differing_kinds.return_group = return_groups.return_group

),

compared as (

    select
        *,
        lead(value_used ignore nulls) over submissions_of_the_cell as value_before
    from cells
    window submissions_of_the_cell as (
        partition by source_document, figure, organisation_code, field order by recency
    )

),

extract_changes as (

    select
        *,
        case landed_table
            when 'asc_wds_workers' then 'worker records'
            when 'asc_wds_workplaces' then 'workplaces'
            else 'assignments'
        end as counted,
        lag(reason) over (partition by landed_table, organisation_code, is_doubted order by as_at_date) = 'fewer_than_the_day_before'
        and lag(as_at_date) over (partition by landed_table, organisation_code, is_doubted order by as_at_date) = compared_day
            as was_short_before
    from {{ ref('int_people__extract_changes') }}

),

extract_findings as (

    select
        'large_change' as rule_id,
        -- A file for a few of the organisations is as good as one for all: the others stay in force.
        case when reason = 'left_out_of_a_file_of_the_day' then 'info' end as severity_here,
        source,
        source_document,
        organisation_code,
        organisation_name as organisation_as_written,
        as_at_date,
        case landed_table
            when 'asc_wds_workers' then 'Worker records'
            when 'asc_wds_workplaces' then 'Workplaces'
            else 'Staff in post'
        end as figure,
        counted as field,
        submission_id,
        source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        cast(rows_now as varchar) as value,
        case reason
            when 'fewer_than_the_file_replaced'
                then
                    'the extract has ' || rows_now || ' ' || counted || '. The file that it took the place of, '''
                    || regexp_extract(compared_file, '[^/]+$') || ''' of the same day, had ' || rows_before
                    || '. Whoever is missing from the file is missing from every count of the day.'
            when 'fewer_than_the_day_before'
                then
                    'the extract has ' || rows_now || ' ' || counted || ', and that of '
                    || strftime(compared_day, '%d/%m/%Y') || ' had ' || rows_before
                    || '. Leavers between the two days may be people who are only missing from the file.'
            when 'more_than_the_day_before'
                then
                    'the extract has ' || rows_now || ' ' || counted || ', and that of '
                    || strftime(compared_day, '%d/%m/%Y') || ' had ' || rows_before
                    || '. Joiners between the two days may be people who were only missing from the earlier file.'
            when 'left_out_of_a_file_of_the_day'
                then
                    'the file ''' || regexp_extract(source_file, '[^/]+$') || ''' of ' || strftime(as_at_date, '%d/%m/%Y')
                    || ' leaves the organisation out, which stood with others of it in '''
                    || regexp_extract(compared_file, '[^/]+$') || '''. Its ' || counted || ' of that file, ' || rows_before
                    || ', stay in force.'
            else
                'the file ''' || regexp_extract(source_file, '[^/]+$') || ''' of ' || strftime(as_at_date, '%d/%m/%Y')
                || ' leaves the organisation out, which had ' || rows_before || ' ' || counted || ' on '
                || strftime(compared_day, '%d/%m/%Y') || '. Nothing is known of it since.'
        end as message,
        case reason
            when 'left_out_of_a_file_of_the_day'
                then 'Nothing to do where only some organisations were sent again; otherwise send the whole extract again.'
            when 'more_than_the_day_before'
                then
                    'Check whether the earlier extract was whole, and send it again if not. If the number is right, enter the '
                    || 'reason as an explained change.'
            else
                'Send the whole extract again. If the number is right, enter the reason as an explained change.'
        end as suggestion,
        true as is_current,
        received_at as seen_at,
        cast(null as timestamp) as superseded_at
    from extract_changes
    -- Who has been found missing and is back is no news.
    where reason <> 'more_than_the_day_before' or not coalesce(was_short_before, false)

),

findings as (

    select
        'large_change' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('compared') }},
        compared.field,
        compared.source_cell,
        compared.cell_text as value,
        {{ in_a_sentence('fields.field_name') }} || ' was ' || {{ as_written('compared.value_before') }}
        || ' in the submission before and is '
        || coalesce(
            {{ as_written('compared.value_used') }},
            '''' || nullif(compared.cell_text, '') || ''', which cannot be used,',
            'not given'
        ) || ' now.' as message,
        'Confirm the new number with the council, or send the file again with the right one.' as suggestion
    from compared
    inner join fields on compared.field = fields.field
    cross join policies
    where
        (compared.value_used is null and compared.value_before > 0)
        or (
            abs(compared.value_used - compared.value_before) >= policies.large_change_minimum
            and abs(compared.value_used - compared.value_before) >= policies.large_change_share * compared.value_before
        )

)

select {{ finding_columns() }} from findings
union all
select {{ finding_columns() }} from own_findings
union all
select {{ finding_columns() }} from kind_findings
union all
select {{ finding_columns() }} from extract_findings
