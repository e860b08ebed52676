-- Names that no council bears on the day: held back from every total, and put to a person with the nearest known names.
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

    select distinct council_as_written from unknown

),

scored as (

    select
        distinct_unknown.council_as_written,
        names.name_as_written,
        jaro_winkler_similarity(
            {{ normalised_name('distinct_unknown.council_as_written') }}, {{ normalised_name('names.name_as_written') }}
        ) as similarity
    from distinct_unknown
    cross join (select distinct name_as_written from names) as names

),

nearest as (

    select
        council_as_written,
        string_agg(name_as_written, ', ' order by similarity desc, name_as_written) as nearest_names
    from (
        select
            *,
            row_number() over (partition by council_as_written order by similarity desc, name_as_written) as place
        from scored
        where similarity >= 0.8
    )
    where place <= 3
    group by council_as_written

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
        || coalesce('. Nearest known names: ' || nearest.nearest_names, '') || '.' as suggestion
    from unknown
    left join nearest on unknown.council_as_written = nearest.council_as_written

)

select {{ finding_columns() }} from findings
