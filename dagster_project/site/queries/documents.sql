-- Documents behind the numbers of an area and day
with

placed as (

    select
        'council' as geography_type,
        organisation_code as geography_code,
        organisation_code,
        valid_from,
        valid_to
    from marts.dim_organisation
    union all
    select
        geography_type,
        geography_code,
        organisation_code,
        valid_from,
        valid_to
    from marts.bridge_organisation_geography
    where is_main

)

select
    placed.geography_type,
    placed.geography_code,
    facts.as_at_date,
    period.document_title,
    period.as_at_basis,
    period.published_on,
    period.academic_year,
    period.pay_year,
    period.service_age_scope,
    count(distinct facts.organisation_code) as councils
from marts.fct_workforce as facts
inner join placed
    on
        facts.organisation_code = placed.organisation_code
        and facts.as_at_date between placed.valid_from and coalesce(placed.valid_to, date '9999-12-31')
inner join marts.dim_period as period
    on facts.source = period.source and facts.source_document = period.source_document
where facts.source = 'council_returns'
group by all
order by all
