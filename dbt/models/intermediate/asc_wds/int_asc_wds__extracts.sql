-- One file speaks for every council it names. Of several for one council and day the newest counts, but for one thing: what
-- Skills for Care holds of everybody stands before what one council sent to it.
with

files as (

    {% for table in ['workers', 'workplaces'] %}
    select
        'asc_wds_{{ table }}' as landed_table,
        submission_id,
        code_system,
        council_cssr,
        folder as council_as_written,
        as_at_date,
        any_value(source) as source,
        any_value(source_file) as source_file,
        count(*) as rows_landed,
        min(source_row) as first_row
    from {{ ref('stg_skills_for_care__' ~ table) }}
    group by submission_id, code_system, council_cssr, folder, as_at_date
    union all
    {% endfor %}
    {% for table in ['return_progress', 'published_rates'] %}
    select
        'asc_wds_{{ table }}' as landed_table,
        submission_id,
        '' as code_system,
        '' as council_cssr,
        council_as_written,
        as_at_date,
        any_value(source) as source,
        any_value(source_file) as source_file,
        count(*) as rows_landed,
        min(source_row) as first_row
    from {{ ref('stg_skills_for_care__' ~ table) }}
    group by submission_id, council_as_written, as_at_date
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

organisations as (

    select * from {{ ref('organisations') }}

),

names as (

    select * from {{ ref('organisation_names') }}

),

-- An extract gives the council's number in every row; a bulk upload names no council, so its folder does; what has no
-- people names it.
named as (

    select
        files.*,
        coalesce(by_number.organisation_code, by_name.organisation_code) as known_code,
        case
            when files.code_system = 'extract'
                then 'the council with the number ' || coalesce(nullif(files.council_cssr, ''), '(blank)')
            when files.code_system = 'bulk_upload'
                then 'the folder ' || coalesce(nullif(files.council_as_written, ''), '(none)')
            else coalesce(nullif(files.council_as_written, ''), '(blank)')
        end as organisation_as_written
    from files
    left join organisations as by_number
        on
            files.code_system = 'extract'
            and files.council_cssr = by_number.cssr_code
            and files.as_at_date between by_number.valid_from and coalesce(by_number.valid_to, date '9999-12-31')
    left join names as by_name
        on
            files.code_system <> 'extract'
            and {{ normalised_name('files.council_as_written') }} = {{ normalised_name('by_name.name_as_written') }}
            and files.as_at_date between by_name.valid_from and coalesce(by_name.valid_to, date '9999-12-31')

),

arrivals as (

    select
        submission_id,
        min(arrived_at) as first_arrived_at,
        max(arrived_at) as last_arrived_at,
        arg_max(last_event_id, arrived_at) as last_event_id,
        bool_or(stands_until is null) as is_standing,
        max(stands_until) as stands_until
    from {{ ref('int_submissions__arrivals') }}
    group by submission_id

),

submissions as (

    select
        submission_id,
        key_fingerprint,
        coalesce(is_invented, false) as is_invented
    from {{ ref('int_submissions__latest') }}

),

ranked as (

    select
        named.*,
        coalesce(named.known_code, named.organisation_as_written) as organisation_code,
        arrivals.first_arrived_at,
        arrivals.last_arrived_at,
        arrivals.is_standing,
        arrivals.stands_until,
        row_number() over (
            partition by named.landed_table, coalesce(named.known_code, named.organisation_as_written), named.as_at_date
            order by
                arrivals.is_standing desc, named.code_system desc, arrivals.last_arrived_at desc, arrivals.last_event_id desc
        ) as recency,
        max(arrivals.last_arrived_at) filter (where arrivals.is_standing) over (
            partition by named.landed_table, coalesce(named.known_code, named.organisation_as_written), named.as_at_date
        ) as newest_arrived_at
    from named
    inner join arrivals on named.submission_id = arrivals.submission_id

)

select
    ranked.landed_table,
    ranked.submission_id,
    ranked.source,
    ranked.source_file,
    ranked.code_system,
    ranked.council_cssr,
    ranked.council_as_written,
    ranked.organisation_code,
    -- Whoever adds up by name keeps what is invented apart.
    organisations.organisation_name || case when submissions.is_invented then ' (invented)' else '' end as organisation_name,
    ranked.organisation_as_written,
    ranked.known_code is not null as is_known_organisation,
    ranked.as_at_date,
    case when submissions.is_invented then 'invented_' else '' end || 'asc_wds_' || cast(ranked.as_at_date as varchar)
        as source_document,
    ranked.rows_landed,
    ranked.first_row,
    ranked.recency = 1 and ranked.is_standing as is_current,
    ranked.is_standing,
    submissions.key_fingerprint,
    submissions.is_invented,
    ranked.first_arrived_at as received_at,
    case
        when not (ranked.recency = 1 and ranked.is_standing) then coalesce(ranked.stands_until, ranked.newest_arrived_at)
    end as superseded_at
from ranked
left join submissions on ranked.submission_id = submissions.submission_id
left join organisations on ranked.known_code = organisations.organisation_code
