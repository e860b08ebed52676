-- Names that no council bears on the day: held back from every total, and put to a person with the nearest known names,
-- or with the councils that came before or after the one that bore the name on other days.
with

unknown as (

    select * from {{ ref('int_organisations__rows') }}
    where organisation_code is null

),

names as (

    select * from {{ ref('organisation_names') }}
    where name_kind <> 'misprint'

),

distinct_unknown as (

    select distinct
        council_as_written,
        as_at_date
    from unknown

),

scored as (

    select
        distinct_unknown.council_as_written,
        distinct_unknown.as_at_date,
        names.name_as_written,
        jaro_winkler_similarity(
            {{ normalised_name('distinct_unknown.council_as_written') }}, {{ normalised_name('names.name_as_written') }}
        ) as similarity
    from distinct_unknown
    inner join names
        on
            distinct_unknown.as_at_date >= names.valid_from
            and (names.valid_to is null or distinct_unknown.as_at_date <= names.valid_to)

),

nearest as (

    select
        council_as_written,
        as_at_date,
        string_agg(name_as_written, ', ' order by similarity desc, name_as_written) as nearest_names
    from (
        select
            *,
            row_number() over (
                partition by council_as_written, as_at_date order by similarity desc, name_as_written
            ) as place
        from (select distinct * from scored)
        where similarity >= 0.8
    )
    where place <= 3
    group by council_as_written, as_at_date

),

organisations as (

    select * from {{ ref('organisations') }}

),

changes as (

    select * from {{ ref('organisation_changes') }}

),

-- Right in another year: the reader needs the councils of this one, not a spelling.
at_other_times as (

    select
        distinct_unknown.council_as_written,
        distinct_unknown.as_at_date,
        'That council ended on ' || cast(min(borne.valid_to) as varchar) || ' and was followed by: '
        || string_agg(distinct followers.organisation_name, '; ' order by followers.organisation_name)
        || '.' as explanation
    from distinct_unknown
    inner join names
        on
            {{ normalised_name('distinct_unknown.council_as_written') }} = {{ normalised_name('names.name_as_written') }}
    inner join organisations as borne on names.organisation_code = borne.organisation_code
    inner join changes on borne.organisation_code = changes.predecessor_code
    inner join organisations as followers on changes.successor_code = followers.organisation_code
    where distinct_unknown.as_at_date > borne.valid_to
    group by distinct_unknown.council_as_written, distinct_unknown.as_at_date
    union all
    select
        distinct_unknown.council_as_written,
        distinct_unknown.as_at_date,
        'That council began on ' || cast(max(borne.valid_from) as varchar) || ' and followed: '
        || string_agg(distinct before.organisation_name, '; ' order by before.organisation_name) || '.' as explanation
    from distinct_unknown
    inner join names
        on
            {{ normalised_name('distinct_unknown.council_as_written') }} = {{ normalised_name('names.name_as_written') }}
    inner join organisations as borne on names.organisation_code = borne.organisation_code
    inner join changes on borne.organisation_code = changes.successor_code
    inner join organisations as before on changes.predecessor_code = before.organisation_code
    where distinct_unknown.as_at_date < borne.valid_from
    group by distinct_unknown.council_as_written, distinct_unknown.as_at_date

),

findings as (

    select
        'unknown_organisation' as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('unknown') }},
        'council' as field,
        cast(null as varchar) as source_cell,
        unknown.council_as_written as value,
        'no council is known by the name ''' || unknown.council_as_written || ''' on '
        || cast(unknown.as_at_date as varchar) || '. The row is kept back; '
        || 'where an earlier file named its council, that council''s earlier numbers still count.' as message,
        'Correct the name in the file, or add it to the names of the council it stands for'
        || coalesce('. ' || at_other_times.explanation, coalesce('. Nearest known names: ' || nearest.nearest_names, '') || '.')
            as suggestion
    from unknown
    left join nearest
        on
            unknown.council_as_written = nearest.council_as_written
            and unknown.as_at_date = nearest.as_at_date
    left join at_other_times
        on
            unknown.council_as_written = at_other_times.council_as_written
            and unknown.as_at_date = at_other_times.as_at_date

)

select {{ finding_columns() }} from findings
