-- Every distinct title as it is read, with the known wordings found in it, in their order.
with

titles_read as (

    select
        title_read,
        row_number() over () as title_number,
        string_split(title_read, ' ') as all_words
    from (select distinct title_read from {{ ref('int_roles__read') }})

),

phrases as (

    select * from {{ ref('int_roles__phrases') }}

),

spread as (

    select
        title_number,
        word,
        place,
        lead(word) over (partition by title_number order by place) as next_word
    from (
        select
            title_number,
            unnest(all_words) as word,
            generate_subscripts(all_words, 1) as place
        from titles_read
    )

),

of_one_word as (

    select
        spread.title_number,
        spread.place,
        phrases.*
    from spread
    inner join phrases on spread.word = phrases.phrase

),

-- Two words are looked for at once, and only where both are there the rest is compared.
of_several_words as (

    select
        spread.title_number,
        spread.place,
        phrases.*
    from spread
    inner join phrases on spread.word = phrases.first_word and spread.next_word = phrases.second_word
    inner join titles_read on spread.title_number = titles_read.title_number
    where
        phrases.word_count = 2
        or array_to_string(list_slice(titles_read.all_words, spread.place, spread.place + phrases.word_count - 1), ' ')
        = phrases.phrase

),

found as (

    select
        title_number,
        place as first_place,
        place + word_count - 1 as last_place,
        word_count,
        phrase_as_listed,
        kind,
        kind_group,
        profession
    from (
        select * from of_one_word
        union all
        select * from of_several_words
    )

),

-- Of wordings that share a word the longest is meant, and of two as long the first.
hidden as (

    select distinct
        found.title_number,
        found.first_place,
        found.word_count
    from found
    inner join found as better on found.title_number = better.title_number
    where
        found.first_place <= better.last_place
        and better.first_place <= found.last_place
        and (
            better.word_count > found.word_count
            or (better.word_count = found.word_count and better.first_place < found.first_place)
        )

),

meant as (

    select found.*
    from found
    left join hidden
        on
            found.title_number = hidden.title_number
            and found.first_place = hidden.first_place
            and found.word_count = hidden.word_count
    where hidden.title_number is null and found.kind <> 'known'

),

-- Two short names mean a profession only beside certain words.
neighboured as (

    select
        *,
        lag(kind, 1, '') over (partition by title_number order by first_place) as kind_before,
        lag(profession, 1, '') over (partition by title_number order by first_place) as profession_before,
        lead(kind, 1, '') over (partition by title_number order by first_place) as kind_after,
        lead(kind, 2, '') over (partition by title_number order by first_place) as kind_after_next,
        lead(profession, 1, '') over (partition by title_number order by first_place) as profession_after,
        lead(profession, 2, '') over (partition by title_number order by first_place) as profession_after_next
    from meant

),

told_apart as (

    select
        * replace (
            case
                when kind <> 'pt' then kind
                when
                    kind_before in ('senior', 'rotational', 'specialist', 'junior', 'newly_qualified', 'lead')
                    or kind_after in ('assistant')
                    or (kind_before = 'joiner')
                    or (kind_after = 'joiner' and kind_after_next in ('short', 'registrant'))
                    then 'short'
            end as kind,
            case when kind <> 'pt' then kind_group else 'named' end as kind_group,
            case
                when kind = 'pt' then 'physiotherapy'
                -- A Prosthetic Occupational Therapist is of one profession, and the other is the field.
                when kind = 'field' and kind_after = 'registrant' and profession <> profession_after then null
                else profession
            end as profession
        )
    from neighboured

),

gathered as (

    select
        title_number,
        -- Sorted as one list, which takes less than an aggregate in order for each.
        list_sort(list(struct_pack(
            first_place := first_place,
            kind := kind,
            kind_group := kind_group,
            wording := phrase_as_listed
        ))) as readings,
        list(distinct profession) filter (where profession is not null) as professions,
        coalesce(bool_or(kind in ('therapeutic_branch', 'therapy')), false) as names_therapeutic_branch,
        coalesce(bool_or(
            kind in ('registrant', 'short') and kind_after = 'joiner'
            and (
                (kind_after_next in ('registrant', 'short', 'field') and profession_after_next = profession)
                or kind_after_next = 'assistant'
            )
        ), false) as repeats_profession
    from told_apart
    where kind is not null
    group by title_number

),

taken_apart as (

    select
        * exclude (readings),
        list_transform(readings, lambda reading: struct_extract(reading, 'wording')) as wordings,
        list_transform(readings, lambda reading: struct_extract(reading, 'kind')) as wording_kinds,
        list_transform(readings, lambda reading: struct_extract(reading, 'kind_group')) as wording_groups
    from gathered

)

select
    titles_read.title_read,
    coalesce(' ' || array_to_string(gathered.wording_kinds, ' ') || ' ', ' ') as kinds,
    coalesce(' ' || array_to_string(gathered.wording_groups, ' ') || ' ', ' ') as kind_groups,
    coalesce(gathered.wordings, []) as wordings,
    coalesce(gathered.wording_kinds, []) as wording_kinds,
    coalesce(gathered.wording_groups, []) as wording_groups,
    list_sort(list_distinct(list_transform(
        coalesce(gathered.professions, []),
        lambda profession: case
            when profession <> 'radiography' then profession
            when gathered.names_therapeutic_branch then 'radiography_therapeutic'
            else 'radiography_diagnostic'
        end
    ))) as professions,
    coalesce(gathered.repeats_profession, false) as repeats_profession,
    -- Therapy and dietetics are more than dietetics.
    coalesce(
        regexp_matches(
            ' ' || array_to_string(gathered.wording_kinds, ' ') || ' ',
            ' therapy joiner (field|short|registrant) | (field|short|registrant) joiner therapy '
        ),
        false
    ) as joins_therapy
from titles_read
left join taken_apart as gathered on titles_read.title_number = gathered.title_number
