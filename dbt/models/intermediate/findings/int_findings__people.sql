-- What extracts of people show: counts by organisation and field, never a person and never a row of one.
with

extracts as (

    select
        *,
        'Staff in post' as figure
    from {{ ref('int_esr__extracts') }}

),

-- What is missing and overwritten is looked at alike in every source of people.
all_extracts as (

    select * from extracts
    union all by name
    select
        * exclude (landed_table, code_system, council_cssr, council_as_written),
        'Worker records' as figure
    from {{ ref('int_asc_wds__extracts') }}

),

assignments as (

    select
        *,
        -- Where the job role is none of the list, the level is the occupation code's.
        case
            when job_role_level is null and occupation_code <> '' then 'the occupation code ' || occupation_code
            else 'the job role ''' || coalesce(job_role, 'none') || ''''
        end as job_named
    from {{ ref('int_esr__assignments') }}
    where is_known_organisation

),

professions as (

    select * from {{ ref('professions') }}

),

registrations as (

    select assignments.*
    from assignments
    left join professions on assignments.profession = professions.profession
    where
        assignments.is_ahp
        and assignments.is_counted
        and (
            (assignments.registration = 'non_registered' and assignments.registration_number_given = 'yes')
            or (assignments.registration = 'registered' and assignments.registration_number_given = 'no')
            -- Not every register has letters, and a level over several professions has no register of its own.
            or (
                assignments.registration = 'registered'
                and assignments.registration_prefix <> ''
                and assignments.registration_prefix <> professions.registration_prefix
            )
        )

),

people as (

    select * from {{ ref('int_esr__people') }}

),

-- Whoever has posts in several organisations stands in the extract of each, and neither sees the other's.
in_several_organisations as (

    select
        as_at_date,
        person_key
    from people
    where is_ahp
    group by as_at_date, person_key
    having count(*) > 1 and sum(fte) > 1

),

-- A title without a meaning beside a code without one may stand for an AHP or not. The list of occupation codes holds the
-- areas that AHPs work in: a code of another area says what the work is, and so does a staff group of other professions.
undecided as (

    select
        *,
        case when occupation_code <> '' then 'occupation_code' else 'job_role' end as field,
        case when occupation_code <> '' then occupation_code else job_role end as code
    from assignments
    where
        not is_ahp
        and is_counted
        and not is_known_job_role
        and not is_known_occupation
        and title_says in ('nothing', 'open')
        and not regexp_full_match(coalesce(occupation_code, ''), '[0-9GNPUZ][0-9A-Z]{2}')
        and (
            occupation_code <> ''
            or (
                job_role is not null
                and {{ plain_words('staff_group') }} in ('', 'allied health professionals', 'additional clinical services')
            )
        )

),

-- Of social care, a council can mend what stands in its own workplaces only.
answers as (

    select * from {{ ref('int_esr__answers') }}
    where is_all_role_groups
    union all
    select * from {{ ref('int_asc_wds__answers') }}
    where is_all_role_groups and employer = 'council'

),

movements as (

    select
        organisation_code,
        previous_date as from_date,
        as_at_date as to_date
    from {{ ref('int_movement__days') }}
    -- Extracts of staff in post are due every month; a council uploads its worker records when it likes.
    where source = 'esr' and is_gap

),

policies as (

    select
        max(case when policy = 'edi_amber_recorded_pct' then value end) as recorded_from,
        max(case when policy = 'edi_smallest_group' then value end) as smallest_group,
        max(case when policy = 'edi_default_value_share' then value end) as default_share,
        max(case when policy = 'edi_default_peer_share' then value end) as peer_share,
        max(case when policy = 'edi_overwritten_share' then value end) as overwritten_share
    from {{ ref('policies') }}

),

-- One answer stands out where it does not in the middle one of the other organisations.
peers as (

    select
        answers.source,
        answers.organisation_code,
        answers.as_at_date,
        answers.characteristic,
        median(others.commonest_answer / nullif(others.valid, 0)) as peer_commonest_share
    from answers
    inner join answers as others
        on
            answers.source = others.source
            and answers.as_at_date = others.as_at_date
            and answers.characteristic = others.characteristic
            and answers.organisation_code <> others.organisation_code
    cross join policies
    where answers.commonest_answer > policies.default_share * answers.valid
    group by answers.source, answers.organisation_code, answers.as_at_date, answers.characteristic

),

labels as (

    select
        answers.*,
        policies.*,
        replace(answers.characteristic, '_', ' ') as label,
        answers.commonest_answer / nullif(answers.valid, 0) as commonest_share,
        peers.peer_commonest_share,
        lag(answers.as_at_date) over extracts_of_the_organisation as day_before,
        lag(answers.people - answers.not_asked) over extracts_of_the_organisation as asked_before,
        -- An answer that had been lost and is back is no new one.
        coalesce(
            sum(answers.overwritten) over (
                extracts_of_the_organisation rows between unbounded preceding and 1 preceding
            ), 0
        ) as overwritten_earlier
    from answers
    cross join policies
    left join peers
        on
            answers.source = peers.source
            and answers.organisation_code = peers.organisation_code
            and answers.as_at_date = peers.as_at_date
            and answers.characteristic = peers.characteristic
    window extracts_of_the_organisation as (
        partition by answers.source, answers.organisation_code, answers.characteristic order by answers.as_at_date
    )

),

found as (

    select
        'unknown_organisation' as rule_id,
        submission_id,
        organisation_code,
        as_at_date,
        'organisation' as field,
        organisation_code as value,
        'the organisation ''' || organisation_code || '''' || coalesce(' (' || organisation_as_written || ')', '')
        || ' is not known. Its staff are not counted; assignments: ' || rows_landed || '.' as message,
        'Give the organisation''s ODS code, or have it added to the list of organisations.' as suggestion
    from extracts
    where not is_known_organisation
    union all
    select
        'duplicate_row',
        submission_id,
        organisation_code,
        as_at_date,
        'assignment_number',
        cast(count(*) as varchar),
        'assignments stand in the extract more than once. Each is counted once, as it stands first; further lines: '
        || count(*) || '.',
        'Leave each assignment in the extract once.'
    from assignments
    where is_repeated
    group by submission_id, organisation_code, as_at_date
    union all
    select
        'person_fte_above_one',
        submission_id,
        organisation_code,
        as_at_date,
        'contracted_wte',
        cast(count(*) as varchar),
        'assignments of one person add up to more than 1.0 FTE. The FTE is counted as it stands; people concerned: '
        || count(*) || ', FTE above 1.0 in all: ' || {{ as_written('sum(fte - 1)') }} || '.',
        'Check whether an assignment ended without being closed, or hours stand in the column of FTE.'
    from people
    where is_ahp and fte > 1
    group by submission_id, organisation_code, as_at_date
    union all
    select
        'person_fte_above_one',
        people.submission_id,
        people.organisation_code,
        people.as_at_date,
        'contracted_wte, organisation',
        cast(count(*) as varchar),
        'AHP staff stand in the extract of another organisation of the day too, and have more than 1.0 FTE in all. Each '
        || 'organisation counts the FTE as it stands; people concerned: ' || count(*) || '.',
        'Check whether they moved and an assignment was not closed, or are on secondment and counted on both sides.'
    from people
    inner join in_several_organisations as others
        on people.as_at_date = others.as_at_date and people.person_key = others.person_key
    -- More than a whole post in one organisation is said of that one.
    where people.is_ahp and people.fte <= 1
    group by people.submission_id, people.organisation_code, people.as_at_date
    union all
    select
        'unknown_code',
        submission_id,
        organisation_code,
        as_at_date,
        field,
        code,
        case field
            when 'job_role'
                then 'the job role ''' || code || ''' is not in the list, and neither title nor occupation code'
            else 'the occupation code ''' || code || ''' is not in the list, and neither title nor job role'
        end
        || ' says what the work is. Such assignments are not counted, because they may be of AHPs or not: ' || count(*)
        || '.',
        'Give a job role and an occupation code of the NHS lists, or have the wording added to them with what it means.'
    from undecided
    group by submission_id, organisation_code, as_at_date, field, code
    union all
    select
        'value_unreadable',
        submission_id,
        organisation_code,
        as_at_date,
        'contracted_wte',
        cast(count(*) as varchar),
        'the FTE of an assignment is blank or cannot be read. The FTE of its role is not known then, and the people are '
        || 'counted; assignments: ' || count(*) || '.',
        'Give the contracted FTE of each assignment as a number, such as 0.8.'
    from assignments
    where is_ahp and is_counted and fte is null
    group by submission_id, organisation_code, as_at_date
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        case when title_says = 'nothing' then 'job_role' else 'position_title' end,
        concat_ws(', ', if(title_says = 'nothing', null, position_title), job_role, 'Band ' || nullif(afc_band, '')),
        case
            when title_says = 'nothing'
                then
                    job_named || ' and ' || coalesce('Band ' || nullif(afc_band, ''), 'no band')
                    || ' do not go together'
            when title_says in ('role', 'default', 'other_work')
                then
                    'the title ''' || position_title || ''' says ' || replace(title_role_code, '_', ' ')
                    || ', and ' || job_named || ' with ' || coalesce('Band ' || nullif(afc_band, ''), 'no band') || ' says '
                    || case job_says
                        when 'other_work' then 'that it is no allied health profession'
                        when 'contradiction' then 'neither'
                        else replace(job_role_code, '_', ' ')
                    end
            else
                'the title ''' || position_title || ''' and ' || coalesce('Band ' || nullif(afc_band, ''), 'no band')
                || ' do not go together'
        end
        || case
            when role_code = 'uncoded' then '. Such assignments are counted without a role: '
            else '. Such assignments are counted as ' || role_code || ': '
        end || count(*) || '.'
        || case
            when bool_or(registration_number_given in ('yes', 'no'))
                then
                    ' With a registration number: '
                    || count(*) filter (registration_number_given = 'yes') || ' of them.'
            else ' The extract does not say whether there is a registration number.'
        end,
        coalesce(
            any_value(settled_by),
            'Check title, job role and band against the contract of the post, and correct the one that does not hold.'
        )
    from assignments
    where is_ahp and is_counted and is_contradicted
    group by
        submission_id, organisation_code, as_at_date, position_title, job_role, job_named, afc_band, title_says, job_says,
        title_role_code, job_role_code, role_code
    union all
    select
        'role_uncoded',
        submission_id,
        organisation_code,
        as_at_date,
        'position_title',
        concat_ws(', ', position_title, job_role, 'Band ' || nullif(afc_band, '')),
        concat_ws(', ', 'the title ''' || position_title || '''', 'the job role ''' || job_role || '''')
        || case when coalesce(position_title, job_role) is null then 'no title' else '' end || ' and '
        || coalesce('Band ' || nullif(afc_band, ''), 'no band') || ' give no role. Such assignments are counted without a '
        || 'role: ' || count(*) || '.',
        'Give the band of the post, or a title that says its level; or decide on the title in the review list.'
    from assignments
    where is_ahp and is_counted and role_code = 'uncoded' and not is_contradicted
    group by submission_id, organisation_code, as_at_date, position_title, job_role, afc_band
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'position_title',
        concat_ws(', ', position_title, job_role),
        'the title ''' || position_title || ''' and the job role ''' || coalesce(job_role, 'none')
        || ''' belong to different professions. Such assignments are counted as ' || replace(profession, '_', ' ') || ': '
        || count(*) || '.',
        'Check the title and the job role; the registration, where there is one, settles it.'
    from assignments
    where
        is_ahp and is_counted and title_profession <> job_role_profession
        and title_profession not in ('none', 'generic_therapy') and job_role_profession <> 'generic_therapy'
    group by submission_id, organisation_code, as_at_date, position_title, job_role, profession
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'occupation_code',
        job_role || ', ' || occupation_code,
        'the job role ''' || job_role || ''' and the occupation code ' || occupation_code
        || ' belong to different professions. Such assignments are counted as '
        || string_agg(distinct replace(profession, '_', ' '), ' or ' order by replace(profession, '_', ' ')) || ': '
        || count(*) || '.',
        'Check the occupation code against the job role; the registration, where there is one, settles it.'
    from assignments
    where
        is_ahp and is_counted and job_role_profession <> occupation_profession
        and job_role_profession <> 'generic_therapy' and occupation_profession <> 'art_therapy'
    group by submission_id, organisation_code, as_at_date, job_role, occupation_code
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'occupation_code',
        coalesce(job_role, '') || ', ' || occupation_code,
        'the role of the job role ''' || coalesce(job_role, '') || ''' is ' || replace(registration, '_', '-')
        || ' and the occupation code ' || occupation_code || ' is ' || replace(occupation_registration, '_', '-')
        || '. Such assignments are counted as ' || replace(registration, '_', '-') || ': ' || count(*) || '.',
        'Check the occupation code and the job role against the register of the profession.'
    from assignments
    where is_ahp and is_counted and registration <> 'unknown' and registration <> occupation_registration
    group by
        submission_id, organisation_code, as_at_date, job_role, occupation_code, registration, occupation_registration
    union all
    -- The group of registered staff and the group of those who support them; managers stand in any.
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'staff_group',
        concat_ws(', ', coalesce(position_title, job_role), staff_group),
        'the role of ''' || coalesce(position_title, job_role, 'no title') || ''' is ' || replace(registration, '_', '-')
        || ', and the staff group ''' || staff_group || ''' is for staff who are '
        || case when registration = 'registered' then 'not registered' else 'registered' end
        || '. Such assignments are counted as ' || replace(registration, '_', '-') || ': ' || count(*) || '.',
        'Check the staff group against the register of the profession.'
    from assignments
    where
        is_ahp and is_counted
        and (
            (role_code in ('entry', 'experienced', 'senior') and {{ plain_words('staff_group') }} = 'additional clinical services')
            or (
                role_code in ('assistant', 'assessor')
                and {{ plain_words('staff_group') }} = 'allied health professionals'
            )
        )
    group by submission_id, organisation_code, as_at_date, position_title, job_role, staff_group, registration
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'occupation_code',
        concat_ws(', ', coalesce(position_title, job_role), occupation_code),
        coalesce('the title ''' || position_title, 'the job role ''' || coalesce(job_role, 'none')) || ''' names '
        || replace(profession, '_', ' ') || ', and the occupation code ' || occupation_code || ' is for '
        || case when substring(occupation_code, 3, 1) = 'K' then 'several therapies together' else 'social services' end
        || '. Such assignments are counted as ' || replace(profession, '_', ' ') || ': ' || count(*) || '.',
        'Give the occupation code of the profession; the register of the profession settles which that is, and the '
        || 'organisation''s ESR team enters it.'
    from assignments
    where
        is_ahp and is_counted and regexp_matches(occupation_code, '^S.[KU]') and profession not in ('none', 'generic_therapy')
        and not is_profession_by_register
    group by submission_id, organisation_code, as_at_date, position_title, job_role, occupation_code, profession
    union all
    -- Where the job role names a profession, it is held against both above.
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'profession_of_title_and_occupation_code',
        position_title || ', ' || occupation_code,
        'the title ''' || position_title || ''' names ' || replace(title_profession, '_', ' ')
        || ', and the occupation code ' || occupation_code || ' is for ' || replace(occupation_profession, '_', ' ')
        || '. The job role names neither. Such assignments are counted as ' || replace(profession, '_', ' ') || ': '
        || count(*) || '.',
        'Check whom the post supports or treats with: its job description settles the profession, and the organisation''s '
        || 'ESR team corrects the title or the code.'
    from assignments
    where
        is_ahp and is_counted
        and coalesce(job_role_profession, 'none') in ('none', 'generic_therapy')
        and title_profession not in ('none', 'generic_therapy')
        and occupation_profession <> title_profession
        -- One area of the codes is for all arts therapies.
        and not (occupation_profession = 'art_therapy' and title_profession in ('music_therapy', 'drama_therapy'))
    group by
        submission_id, organisation_code, as_at_date, position_title, occupation_code, title_profession,
        occupation_profession, profession
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'level_of_title_and_occupation_code',
        position_title || ', ' || occupation_code,
        'the title ''' || position_title || ''' says ' || title_role_code || ', and the occupation code ' || occupation_code
        || ' is for ' || case occupation_level
            when 'manager' then 'managers'
            when 'consultant' then 'consultants'
            else 'staff who are neither managers nor consultants'
        end || '. Such assignments are counted as ' || role_code || ': ' || count(*) || '.',
        'Check whether the post manages or leads a service: its job description and its place in the structure settle it. '
        || 'The organisation''s ESR team then corrects the code, or the service the title.'
    from assignments
    where
        is_ahp and is_counted and title_says in ('role', 'reviewed') and occupation_level is not null
        and title_role_code not in ('uncoded', 'out_of_scope')
        and (title_role_code in ('manager', 'principal')) <> (occupation_level in ('manager', 'consultant'))
    group by
        submission_id, organisation_code, as_at_date, position_title, occupation_code, occupation_level, title_role_code,
        role_code
    union all
    -- Where the code alone gave the level, code and band are named together above.
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'band_of_occupation_code',
        occupation_code || ', Band ' || afc_band,
        'the occupation code ' || occupation_code || ' is for registered staff, and Band ' || afc_band
        || ' is a support role''s. Such assignments: ' || count(*) || '.'
        || case
            when bool_or(registration_number_given in ('yes', 'no'))
                then
                    ' With a registration number: ' || count(*) filter (registration_number_given = 'yes') || ' of them.'
            else ''
        end,
        'Check the register first: who is not on it cannot hold the code. Who is on it needs the band of the post, which '
        || 'the evaluation of the job settles.'
    from assignments
    where
        is_ahp and is_counted and occupation_registration = 'registered' and regexp_matches(afc_band, '^[1-4]')
        and not (is_contradicted and title_says = 'nothing' and job_role_level is null)
    group by submission_id, organisation_code, as_at_date, occupation_code, afc_band
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'occupation_code',
        occupation_code || ', Band ' || afc_band,
        'the occupation code ' || occupation_code || ' is for staff who are not registered, and Band ' || afc_band
        || ' is not. Such assignments: ' || count(*) || '.',
        'Check the band and the occupation code against the contract of the post.'
    from assignments
    where
        is_ahp and is_counted and not is_contradicted and occupation_registration = 'non_registered'
        and registration <> 'registered' and regexp_matches(afc_band, '^[6-9]')
    group by submission_id, organisation_code, as_at_date, occupation_code, afc_band
    union all
    select
        'role_contradiction',
        submission_id,
        organisation_code,
        as_at_date,
        'registration_number',
        profession || ', ' || registration,
        case
            when registration = 'non_registered' then 'staff in non-registered roles have a registration number'
            when registration_number_given = 'no' then 'staff in registered roles have no registration number'
            else 'the registration number is another profession''s than the role''s'
        end || ' (' || replace(profession, '_', ' ') || '). They are counted by their role; assignments: ' || count(*)
        || '.',
        'Check the job role against the register of the profession.'
    from registrations
    group by submission_id, organisation_code, as_at_date, profession, registration, registration_number_given
    union all
    select
        'answer_not_in_list',
        submission_id,
        organisation_code,
        as_at_date,
        case when is_unknown_status then 'assignment_status' else 'assignment_category' end,
        cast(count(*) as varchar),
        'the status or the kind of contract of an assignment is not known. Such assignments are counted as staff in '
        || 'post: ' || count(*) || '.',
        'Use the wordings of ESR, or have the wording added to the list.'
    from assignments
    where is_ahp and (is_unknown_status or is_unknown_category)
    group by submission_id, organisation_code, as_at_date, is_unknown_status
    union all
    select
        'extract_missing',
        extracts.submission_id,
        extracts.organisation_code,
        extracts.as_at_date,
        'as_at_date',
        cast(movements.from_date as varchar),
        'no extract came for the months between ' || strftime(movements.from_date, '%d/%m/%Y') || ' and '
        || strftime(movements.to_date, '%d/%m/%Y') || '. Who joined and left between the two is counted over the whole time.',
        'Send the extracts of the months between.'
    from movements
    inner join extracts
        on
            movements.organisation_code = extracts.organisation_code
            and movements.to_date = extracts.as_at_date
            and extracts.is_current
    union all
    select
        'edi_incomplete',
        submission_id,
        organisation_code,
        as_at_date,
        characteristic,
        cast(not_recorded + invalid + not_known as varchar),
        label || ' is recorded for ' || (valid + prefer_not_to_say) || ' of ' || people || ' AHP staff: '
        || not_recorded || ' blank, ' || not_known || ' not known, ' || invalid || ' that cannot be read.',
        'Ask the staff concerned, and record ''prefer not to say'' where that is the answer.'
    from labels
    where
        people >= smallest_group and not_asked = 0
        and 100.0 * (valid + prefer_not_to_say) < recorded_from * people
    union all
    select
        'edi_incomplete',
        submission_id,
        organisation_code,
        as_at_date,
        characteristic,
        cast(not_asked as varchar),
        label || ' was asked of AHP staff in the extract of ' || strftime(day_before, '%d/%m/%Y') || ', and this one has no '
        || 'column that is known for it. Nothing is known of the answers of ' || people || ' AHP staff now.',
        'Look for a new heading among those that were not known, and send the extract again with the column.'
    from labels
    where not_asked = people and asked_before > 0
    union all
    select
        'edi_default_value',
        submission_id,
        organisation_code,
        as_at_date,
        characteristic,
        cast(commonest_answer as varchar),
        label || ' has the same answer for ' || commonest_answer || ' of ' || valid || ' AHP staff who gave one, far more '
        || 'than elsewhere. A default value may stand in for answers.',
        'Check whether the field was filled without asking.'
    from labels
    where valid >= smallest_group and commonest_share > default_share and peer_commonest_share < peer_share
    union all
    -- Everybody who had not answered answers all at once, whatever they say.
    select
        'edi_default_value',
        submission_id,
        organisation_code,
        as_at_date,
        characteristic,
        cast(filled as varchar),
        label || ' has an answer now for each of the ' || filled || ' AHP staff without one in the extract of '
        || strftime(day_before, '%d/%m/%Y') || '. Default values may stand in for answers.',
        'Check whether the field was filled without asking.'
    from labels
    where
        filled = unanswered_before
        and unanswered_before - overwritten_earlier >= smallest_group
        -- One answer for nearly all has been said already.
        and not coalesce(commonest_share > default_share and peer_commonest_share < peer_share, false)
    union all
    select
        'edi_overwritten',
        submission_id,
        organisation_code,
        as_at_date,
        characteristic,
        cast(overwritten as varchar),
        label || ' is blank for ' || overwritten || ' AHP staff for whom the extract before held an answer.',
        'Check whether the extract left the field out or replaced answers with blanks.'
    from labels
    where overwritten > overwritten_share * answered_before

),

findings as (

    select
        found.rule_id,
        cast(null as varchar) as severity_here,
        extracts.source,
        extracts.source_document,
        case when extracts.is_known_organisation then found.organisation_code end as organisation_code,
        coalesce(extracts.organisation_name, extracts.organisation_as_written, extracts.organisation_code)
            as organisation_as_written,
        found.as_at_date,
        extracts.figure,
        found.field,
        found.submission_id,
        extracts.source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        found.value,
        found.message,
        found.suggestion,
        extracts.is_current,
        extracts.received_at as seen_at,
        extracts.superseded_at
    from found
    inner join all_extracts as extracts
        on
            found.submission_id = extracts.submission_id
            and found.organisation_code = extracts.organisation_code
            and found.as_at_date = extracts.as_at_date

)

select {{ finding_columns() }} from findings
