-- Titles of councils' own returns that contradict what stands beside them, and titles that count as different roles.
with

return_rows as (

    select * from {{ ref('int_returns__coded_rows') }}
    where job_title is not null

),

uses_of_all_days as (

    select * from {{ ref('int_roles__uses') }}

),

uses as (

    select * from uses_of_all_days
    where is_newest_day

),

policies as (

    select max(case when policy = 'role_pay_outside_band_share' then value end) as outside_band_share
    from {{ ref('policies') }}

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

-- Where each use of a title stands; the same for every finding about it.
title_rows as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        titles_used.* exclude (source_row),
        titles_used.organisation_name as organisation_as_written,
        cast(null as varchar) as figure,
        cast(titles_used.source_row as bigint) as source_row,
        true as is_current,
        arrivals.first_arrived_at as seen_at,
        cast(null as timestamp) as superseded_at,
        concat_ws(', ', titles_used.title_raw, titles_used.band_or_grade) as value,
        role_names.role_name
    from titles_used
    inner join role_names on titles_used.role_code = role_names.role_code
    inner join arrivals on titles_used.submission_id = arrivals.submission_id

),

coded_differently as (

    select
        title_rows.*,
        'other_organisations' as field,
        'the title ''' || title_rows.title_raw || ''' counts as ' || title_rows.role_name || ' here; in '
        || differing.organisations
        || case when differing.organisations = 1 then ' organisation' else ' organisations' end
        || ' it counts as ' || differing.roles || '.' as message,
        'Agree which role the title stands for, and record it with ahp roles review and ahp roles accept.' as suggestion
    from title_rows
    inner join differing
        on
            title_rows.title_plain = differing.title_plain
            and title_rows.employer_type = differing.employer_type
            and title_rows.band_fact = differing.band_fact

),

-- What the title and band counted as on the last day before the newest one of the organisation; it may be several roles.
coded_before as (

    select
        uses_of_all_days.source,
        uses_of_all_days.organisation_code,
        coded.title_plain,
        uses_of_all_days.employer_type,
        regexp_extract(coded.signature, 'band_[a-z0-9_]+') as band_fact,
        uses_of_all_days.as_at_date,
        list(distinct role_names.role_code) as role_codes,
        string_agg(distinct role_names.role_name, ' and ' order by role_names.role_name) as roles
    from uses_of_all_days
    inner join coded
        on
            uses_of_all_days.title_raw = coded.title_raw
            and uses_of_all_days.band_or_grade is not distinct from coded.band_or_grade
            and uses_of_all_days.employer_type = coded.employer_type
    inner join role_names on uses_of_all_days.role_code = role_names.role_code
    where
        not uses_of_all_days.is_newest_day
        and not uses_of_all_days.is_contradicted
        and uses_of_all_days.role_code not in ('uncoded', 'out_of_scope')
    group by
        uses_of_all_days.source, uses_of_all_days.organisation_code, coded.title_plain, uses_of_all_days.employer_type,
        regexp_extract(coded.signature, 'band_[a-z0-9_]+'), uses_of_all_days.as_at_date
    qualify
        uses_of_all_days.as_at_date = max(uses_of_all_days.as_at_date) over (
            partition by
                uses_of_all_days.source, uses_of_all_days.organisation_code, coded.title_plain,
                uses_of_all_days.employer_type, regexp_extract(coded.signature, 'band_[a-z0-9_]+')
        )

),

coded_differently_before as (

    select
        title_rows.*,
        'earlier_days' as field,
        'the title ''' || title_rows.title_raw || ''' counts as ' || title_rows.role_name || '; on '
        || strftime(coded_before.as_at_date, '%-d %B %Y') || ' it counted as ' || coded_before.roles || ' here.' as message,
        'Check whether the work has changed or the level was given differently; if neither, agree which role the title '
        || 'stands for, and record it with ahp roles review and ahp roles accept.' as suggestion
    from title_rows
    inner join coded_before
        on
            title_rows.source = coded_before.source
            and title_rows.organisation_code = coded_before.organisation_code
            and title_rows.title_plain = coded_before.title_plain
            and title_rows.employer_type = coded_before.employer_type
            and title_rows.band_fact = coded_before.band_fact
            and not list_contains(coded_before.role_codes, title_rows.role_code)

),

-- The pay of each row of a return in force, with the ends of the band that stands beside its role.
paid as (

    select
        submission_id,
        source_row,
        source_cell,
        role_code,
        pay_year,
        agenda_for_change_bands,
        max(case when comparison_point = 'entry' then council_pay end) as pay_minimum,
        max(case when comparison_point = 'top' then council_pay end) as pay_maximum,
        max(case when comparison_point = 'entry' then agenda_for_change_pay end) as band_minimum,
        max(case when comparison_point = 'top' then agenda_for_change_pay end) as band_maximum
    from {{ ref('pay_parity') }}
    where job_title is not null and role_code is not null
    group by submission_id, source_row, source_cell, role_code, pay_year, agenda_for_change_bands

),

pay_outside_band as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('return_rows') }},
        'pay_against_band' as field,
        paid.source_cell,
        return_rows.pay_as_written as value,
        'the row counts as ' || role_names.role_name || ', and its pay lies wholly '
        || case when paid.pay_minimum > paid.band_maximum then 'above' else 'below' end || ' that of Agenda for Change Band '
        || paid.agenda_for_change_bands || ' in ' || paid.pay_year || ' (' || {{ as_pounds('paid.band_minimum') }} || ' to '
        || {{ as_pounds('paid.band_maximum') }} || '), by more than '
        || cast(cast(100 * policies.outside_band_share as integer) as varchar) || '%. It counts as coded.' as message,
        'Check pay, level and title of the row; the evaluation of the job settles which of them does not fit.' as suggestion
    from return_rows
    inner join paid on return_rows.submission_id = paid.submission_id and return_rows.source_row = paid.source_row
    inner join role_names on paid.role_code = role_names.role_code
    cross join policies
    where
        paid.pay_minimum > paid.band_maximum * (1 + policies.outside_band_share)
        or paid.pay_maximum < paid.band_minimum * (1 - policies.outside_band_share)

),

others_paid as (

    select
        paid.submission_id,
        paid.source_row,
        min(others.pay_minimum) as others_minimum,
        max(others.pay_maximum) as others_maximum
    from paid
    inner join paid as others
        on
            paid.submission_id = others.submission_id
            and paid.role_code = others.role_code
            and paid.source_row <> others.source_row
    group by paid.submission_id, paid.source_row

),

pay_outside_own_range as (

    select
        'role_contradiction' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('return_rows') }},
        'pay_against_own_range' as field,
        paid.source_cell,
        return_rows.pay_as_written as value,
        'the row counts as ' || role_names.role_name || ', and its pay lies wholly '
        || case when paid.pay_minimum > others_paid.others_maximum then 'above' else 'below' end
        || ' that of the other rows of that role in the same return (' || {{ as_pounds('others_paid.others_minimum') }} || ' to '
        || {{ as_pounds('others_paid.others_maximum') }} || '). It counts as coded.' as message,
        'Check pay, level and title of the row against the others; the contract of the post settles its pay, and the '
        || 'evaluation of the job its level.' as suggestion
    from return_rows
    inner join paid on return_rows.submission_id = paid.submission_id and return_rows.source_row = paid.source_row
    inner join others_paid on paid.submission_id = others_paid.submission_id and paid.source_row = others_paid.source_row
    inner join role_names on paid.role_code = role_names.role_code
    where paid.pay_minimum > others_paid.others_maximum or paid.pay_maximum < others_paid.others_minimum

)

{% for finding in [
    'title_contradicted', 'profession_contradicted', 'role_unknown', 'coded_differently', 'coded_differently_before',
    'pay_outside_band', 'pay_outside_own_range'
] %}
select {{ finding_columns() }} from {{ finding }}
{{ 'union all' if not loop.last }}
{% endfor %}
