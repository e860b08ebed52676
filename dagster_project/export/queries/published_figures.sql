-- Numbers that reports print, as printed, and ratios of them; of an area those that name it or one of its parts
with

named as (

    select bridge.geography_name
    from chosen_areas as areas
    inner join marts.bridge_organisation_geography as bridge
        on areas.geography_type = bridge.geography_type and areas.geography_code = bridge.geography_code
    union
    select organisations.organisation_name as geography_name
    from chosen_areas as areas
    inner join marts.dim_organisation as organisations
        on areas.geography_type = 'council' and areas.geography_code = organisations.organisation_code

)

select
    figures.source_document,
    case
        when regexp_matches(figures.section, '^[0-9]') then 'Section ' || figures.section
        else figures.section
    end as section,
    figures.subject_name,
    figures.breakdown,
    figures.geography_name,
    case
        when regexp_matches(figures.period, '^[0-9]+$') then 'Year ' || figures.period
        else figures.period
    end as period,
    -- A number by itself stands in the columns after it, as a number.
    case
        when try_cast(replace(figures.value_as_written, ',', '') as double) is null then figures.value_as_written
    end as words_as_written,
    figures.value_low,
    figures.value_high,
    figures.unit,
    replace(figures.qualifier, '_', ' ') as qualifier,
    figures.worked_out_value,
    figures.worked_out_as,
    replace(figures.value_status, '_', ' ') as value_status,
    case when figures.note is null then [] else [figures.note || '.'] end as notes
from marts.fct_published_figures as figures
-- Reports name areas and give no codes. England and what no workbook could be of goes with everything only.
where getvariable('geography_type') = 'all' or figures.geography_name in (select named.geography_name from named)
order by figures.source_document, figures.section, figures.place
