with

answers as (

    select * from {{ ref('int_returns__equality') }}
    where is_current

),

headcounts as (

    select
        source,
        as_at_date,
        organisation_code,
        {{ whole_sum('headcount') }} as headcount
    from {{ ref('int_workforce__returns') }}
    group by source, as_at_date, organisation_code

),

counted as (

    select
        source,
        as_at_date,
        organisation_code,
        organisation_name,
        characteristic,
        submission_id,
        {% for kind in ['valid', 'prefer_not_to_say', 'not_known', 'not_recorded', 'invalid'] %}
        coalesce(sum(people) filter (where answer_kind = '{{ kind }}'), 0) as {{ kind }},
        {% endfor %}
        count(*) filter (where value_status not in ('not_supplied', 'not_applicable')) as rows_answered,
        count(*) filter (where value_status = 'not_applicable') as rows_not_applicable,
        count(*) filter (where value_status not in ('reported', 'reported_with_note', 'zero_stated', 'not_supplied', 'not_applicable'))
            as rows_without_number
    from answers
    group by source, as_at_date, organisation_code, organisation_name, characteristic, submission_id

),

policies as (

    select
        max(case when policy = 'edi_green_recorded_pct' then value end) as green_from,
        max(case when policy = 'edi_amber_recorded_pct' then value end) as amber_from,
        max(case when policy = 'edi_smallest_group' then value end) as smallest_group
    from {{ ref('policies') }}

),

sized as (

    select
        counted.*,
        headcounts.headcount,
        -- People without an answer may stand in no row; the headcount shows that there are some. More answers than people
        -- is a fault of its own, and then the answers are the base.
        case
            when headcounts.headcount is not null
                then greatest(
                    headcounts.headcount,
                    counted.valid + counted.prefer_not_to_say + counted.not_known + counted.not_recorded + counted.invalid
                )
        end as n,
        counted.rows_answered = 0 and counted.rows_not_applicable > 0 as is_not_asked,
        counted.rows_answered = 0 and counted.rows_not_applicable = 0 as is_not_supplied
    from counted
    left join headcounts
        on
            counted.source = headcounts.source
            and counted.as_at_date = headcounts.as_at_date
            and counted.organisation_code = headcounts.organisation_code

),

shared as (

    select
        *,
        not is_not_asked and not is_not_supplied and rows_without_number = 0 and coalesce(n > 0, false) as is_countable
    from sized

),

from_returns as (

    select
        shared.source,
        shared.organisation_code,
        shared.organisation_name,
        shared.as_at_date,
        'not_stated' as employer,
        shared.characteristic,
        cast(null as varchar) as role_group,
        true as is_all_role_groups,
        cast(shared.n as bigint) as n,
        {% for kind in ['valid', 'prefer_not_to_say', 'not_known'] %}
        cast(case when not shared.is_not_asked and not shared.is_not_supplied then shared.{{ kind }} end as bigint) as {{ kind }},
        {% endfor %}
        cast(
            case
                when shared.is_countable
                    then shared.n - shared.valid - shared.prefer_not_to_say - shared.not_known - shared.invalid
            end as bigint
        ) as not_recorded,
        cast(case when not shared.is_not_asked and not shared.is_not_supplied then shared.invalid end as bigint) as invalid,
        cast(case when shared.is_not_asked then shared.n when not shared.is_not_supplied then 0 end as bigint) as not_asked,
        case when shared.is_countable then 100.0 * cast(shared.valid + shared.prefer_not_to_say as double) / cast(shared.n as double) end
            as recorded_pct,
        case when shared.is_countable then 100.0 * cast(shared.valid as double) / cast(shared.n as double) end as disclosed_pct,
        case
            when shared.is_countable
                then
                    100.0 * cast(shared.prefer_not_to_say as double)
                    / cast(nullif(shared.valid + shared.prefer_not_to_say, 0) as double)
        end as refusal_pct,
        cast(null as bigint) as answered_before,
        cast(null as bigint) as overwritten,
        case
            when shared.is_not_asked then 'not_asked'
            when shared.is_not_supplied then 'not_supplied'
            when not shared.is_countable then 'not_known'
            when 100.0 * (shared.valid + shared.prefer_not_to_say) >= policies.green_from * shared.n then 'green'
            when 100.0 * (shared.valid + shared.prefer_not_to_say) >= policies.amber_from * shared.n then 'amber'
            else 'red'
        end as band,
        shared.submission_id,
        cast(null as bigint) as person_complete,
        cast(null as double) as answer_age_days,
        false as has_dated_answers,
        policies.smallest_group
    from shared
    cross join policies

),

