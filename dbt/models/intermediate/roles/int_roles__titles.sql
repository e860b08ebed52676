-- Every distinct job title, grade and employer type that any source holds, of whatever age.
select distinct
    position_title as title_raw,
    case when afc_band <> '' then 'Band ' || afc_band end as band_or_grade,
    'nhs' as employer_type
from {{ ref('stg_esr__assignments') }}
where position_title is not null
union
select distinct
    job_title as title_raw,
    grade as band_or_grade,
    case employer when 'nhs' then 'nhs' when 'other' then 'independent' else 'council' end as employer_type
from {{ ref('int_returns__workforce_rows') }}
where job_title is not null
