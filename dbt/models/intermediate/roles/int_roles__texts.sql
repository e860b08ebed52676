-- Every distinct title, grade and employer type, with the title as plain words and what its grade and employer say.
{% set joined = '(?:/|-|to|or|and)' %}
{% set band_in_words = '(?:^| )(?:(?:nhs )?(?:afc )?(?:bands?|bd|banding|afc)|b) ?([1-9] ?[abcd]?)(?: ?' ~ joined
    ~ ' ?(?:band |bd |b)?([1-9] ?[abcd]?|[abcd]))?(?: |$)' %}
{% set bare_band = '(?:^| )(8 ?[abcd])(?: ?' ~ joined ~ ' ?(8? ?[abcd]))?(?: |$)' %}
{# Two numbers alone, such as 5/6: bands of an NHS or independent employer, where the second is the higher. #}
{% set bare_range = '(?:^| )([4-7]) ?(?:/|-|to|or) ?([5-8])(?: ?[abcd])?(?: |$)' %}
{% set afc_words = ' (afc|nhs|agenda for change) ' %}
{% set local_grade = ' (grade|scale|gr|sc|po|so|sm|scp|spinal) ?[0-9a-z]* ' %}

{# What a title went through before it came here is undone first, then words written as one are told apart while upper
   case still shows where one ends. Each is looked for only where a title has a sign of it. #}
{% set lost_on_the_way = [("â€™|â€˜|[’‘`´]", ''), ('â€.?|Ã.|[ÂâÃ�]', ' '), ('[–—‐‑−]', '-')] %}
{% set written_as_one = [
    ('([a-z])(OT|SLT|ODP|AHP)', '\\1 \\2'),
    ('\\b(OT|SLT|ODP|AHP)([A-Z][a-z])', '\\1 \\2'),
    ('([a-z])([A-Z][a-z])', '\\1 \\2')
] %}
{% set initials = [('\\b([a-z])\\. ?([a-z])\\.(?: ?([a-z])\\.?)?', '\\1\\2\\3')] %}
{% set entities = [('&#0?39;', ''), ('&nbsp;', ' '), ('&amp;|[&+]', ' and ')] %}
{% set hyphens = [('co ?- ?ord', 'coord')] %}
{% set slashes = [('\\bo ?/ ?t\\b', 'ot'), ('[/\\\\|]', ' / ')] %}
{# Only between numbers does a hyphen mean anything. #}
{% set spacing = [('([a-z])-([a-z])', '\\1 \\2'), ('[^a-z0-9/-]+', ' ')] %}
{% set numbers = [
    ('\\bband ([4-8]) ([5-9])\\b', 'band \\1/\\2'),
    ('\\b(level|lvl|lev|lv|grade|band)([0-9])', '\\1 \\2')
] %}
{% set annex = ' annexe? (21|u) ' %}
{% set low_grade = ' (grade|gr|scale|sc|scp) ?[1-6] | (grade|gr|scale|sc) ?[a-f] ' %}
{% set higher_grade = ' (so|po) ?[0-9]' %}
{% set of_the_grade = [('[–—]', '-'), ('[/\\\\]', ' / '), ('[^a-z0-9/-]+', ' ')] %}
{# Hours, numbers of posts and local grades say nothing of the role. #}
{% set noise = [
    (band_in_words, ' '),
    (bare_band, ' '),
    (bare_range, ' '),
    ('\\b([0-9]+([ .][0-9]+)? ?(hrs?|hours?|wte|fte|pw|days?)|gr(ade)? ?[0-9]+|scale ?[0-9]+|x ?[0-9]+)\\b', ' ')
] %}

with

titles as (

    select * from {{ ref('int_roles__titles') }}

),

-- Grades are few. A council's own band is not one of Agenda for Change, nor is a grade, scale or spinal point.
grades as (

    select
        band_or_grade,
        employer_type,
        ' ' || trim({{ replaced_in_turn("lower(left(coalesce(band_or_grade, ''), 400))", of_the_grade) }}) || ' '
            as grade_spaced
    from (
        select distinct
            band_or_grade,
            employer_type
        from titles
    )

),

read_grades as (

    select
        *,
        case
            when employer_type = 'council' and not regexp_matches(grade_spaced, '{{ afc_words }}') then []
            when regexp_matches(grade_spaced, '^ [1-9] ?[abcd]? $') then [trim(grade_spaced)]
            when regexp_matches(grade_spaced, '^ 8 ?[abcd] ?{{ joined }} ?8? ?[abcd] $') then ['8a', '8b']
            when regexp_matches(grade_spaced, '^ [1-7] ?{{ joined }} ?[1-8] ?[abcd]? $')
                then regexp_extract_all(grade_spaced, '[1-9]')
            when regexp_matches(grade_spaced, '{{ local_grade }}') and not contains(grade_spaced, ' band ') then []
            else
                list_filter(
                    [
                        regexp_extract(grade_spaced, '{{ band_in_words }}', 1),
                        regexp_extract(grade_spaced, '{{ band_in_words }}', 2)
                    ],
                    lambda band: band <> ''
                )
        end as grade_bands,
        regexp_matches(grade_spaced, '{{ annex }}') as has_annex,
        regexp_matches(grade_spaced, '{{ low_grade }}') as is_low,
        regexp_matches(grade_spaced, '{{ higher_grade }}') as is_higher
    from grades

),

graded as (

    select
        *,
        {{ band_levels('grade_bands') }} as grade_levels
    from read_grades

),

-- Accents and case carry no meaning.
whole as (

    select
        title_raw,
        band_or_grade,
        employer_type,
        coalesce(length(title_raw), 0) as title_length,
        case
            when regexp_matches(title_raw, '[^ -~]')
                then strip_accents({{ replaced_in_turn('left(title_raw, 400)', lost_on_the_way) }})
            else left(coalesce(title_raw, ''), 400)
        end as title_whole
    from titles

),

lowered as (

    select
        *,
        lower(
            case
                when regexp_matches(title_whole, '[a-z][A-Z]|[TP][A-Z][a-z]')
                    then {{ replaced_in_turn('title_whole', written_as_one) }}
                else title_whole
            end
        ) as title_lower
    from whole

),

-- Each kind of mark is looked for only where a title has one, since most have none.
cleaned as (

    select
        * replace (
            case
                when contains(title_lower, '/') or contains(title_lower, '|') or contains(title_lower, '\')
                    then {{ replaced_in_turn('title_lower', slashes) }}
                else title_lower
            end as title_lower
        ),
        regexp_matches(title_lower, '[0-9]| annexe? u') as has_numbers
    from (
        select
            * replace (
                case
                    when contains(title_lower, '-') then {{ replaced_in_turn('title_lower', hyphens) }}
                    else title_lower
                end as title_lower
            )
        from (
            select
                * replace (
                    replace(
                        case
                            when contains(title_lower, '&') or contains(title_lower, '+')
                                then {{ replaced_in_turn('title_lower', entities) }}
                            else title_lower
                        end, '''', ''
                    ) as title_lower
                )
            from (
                select
                    * replace (
                        case
                            when contains(title_lower, '.') then {{ replaced_in_turn('title_lower', initials) }}
                            else title_lower
                        end as title_lower
                    )
                from lowered
            )
        )
    )

),

-- One spacing, so that bands can be found and cut out.
numbered as (

    select
        *,
        case
            when has_numbers
                then {{ replaced_in_turn("' ' || trim(" ~ replaced_in_turn('title_lower', spacing) ~ ") || ' '", numbers) }}
        end as title_spaced
    from cleaned

),

banded as (

    select
        numbered.*,
        graded.grade_bands,
        graded.grade_levels,
        case
            when not numbered.has_numbers then []
            when
                numbered.employer_type = 'council'
                and not regexp_matches(numbered.title_spaced, '{{ afc_words }}')
                then []
            else
                list_filter(
                    [
                        regexp_extract(numbered.title_spaced, '{{ band_in_words }}', 1),
                        regexp_extract(numbered.title_spaced, '{{ band_in_words }}', 2),
                        regexp_extract(numbered.title_spaced, '{{ bare_band }}', 1),
                        regexp_extract(numbered.title_spaced, '{{ bare_band }}', 2)
                    ]
                    || case
                        when not regexp_matches(numbered.title_spaced, '{{ bare_range }}') then []
                        when
                            regexp_extract(numbered.title_spaced, '{{ bare_range }}', 1)
                            < regexp_extract(numbered.title_spaced, '{{ bare_range }}', 2)
                            then
                                [
                                    regexp_extract(numbered.title_spaced, '{{ bare_range }}', 1),
                                    regexp_extract(numbered.title_spaced, '{{ bare_range }}', 2)
                                ]
                        else []
                    end,
                    lambda band: band <> ''
                )
        end as title_bands,
        graded.has_annex or (numbered.has_numbers and regexp_matches(numbered.title_spaced, '{{ annex }}')) as has_annex,
        (graded.is_low or (numbered.has_numbers and regexp_matches(numbered.title_spaced, '{{ low_grade }}')))
        and not graded.is_higher
        and not (numbered.has_numbers and regexp_matches(numbered.title_spaced, '{{ higher_grade }}')) as has_low_grade
    from numbered
    inner join graded
        on
            numbered.band_or_grade is not distinct from graded.band_or_grade
            and numbered.employer_type = graded.employer_type

),

-- The band of the post decides over one that its title names; where each names one alone, they must agree.
leveled as (

    select
        *,
        -- Most titles hold no number, and what their grade says is known already.
        case
            when len(title_bands) = 0 or len(grade_bands) > 0 then grade_levels
            else {{ band_levels('title_bands') }}
        end as bands,
        len(title_bands) > 0
        and len(list_distinct(grade_bands)) = 1
        and len(list_distinct(title_bands)) = 1
        and left(grade_bands[1], 1) <> left(title_bands[1], 1) as bands_differ
    from banded

)

select
    title_raw,
    band_or_grade,
    employer_type,
    case when len(bands) = 1 then bands[1] end as afc_band_level,
    array_to_string(
        regexp_extract_all(
            replace(
                case when has_numbers then {{ replaced_in_turn('title_spaced', noise) }} else title_lower end, '/', ' or '
            ),
            '[a-z0-9]+'
        ), ' '
    ) as title_plain,
    ' ' || concat_ws(
        ' ',
        case when title_length > 300 then 'title_too_long' end,
        case
            when not regexp_matches(title_lower, '[a-z0-9]') and regexp_matches(title_raw, '\p{L}') then 'letters_not_read'
        end,
        'employer_' || employer_type,
        case
            when len(bands) > 1 then 'band_range'
            when bands[1] in ('1', '2', '3', '4') then 'band_2_to_4'
            when bands[1] in ('5', '6', '7') then 'band_' || bands[1]
            when bands[1] in ('8', '9') then 'band_8_or_9'
        end,
        case when bands_differ then 'bands_differ' end,
        case when has_annex then 'annex_21' end,
        case when has_low_grade then 'low_grade' end
    ) || ' ' as facts
from leveled
