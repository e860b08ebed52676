-- Every worker record of a file in force is judged once, and the hours of those that count are the FTE published.
-- Rows: every file in force is looked at; none at all leaves nothing to publish, and rightly.
with

landed as (

    select
        organisation_code,
        as_at_date,
        sum(rows_landed) as records
    from {{ ref('int_asc_wds__extracts') }}
    where is_current and landed_table = 'asc_wds_workers'
    group by organisation_code, as_at_date

),

judged as (

    select
        organisation_code,
        as_at_date,
        count(*) as records,
        count(*) filter (where is_ahp and is_counted and is_known_organisation) as counted_records,
        sum(hours / full_time_hours) filter (where is_ahp and is_counted and is_known_organisation) as fte
    from {{ ref('int_asc_wds__workers') }}
    group by organisation_code, as_at_date

),

published as (

    select
        organisation_code,
        as_at_date,
        sum(fte) as fte,
        bool_and(fte is not null) as is_whole
    from {{ ref('fct_workforce') }}
    where source = 'skills_for_care'
    group by organisation_code, as_at_date

)

select
    landed.organisation_code,
    landed.as_at_date,
    landed.records,
    judged.records as records_judged,
    judged.fte,
    published.fte as fte_published
from landed
full join judged on landed.organisation_code = judged.organisation_code and landed.as_at_date = judged.as_at_date
full join published on landed.organisation_code = published.organisation_code and landed.as_at_date = published.as_at_date
where
    landed.records is distinct from judged.records
    or (coalesce(judged.counted_records, 0) > 0) is distinct from (published.organisation_code is not null)
    or (published.is_whole and abs(judged.fte - published.fte) > 0.00005 * judged.counted_records)
