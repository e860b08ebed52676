with

named as (

    {{ identified(ref('int_findings__found')) }}

),

rules as (

    select * from {{ ref('finding_rules') }}

),

council_rows as (

    select distinct submission_id from {{ ref('int_returns__rows') }}

)

select
    named.*,
    coalesce(named.severity_here, rules.severity) as severity,
    -- What a council copies into its return to accept a warning. It holds for the very words of the warning: when the
    -- numbers change, so does the reference.
    case
        when coalesce(named.severity_here, rules.severity) = 'warning' and council_rows.submission_id is not null
            then 'W-' || upper(left(md5(concat_ws('|', named.finding_id, named.value, named.message)), 8))
    end as reference
from named
left join rules on named.rule_id = rules.rule_id
left join council_rows on named.submission_id = council_rows.submission_id
