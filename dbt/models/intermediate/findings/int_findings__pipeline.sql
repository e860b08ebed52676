-- How apprentices are funded: texts that name no known route, and parts that do not account for every apprentice.
with

counts as (

    select * from {{ ref('int_pipeline__counts') }}
    where learner_type = 'degree_apprentice'

),

council_rows as (

    select * from {{ ref('int_organisations__rows') }}

),

findings as (

    select
        case counts.funding_status when 'contradictory' then 'parts_differ_from_count' else 'funding_unreadable' end
            as rule_id,
        cast(null as varchar) as severity_here,
        {{ finding_row('council_rows') }},
        'apprentice_funding' as field,
        cast(null as varchar) as source_cell,
        counts.funding_text as value,
        case counts.funding_status
            when 'contradictory'
                then
                    'the funding of apprentices is printed as ''' || counts.funding_text || ''', which adds up to '
                    || {{ as_written('counts.parts_total') }} || ', but '
                    || coalesce({{ as_written('counts.value_used') }} || ' apprentices are', 'no number of apprentices is')
                    || ' printed. The count is kept whole, without a funding route.'
            else
                'the funding of apprentices is printed as ''' || counts.funding_text
                || ''', which cannot be read as funding routes with certainty. The count is kept whole, without a route.'
        end as message,
        'Print the number of apprentices for each way they are funded: supernumerary, or in which kind of post.' as suggestion
    from counts
    inner join council_rows
        on
            counts.submission_id = council_rows.submission_id
            and counts.figure = council_rows.figure
            and counts.source_sheet = council_rows.source_sheet
            and counts.source_row = council_rows.source_row
    where counts.funding_status in ('contradictory', 'unreadable')

)

select {{ finding_columns() }} from findings
