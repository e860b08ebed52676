-- What two sources say of the same staff, where they do not agree.
with

pairs as (

    select * from {{ ref('int_overlap__pairs') }}

),

policies as (

    select max(case when policy = 'bridge_unexplained_share' then value end) as unexplained_share
    from {{ ref('policies') }}

),

returned as (

    select
        organisation_code,
        as_at_date,
        source,
        min(source_document) as source_document,
        min(submission_id) as submission_id,
        min(source_file) as source_file
    from {{ ref('fct_workforce') }}
    where source = 'council_returns'
    group by organisation_code, as_at_date, source

),

bridge as (

    select
        geography_code as organisation_code,
        geography_name as organisation_name,
        as_at_date,
        social_care_from,
        max(case when step = 'council_return' then value end) as in_return,
        max(case when step = 'unexplained' then value end) as unexplained
    from {{ ref('source_bridge') }}
    where geography_type = 'council' and measure = 'headcount'
    group by geography_code, geography_name, as_at_date, social_care_from

),

arrivals as (

    select
        submission_id,
        min(arrived_at) as first_arrived_at
    from {{ ref('int_submissions__arrivals') }}
    group by submission_id

),

found as (

    select
        'overlap_nhs_employed' as rule_id,
        case when in_return = in_extract and rows_without_headcount = 0 then 'info' end as severity_here,
        council_code as organisation_code,
        council_name as organisation_name,
        as_at_date,
        'employer' as field,
        in_return || ' and ' || in_extract as value,
        'the return counts ' || in_return || ' NHS employees'
        || case
            when trusts_naming_the_council = 0 then ', and no extract of the NHS names the council in anybody''s position'
            when nhs_organisation_code is null then ' more than all extracts of the NHS that name the council'
            else
                ', and the extract of ' || nhs_organisation_name || ' of ' || strftime(extract_as_at_date, '%-d %B %Y')
                || ' names the council in the position of ' || in_extract
        end
        || case when rows_without_headcount > 0 then '; rows whose headcount is not known: ' || rows_without_headcount else '' end
        || '. '
        || case
            when in_return = in_extract and rows_without_headcount = 0
                then 'Each stands in both sources, and must be counted once.'
            else matched || ' can be counted once; the others may be counted twice, or not at all.'
        end as message,
        case
            when in_return = in_extract and rows_without_headcount = 0
                then 'Nothing to do. marts.overlap_ledger says who counts where, for whoever adds the two sources up.'
            else 'Ask the council and the trust who employs these staff. marts.overlap_ledger says who counts where.'
        end as suggestion
    from pairs
    union all
    select
        'sources_differ',
        cast(null as varchar),
        bridge.organisation_code,
        bridge.organisation_name,
        bridge.as_at_date,
        'headcount',
        {{ as_written('bridge.unexplained') }},
        'the return and Skills for Care''s records of ' || strftime(bridge.social_care_from, '%-d %B %Y') || ' differ by '
        || {{ as_written('abs(bridge.unexplained)') }} || ' people that no step explains, of ' || {{ as_written('bridge.in_return') }}
        || ' in the return. Skills for Care has ' || case when bridge.unexplained > 0 then 'more' else 'fewer' end || '.',
        'See the steps in marts.source_bridge, and ask which of the two is complete.'
    from bridge
    cross join policies
    where abs(bridge.unexplained) > policies.unexplained_share * bridge.in_return

),

findings as (

    select
        found.rule_id,
        found.severity_here,
        returned.source,
        returned.source_document,
        found.organisation_code,
        found.organisation_name as organisation_as_written,
        found.as_at_date,
        cast(null as varchar) as figure,
        found.field,
        returned.submission_id,
        returned.source_file,
        cast(null as varchar) as source_sheet,
        cast(null as bigint) as source_row,
        cast(null as varchar) as source_cell,
        found.value,
        found.message,
        found.suggestion,
        true as is_current,
        arrivals.first_arrived_at as seen_at,
        cast(null as timestamp) as superseded_at
    from found
    inner join returned
        on found.organisation_code = returned.organisation_code and found.as_at_date = returned.as_at_date
    inner join arrivals on returned.submission_id = arrivals.submission_id

)

select {{ finding_columns() }} from findings
