-- Which extracts of an organisation people can be followed between.
with

esr as (

    select
        source,
        organisation_code,
        organisation_name,
        'nhs' as employer,
        'extract' as form,
        as_at_date,
        key_fingerprint
    from {{ ref('int_esr__extracts') }}
    where is_current and is_known_organisation

),

social_care as (

    select
        source,
        organisation_code,
        organisation_name,
        code_system as form,
        as_at_date,
        key_fingerprint,
        min(as_at_date) filter (where code_system = 'extract') over (partition by organisation_code) as first_extract,
        max(as_at_date) filter (where code_system = 'extract') over (partition by organisation_code) as last_extract
    from {{ ref('int_asc_wds__extracts') }}
    where is_current and is_known_organisation and landed_table = 'asc_wds_workers'

),

-- Without the file of its workplaces a bulk upload does not say who employs its workers.
of_an_unknown_employer as (

    select distinct
        organisation_code,
        as_at_date
    from {{ ref('int_asc_wds__workers') }}
    where is_ahp and is_counted and employer = 'not_known'

),

-- An extract holds every kind of employer in the area of a council, a bulk upload the council's own workplaces only.
employers (employer) as (

    values ('council'), ('independent'), ('other'), ('not_known')

),

all_days as (

    select * from esr
    union all by name
    select
        social_care.* exclude (first_extract, last_extract),
        employers.employer
    from social_care
    cross join employers
    left join of_an_unknown_employer
        on
            social_care.organisation_code = of_an_unknown_employer.organisation_code
            and social_care.as_at_date = of_an_unknown_employer.as_at_date
    where
        social_care.form = 'extract'
        or (
            employers.employer = 'council'
            and of_an_unknown_employer.organisation_code is null
            -- Between two extracts it is passed over, so that people are followed from the one to the other.
            and not coalesce(social_care.as_at_date between social_care.first_extract and social_care.last_extract, false)
        )

),

in_order as (

    select
        *,
        lag(as_at_date) over days_of_organisation as date_before,
        lag(form) over days_of_organisation as form_before,
        lag(coalesce(key_fingerprint, '')) over days_of_organisation as key_before
    from all_days
    window days_of_organisation as (partition by source, organisation_code, employer order by as_at_date)

),

-- Pseudonyms of two keys cannot be compared, nor those of two forms where a worker has no National Insurance number:
-- everybody would seem to have left and joined.
followed as (

    select
        *,
        case
            when form = form_before and coalesce(key_fingerprint, '') = key_before then date_before
        end as previous_date
    from in_order

),

-- Extracts that may not hold everybody, or held too few the day before. Only one that was sent again short speaks of its own
-- day alone; the others compare two days, so that the month after a true fall is as good as any.
doubted as (

    select distinct
        source,
        organisation_code,
        as_at_date,
        reason = 'fewer_than_the_file_replaced' as is_short_by_itself
    from {{ ref('int_people__extract_changes') }}
    where is_doubted and landed_table in ('esr_assignments', 'asc_wds_workers')

)

select
    followed.source,
    followed.organisation_code,
    followed.organisation_name,
    followed.employer,
    followed.as_at_date,
    followed.previous_date,
    -- Extracts are monthly: a day further away than the month after leaves a gap.
    followed.as_at_date > last_day(followed.previous_date + interval 1 month) as is_gap,
    case
        when followed.previous_date is not null
            then at_end.as_at_date is not null or coalesce(at_start.is_short_by_itself, false)
    end as is_doubted,
    a_year_before.as_at_date as year_before
from followed
left join doubted as at_end
    on
        followed.source = at_end.source
        and followed.organisation_code = at_end.organisation_code
        and followed.as_at_date = at_end.as_at_date
left join doubted as at_start
    on
        followed.source = at_start.source
        and followed.organisation_code = at_start.organisation_code
        and followed.previous_date = at_start.as_at_date
left join followed as a_year_before
    on
        followed.source = a_year_before.source
        and followed.organisation_code = a_year_before.organisation_code
        and followed.employer = a_year_before.employer
        and followed.as_at_date = last_day(a_year_before.as_at_date + interval 12 month)
        and followed.form = a_year_before.form
        and followed.key_fingerprint is not distinct from a_year_before.key_fingerprint
