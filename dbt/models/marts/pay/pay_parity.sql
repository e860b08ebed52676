with

ranges as (

    select
        * exclude (pay_year),
        -- A return gives its pay year in words of its own, such as 2025-26.
        regexp_replace(pay_year, '^\s*(20[0-9]{2})\s*[-/–]\s*(?:20)?([0-9]{2})\s*$', '\1/\2') as pay_year,
        -- One amount in words such as 'plus market forces supplement of £4,000'; a percentage or several amounts are none.
        regexp_extract_all(replace(supplement_text, ',', ''), '[0-9]+(?:\.[0-9]+)?') as supplement_numbers
    from {{ ref('fct_pay_scale') }}

),

families as (

    select
        job_family,
        afc_band_comparator,
        split_part(afc_band_comparator, '-', 1) as lowest_band,
        split_part(afc_band_comparator, '-', -1) as highest_band
    from {{ ref('job_families') }}

),

bands as (

    select * from {{ ref('agenda_for_change_pay') }}

),

held_against as (

    select
        ranges.*,
        families.afc_band_comparator,
        lowest.pay_minimum as band_minimum,
        -- Two bands set beside one family have no common point after two years.
        case when families.lowest_band = families.highest_band then lowest.pay_after_two_years end as band_after_two_years,
        highest.pay_maximum as band_maximum,
        lowest.pay_year is not null as has_bands_of_the_year,
        case
            when lowest.evidence in ('verified', 'checked') and highest.evidence in ('verified', 'checked') then 'checked'
            when lowest.pay_year is not null then 'not_checked'
        end as band_evidence,
        case
            when len(ranges.supplement_numbers) = 1 and not contains(ranges.supplement_text, '%')
                then cast(round(cast(ranges.supplement_numbers[1] as decimal(18, 2))) as integer)
        end as supplement_pounds
    from ranges
    left join families on ranges.job_family = families.job_family
    left join bands as lowest on ranges.pay_year = lowest.pay_year and families.lowest_band = lowest.band
    left join bands as highest on ranges.pay_year = highest.pay_year and families.highest_band = highest.band

),

points as (

    {% for point, from_pay, to_pay, band_pay in [
        ('entry', 'pay_minimum', 'pay_minimum', 'band_minimum'),
        ('after_two_years', 'pay_minimum', 'pay_maximum', 'band_after_two_years'),
        ('top', 'pay_maximum', 'pay_maximum', 'band_maximum'),
    ] %}
    select
        *,
        '{{ point }}' as comparison_point,
        {{ band_pay }} as band_pay,
        {% if point == 'after_two_years' %}
        -- A council on the NHS scale that prints the band itself pays its point after two years.
        case
            when is_agenda_for_change and pay_minimum = band_minimum and pay_maximum = band_maximum then band_after_two_years
            else pay_minimum
        end as pay_at_least,
        case
            when is_agenda_for_change and pay_minimum = band_minimum and pay_maximum = band_maximum then band_after_two_years
            else pay_maximum
        end as pay_at_most
        {% else %}
        {{ from_pay }} as pay_at_least,
        {{ to_pay }} as pay_at_most
        {% endif %}
    from held_against
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

judged as (

    select
        *,
        case
            when pay_at_least is null or pay_at_most is null
                then case when value_status in ('reported', 'reported_with_note', 'uncertain') then 'not_supplied' else value_status end
            when job_family is null or afc_band_comparator is null then 'not_applicable'
            when not has_bands_of_the_year then 'not_supplied'
            when band_pay is null then 'not_applicable'
            when value_status = 'uncertain' then 'uncertain'
            when pay_at_least < pay_at_most then 'derived'
            else 'reported'
        end as gap_status
    from points

)

select
    source,
    source_document,
    organisation_code,
    organisation_name,
    as_at_date,
    pay_year,
    pay_scale,
    is_agenda_for_change,
    job_family,
    role_code,
    job_title,
    range_number,
    comparison_point,
    afc_band_comparator as agenda_for_change_bands,
    band_pay as agenda_for_change_pay,
    band_evidence as agenda_for_change_evidence,
    pay_at_least as council_pay,
    pay_at_most as council_pay_at_most,
    supplement_pounds,
    case
        when supplement_text is null then 'not_applicable'
        when supplement_pounds is null then 'cannot_quantify'
        else 'reported'
    end as supplement_status,
    {% for gap, pay in [('gap_pct', 'pay_at_least'), ('gap_at_most_pct', 'pay_at_most')] %}
    case when gap_status in ('reported', 'uncertain', 'derived') then 100.0 * ({{ pay }} - band_pay) / band_pay end as {{ gap }},
    {% endfor %}
    {% for gap, pay in [('gap_with_supplement_pct', 'pay_at_least'), ('gap_with_supplement_at_most_pct', 'pay_at_most')] %}
    case
        when gap_status in ('reported', 'uncertain', 'derived')
            then 100.0 * ({{ pay }} + supplement_pounds - band_pay) / band_pay
    end as {{ gap }},
    {% endfor %}
    gap_status,
    case
        when pay_at_least is null or pay_at_most is null then 'The council gives no pay for this point.'
        when job_family is null then 'The row is in no job family that a band stands beside.'
        when afc_band_comparator is null then 'No Agenda for Change band stands beside this job family.'
        when pay_year is null then 'It is not known for which year the pay stands.'
        when not has_bands_of_the_year then 'This warehouse holds no Agenda for Change pay for that year.'
        when band_pay is null then 'The band has no single point after two years.'
        when gap_status = 'derived'
            then 'Pay after two years lies somewhere in the council''s range, so the gap lies between the two values.'
        when gap_status = 'uncertain' then 'The pay of the council is read with doubt.'
    end as gap_note,
    submission_id,
    source_file,
    source_sheet,
    source_row,
    source_cell
from judged
