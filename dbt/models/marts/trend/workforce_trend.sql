with

pairs as (

    select * from {{ ref('int_trend__pairs') }}

),

reasons as (

    select * from {{ ref('int_trend__reasons') }}

),

-- What the reasons come to for one council.
effects as (

    select
        source,
        geography_type,
        geography_code,
        as_at_date,
        return_group,
        measure,
        organisation_code,
        bool_or(effect = 'left_out') as is_left_out,
        bool_or(effect = 'marked') as is_marked
    from reasons
    group by source, geography_type, geography_code, as_at_date, return_group, measure, organisation_code

),

judged as (

    select
        pairs.*,
        pairs.value is not null or pairs.previous_value is not null as has_a_number,
        pairs.value is not null and pairs.previous_value is not null and not coalesce(effects.is_left_out, false) as is_matched,
        coalesce(effects.is_marked, false) as is_marked
    from pairs
    left join effects
        on
            pairs.source = effects.source
            and pairs.geography_type = effects.geography_type
            and pairs.geography_code = effects.geography_code
            and pairs.as_at_date = effects.as_at_date
            and pairs.return_group = effects.return_group
            and pairs.measure = effects.measure
            and pairs.organisation_code = effects.organisation_code

),

summed as (

    select
        source,
        geography_type,
        geography_code,
        geography_name,
        return_group,
        measure,
        as_at_date,
        previous_as_at_date,
        sum(value) as value,
        sum(previous_value) as previous_value,
        count(*) filter (where is_in_area) as councils_expected,
        count(value) as councils_returned,
        count(previous_value) as previous_councils_returned,
        count(*) filter (where has_a_number) as councils_with_a_number,
        count(*) filter (where is_matched) as councils_in_both,
        sum(value) filter (where is_matched) as matched_value,
        sum(previous_value) filter (where is_matched) as matched_previous_value,
        bool_or(is_marked) as is_marked
    from judged
    group by all

),

-- One reason is told once, with the councils it holds for.
told as (

    select
        source,
        geography_type,
        geography_code,
        return_group,
        measure,
        as_at_date,
        effect,
        place,
        statement || coalesce(': ' || string_agg(organisation_name, ', ' order by organisation_name), '') as sentence
    from reasons
    group by source, geography_type, geography_code, return_group, measure, as_at_date, effect, place, statement

),

explained as (

    select
        source,
        geography_type,
        geography_code,
        return_group,
        measure,
        as_at_date,
        string_agg(sentence, '; ' order by place, sentence) filter (where effect <> 'noted') as breaks,
        string_agg(
            rtrim(sentence, '.') || '.', ' ' order by place, sentence
        ) filter (where effect = 'noted') as notes
    from told
    group by source, geography_type, geography_code, return_group, measure, as_at_date

)

select
    summed.source,
    summed.geography_type,
    summed.geography_code,
    summed.geography_name,
    summed.return_group,
    summed.measure,
    summed.as_at_date,
    summed.previous_as_at_date,
    cast(summed.value as decimal(18, 4)) as value,
    cast(summed.previous_value as decimal(18, 4)) as previous_value,
    summed.councils_expected,
    summed.councils_returned,
    summed.previous_councils_returned,
    summed.councils_in_both,
    cast(summed.matched_value as decimal(18, 4)) as matched_value,
    cast(summed.matched_previous_value as decimal(18, 4)) as matched_previous_value,
    cast(summed.matched_value - summed.matched_previous_value as decimal(18, 4)) as change,
    100.0 * cast(summed.matched_value - summed.matched_previous_value as double)
    / cast(nullif(summed.matched_previous_value, 0) as double) as change_pct,
    case
        when summed.councils_in_both = 0 then 'refused'
        when summed.is_marked then 'marked'
        when summed.councils_in_both < summed.councils_with_a_number then 'partial'
        else 'comparable'
    end as comparability,
    coalesce(
        explained.breaks,
        case when summed.councils_with_a_number = 0 then 'No number that may be used on either day' end
    ) as breaks,
    concat_ws(
        ' ',
        'A number may change because others were counted; comparing the changes of councils is unreliable without an',
        'evaluation of the services behind them.',
        case
            when summed.councils_in_both between 1 and summed.councils_expected - 1
                then format('The change covers {} of the {} councils of the area.', summed.councils_in_both, summed.councils_expected)
        end,
        explained.notes
    ) as caveat
from summed
left join explained
    on
        summed.source = explained.source
        and summed.geography_type = explained.geography_type
        and summed.geography_code = explained.geography_code
        and summed.return_group = explained.return_group
        and summed.measure = explained.measure
        and summed.as_at_date = explained.as_at_date
