-- Which councils are missing from a region's total, group by group, and why?
with councils as (
    select
        bridge.organisation_code,
        organisations.organisation_name,
        bridge.valid_from,
        bridge.valid_to
    from marts.bridge_organisation_geography as bridge
    inner join marts.dim_organisation as organisations on bridge.organisation_code = organisations.organisation_code
    where
        bridge.geography_type = 'adass_region'
        and bridge.geography_name = 'West Midlands' -- your region
        and bridge.is_main
        and organisations.organisation_type = 'council'
),

documents as (
    select distinct
        as_at_date,
        source,
        return_group
    from marts.fct_workforce
    where source = 'council_returns'
)

select
    documents.return_group,
    documents.as_at_date,
    councils.organisation_name as council,
    coalesce(workforce.headcount_status, 'no_return') as headcount_status,
    coalesce(workforce.fte_status, 'no_return') as fte_status,
    coalesce(workforce.value_note, workforce.transcription_note) as note
from documents
inner join councils
    on documents.as_at_date between councils.valid_from and coalesce(councils.valid_to, date '9999-12-31')
left join marts.fct_workforce as workforce
    on
        documents.as_at_date = workforce.as_at_date
        and documents.source = workforce.source
        and documents.return_group = workforce.return_group
        and councils.organisation_code = workforce.organisation_code
where workforce.headcount is null or workforce.fte is null
order by documents.as_at_date, documents.return_group, councils.organisation_name
