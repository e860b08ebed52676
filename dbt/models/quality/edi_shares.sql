-- Small counts of people are never to be seen, nor worked out from what is shown: what stands beside a hidden count is
-- hidden too, and everything else is rounded.
with

completeness as (

    select * from {{ ref('edi_completeness') }}
    where
        is_all_role_groups
        and is_required
        and valid is not null
        and recorded_pct is not null
    -- Months side by side would show the one person who came in between.
    qualify as_at_date = max(as_at_date) over (partition by source, organisation_code, employer)

),

categories as (

    select * from {{ ref('edi_categories') }}
    where answer_kind = 'valid'

),

policies as (

    select
        cast(max(case when policy = 'edi_smallest_group' then value end) as integer) as smallest_group,
        cast(max(case when policy = 'disclosure_hidden_up_to' then value end) as integer) as hidden_up_to,
        cast(max(case when policy = 'disclosure_rounded_to' then value end) as integer) as rounded_to,
        max(case when policy = 'edi_share_shown_pct' then value end) as shown_from,
        max(case when policy = 'edi_share_warned_pct' then value end) as warned_from
    from {{ ref('policies') }}

),

counted as (

    select
        source,
        organisation_code,
        as_at_date,
        employer,
        characteristic,
        unnest(map_keys(people_by_category)) as category,
        unnest(map_values(people_by_category)) as people
    from (
        select * from {{ ref('int_esr__answers') }}
        union all
        select * from {{ ref('int_asc_wds__answers') }}
    ) as answers
    where is_all_role_groups
    union all
    select
        source,
        organisation_code,
        as_at_date,
        'not_stated' as employer,
        characteristic,
        category,
        cast(sum(people) as bigint) as people
    from {{ ref('int_returns__equality') }}
    where is_current and answer_kind = 'valid'
    group by source, organisation_code, as_at_date, characteristic, category

),

listed as (

    select
        completeness.*,
        categories.category,
        categories.label,
        coalesce(counted.people, 0) as people,
        completeness.valid - sum(coalesce(counted.people, 0)) over of_characteristic as people_unlisted,
        row_number() over (of_characteristic order by coalesce(counted.people, 0), categories.sort_order) as place,
        coalesce(
            sum(coalesce(counted.people, 0)) over (
                of_characteristic order by coalesce(counted.people, 0), categories.sort_order
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as people_below
    from completeness
    inner join categories on completeness.characteristic = categories.characteristic
    left join counted
        on
            completeness.source = counted.source
            and completeness.organisation_code = counted.organisation_code
            and completeness.as_at_date = counted.as_at_date
            and completeness.employer = counted.employer
            and completeness.characteristic = counted.characteristic
            and categories.category = counted.category
    window of_characteristic as (
        partition by
            completeness.source, completeness.organisation_code, completeness.employer, completeness.characteristic
    )

),

-- Where one count is small, the smallest others are hidden with it, until at least two are and they hold more people
-- together than one small count may.
judged as (

    select
        listed.*,
        policies.*,
        policies.smallest_group > listed.n as is_too_small,
        (
            min(listed.people) over of_characteristic <= policies.hidden_up_to
            or listed.people_unlisted between 1 and policies.hidden_up_to
        )
        and (
            listed.people <= policies.hidden_up_to
            or listed.place <= 2
            or listed.people_below <= policies.hidden_up_to
        ) as is_hidden,
        cast(round(listed.people / policies.rounded_to) as bigint) * policies.rounded_to as people_rounded,
        policies.rounded_to // 2 as rounded_by
    from listed
    cross join policies
    window of_characteristic as (
        partition by listed.source, listed.organisation_code, listed.employer, listed.characteristic
    )

)

select
    source,
    organisation_code,
    organisation_name,
    as_at_date,
    employer,
    characteristic,
    category,
    label,
    n,
    case when not is_too_small and not is_hidden then people_rounded end as people_rounded,
    case when not is_too_small and not is_hidden then 100.0 * cast(people_rounded - rounded_by as double) / cast(n as double) end
        as share_lowest_pct,
    case
        when not is_too_small and not is_hidden
            then 100.0 * cast(least(people_rounded + rounded_by + n - valid, n) as double) / cast(n as double)
    end as share_highest_pct,
    case
        when not is_too_small and not is_hidden and disclosed_pct >= warned_from
            then least(100.0 * cast(people_rounded as double) / cast(valid as double), 100.0)
    end as share_pct,
    case
        when is_too_small then 'too_few'
        when is_hidden then 'hidden'
        when disclosed_pct >= shown_from then 'shown'
        when disclosed_pct >= warned_from then 'low_reliability'
        else 'bounds_only'
    end as share_status,
    submission_id
from judged