-- Extracts of people: every kind of missing answer is counted from the answers themselves.
answers_of_people as (

    select
        answers.*,
        policies.*,
        policies.smallest_group > answers.people as is_too_small
    from (
        select * from {{ ref('int_esr__answers') }}
        union all
        select * from {{ ref('int_asc_wds__answers') }}
    ) as answers
    cross join policies

),

from_extracts as (

    select
        source,
        organisation_code,
        organisation_name,
        as_at_date,
        employer,
        characteristic,
        role_group,
        is_all_role_groups,
        people as n,
        case when not_asked = 0 then valid end as valid,
        case when not_asked = 0 then prefer_not_to_say end as prefer_not_to_say,
        case when not_asked = 0 then not_known end as not_known,
        case when not_asked = 0 then not_recorded end as not_recorded,
        case when not_asked = 0 then invalid end as invalid,
        not_asked,
        case when not_asked = 0 then 100.0 * cast(valid + prefer_not_to_say as double) / cast(people as double) end as recorded_pct,
        case when not_asked = 0 then 100.0 * cast(valid as double) / cast(people as double) end as disclosed_pct,
        case
            when not_asked = 0
                then 100.0 * cast(prefer_not_to_say as double) / cast(nullif(valid + prefer_not_to_say, 0) as double)
        end as refusal_pct,
        case when not_asked = 0 then answered_before end as answered_before,
        case when not_asked = 0 then overwritten end as overwritten,
        case
            when not_asked > 0 then 'not_asked'
            when is_too_small then 'too_few'
            when 100.0 * (valid + prefer_not_to_say) >= green_from * people then 'green'
            when 100.0 * (valid + prefer_not_to_say) >= amber_from * people then 'amber'
            else 'red'
        end as band,
        submission_id,
        person_complete,
        answer_age_days,
        has_dated_answers,
        smallest_group
    from answers_of_people

),

together as (

    select
        *,
        band <> 'not_asked' and {{ is_protected_characteristic('characteristic') }} as is_required
    from (
        select * from from_returns
        union all
        select * from from_extracts
    ) as rows_of_all

),

-- What the characteristics of one group come to; the same in each of its rows.
grouped as (

    select
        together.*,
        source <> 'council_returns' as is_by_person,
        coalesce(smallest_group > min(n) over of_group, false) as is_too_small,
        coalesce(bool_or(is_required) over of_group, false) as is_anything_required,
        -- A characteristic that a return passes over, or of which not all is known, could be the least of them.
        coalesce(bool_and(recorded_pct is not null or band = 'not_asked') over of_group, false)
        and (
            source <> 'council_returns'
            or count(*) over of_group = (select count(distinct categories.characteristic) from {{ ref('edi_categories') }} as categories)
        ) as is_every_field_known,
        min(recorded_pct) filter (where is_required) over of_group as least_recorded_pct
    from together
    window of_group as (
        partition by source, organisation_code, as_at_date, employer, role_group, is_all_role_groups
    )

),

stated as (

    select
        *,
        case
            when not is_anything_required then 'not_asked'
            when is_too_small then 'too_few'
            when not is_every_field_known then 'not_known'
            else 'counted'
        end as score_status,
        case
            when not is_by_person then 'not_by_person'
            when not is_anything_required then 'not_asked'
            when is_too_small then 'too_few'
            else 'counted'
        end as person_complete_status,
        case
            when not is_by_person then 'not_by_person'
            when band = 'not_asked' then 'not_asked'
            when is_too_small then 'too_few'
            when answer_age_days is null then 'no_answers'
            when has_dated_answers then 'dated'
            else 'at_least'
        end as answer_age_status
    from grouped

)

select
    source,
    organisation_code,
    organisation_name,
    as_at_date,
    employer,
    characteristic,
    role_group,
    is_all_role_groups,
    n,
    valid,
    prefer_not_to_say,
    not_known,
    not_recorded,
    invalid,
    not_asked,
    recorded_pct,
    disclosed_pct,
    refusal_pct,
    answered_before,
    overwritten,
    100.0 * cast(overwritten as double) / cast(nullif(answered_before, 0) as double) as overwritten_pct,
    band,
    case when answer_age_status in ('dated', 'at_least') then answer_age_days end as answer_age_days,
    answer_age_status,
    is_required,
    case when score_status = 'counted' then least_recorded_pct end as score_pct,
    score_status,
    case when person_complete_status = 'counted' then person_complete end as person_complete,
    case when person_complete_status = 'counted' then 100.0 * cast(person_complete as double) / cast(n as double) end
        as person_complete_pct,
    person_complete_status,
    submission_id
from stated
