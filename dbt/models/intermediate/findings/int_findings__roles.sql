-- Titles of councils' own returns that contradict what stands beside them, and titles that count as different roles.
with

return_rows as (

    select * from {{ ref('int_returns__coded_rows') }}
    where job_title is not null

),

uses as (

    select * from {{ ref('int_roles__uses') }}
    where is_newest_day

),

arrivals as (

    select
        submission_id,
        min(arrived_at) as first_arrived_at
    from {{ ref('int_submissions__arrivals') }}
    group by submission_id

),

role_names as (

    select
        role_code,
        lower(role_name) as role_name
    from {{ ref('role_codes') }}

),

coded as (

    select * from {{ ref('int_roles__decided') }}

),

title_contradicted as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('return_rows') }},
        'job_title' as field,
        return_rows.job_title_cell as source_cell,
        concat_ws(', ', return_rows.job_title, return_rows.grade) as value,
        case
            when return_rows.is_title_contradictory
                then
                    'the title ''' || return_rows.job_title || '''' || coalesce(' with the grade ' || return_rows.grade, '')
                    || ' contradicts itself'
            when return_rows.title_role_code = 'out_of_scope'
                then
                    'the title ''' || return_rows.job_title || ''' is no therapy role, and the row stands in the group '
                    || return_rows.return_group_name
            when not return_rows.group_holds_title
                then
                    'the title ''' || return_rows.job_title || ''' says ' || role_names.role_name
                    || ', and the row stands in the group ' || return_rows.return_group_name || ', which does not hold that role'
            else
                'the title ''' || return_rows.job_title || ''' says ' || role_names.role_name || ', and the level given is '
                || return_rows.level_as_written
        end || '. The row counts in its group, without a role.' as message,
        case
            when return_rows.title_role_code in ('apprentice', 'student')
                then 'Give students and apprentices on the sheet for learners, or correct the title.'
            else 'Check title, group and level; the person specification of the post settles which of them does not fit.'
        end as suggestion
    from return_rows
    left join role_names on return_rows.title_role_code = role_names.role_code
    where return_rows.is_title_contradicted

),

profession_contradicted as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('return_rows') }},
        'profession' as field,
        return_rows.job_title_cell as source_cell,
        concat_ws(', ', return_rows.job_title, return_rows.profession_as_written) as value,
        'the title ''' || return_rows.job_title || ''' names ' || replace(return_rows.title_profession, '_', ' ')
        || ', and the row is given as '
        || lower(coalesce(return_rows.profession_as_written, return_rows.return_group_name))
        || '. It counts as given.' as message,
        'Check the profession and the group against the title; the register of the profession settles it.' as suggestion
    from return_rows
    where
        return_rows.title_profession not in ('none', 'generic_therapy')
        and coalesce(return_rows.profession, return_rows.group_profession) not in ('none', 'generic_therapy')
        and return_rows.title_profession <> coalesce(return_rows.profession, return_rows.group_profession)
        -- Occupational therapy teams employ assistants of every kind.
        and return_rows.group_registration = 'registered'

),

role_unknown as (

    select
        'role_uncoded' as rule_id,
        'info' as severity_here,
        {{ finding_row('return_rows') }},
        'job_title' as field,
        return_rows.job_title_cell as source_cell,
        concat_ws(', ', return_rows.job_title, return_rows.grade) as value,
        'the title ''' || return_rows.job_title || ''' gives no role, no level is given, and the group '
        || return_rows.return_group_name || ' spans several. The row counts in its group, without a role.' as message,
        'Choose a level for the row, or write a title that says it.' as suggestion
    from return_rows
    -- A plain title that counts as experienced by convention is no gap, where a person looks for one.
    where
        return_rows.role_group is null
        and return_rows.role_code is null
        and return_rows.title_role_code = 'uncoded'

),

-- The same title and band in the newest numbers of two organisations, or twice in one, with different roles.
titles_used as (

    select
        uses.*,
        coded.title_plain,
        coded.profession,
        regexp_extract(coded.signature, 'band_[a-z0-9_]+') as band_fact
    from uses
    inner join coded
        on
            uses.title_raw = coded.title_raw
            and uses.band_or_grade is not distinct from coded.band_or_grade
            and uses.employer_type = coded.employer_type
    where uses.role_code is not null and uses.role_code not in ('uncoded', 'out_of_scope') and not uses.is_contradicted

),

differing as (

    select
        title_plain,
        employer_type,
        band_fact,
        count(distinct organisation_code) as organisations,
        string_agg(distinct role_names.role_name, ' and ' order by role_names.role_name) as roles
    from titles_used
    inner join role_names on titles_used.role_code = role_names.role_code
    group by title_plain, employer_type, band_fact
    having count(distinct titles_used.role_code) > 1

),

coded_differently as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        titles_used.source,
        titles_used.source_document,
        titles_used.organisation_code,
        titles_used.organisation_name as organisation_as_written,
        titles_used.as_at_date,
        cast(null as varchar) as figure,
        titles_used.submission_id,
        titles_used.source_file,
        titles_used.source_sheet,
        cast(titles_used.source_row as bigint) as source_row,
        true as is_current,
        arrivals.first_arrived_at as seen_at,
        cast(null as timestamp) as superseded_at,
        'other_organisations' as field,
        titles_used.source_cell,
        concat_ws(', ', titles_used.title_raw, titles_used.band_or_grade) as value,
        'the title ''' || titles_used.title_raw || ''' counts as ' || role_names.role_name || ' here; in '
        || differing.organisations
        || case when differing.organisations = 1 then ' organisation' else ' organisations' end
        || ' it counts as ' || differing.roles || '.' as message,
        'Agree which role the title stands for, and record it with ahp roles review and ahp roles accept.' as suggestion
    from titles_used
    inner join differing
        on
            titles_used.title_plain = differing.title_plain
            and titles_used.employer_type = differing.employer_type
            and titles_used.band_fact = differing.band_fact
    inner join role_names on titles_used.role_code = role_names.role_code
    inner join arrivals on titles_used.submission_id = arrivals.submission_id

)

{% for finding in ['title_contradicted', 'profession_contradicted', 'role_unknown', 'coded_differently'] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
