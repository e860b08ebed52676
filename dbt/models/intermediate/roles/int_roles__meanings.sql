-- Every distinct title as it is read, with the known wordings found in it, in their order.
with

titles_read as (

    select distinct title_read from {{ ref('int_roles__read') }}

),

phrases as (

    select * from {{ ref('int_roles__phrases') }}

),

spread as (

    select
        title_read,
        unnest(string_split(title_read, ' ')) as word,
        generate_subscripts(string_split(title_read, ' '), 1) as place,
        string_split(title_read, ' ') as all_words
    from titles_read

),

found as (

    select
        spread.title_read,
        spread.place as first_place,
        spread.place + phrases.word_count - 1 as last_place,
        phrases.word_count,
        phrases.phrase_as_listed,
        phrases.kind,
        phrases.kind_group,
        phrases.profession
    from spread
    inner join phrases on spread.word = phrases.first_word
    where
        phrases.word_count = 1
        or array_to_string(list_slice(spread.all_words, spread.place, spread.place + phrases.word_count - 1), ' ')
        = phrases.phrase

),

-- Of wordings that share a word the longest is meant, and of two as long the first.
hidden as (

    select distinct
        found.title_read,
        found.first_place,
        found.word_count
    from found
    inner join found as better on found.title_read = better.title_read
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
            found.title_read = hidden.title_read
            and found.first_place = hidden.first_place
            and found.word_count = hidden.word_count
    where hidden.title_read is null and found.kind <> 'known'

),

-- Two short names mean a profession only beside certain words.
neighboured as (

    select
        *,
        lag(kind, 1, '') over (partition by title_read order by first_place) as kind_before,
        lag(profession, 1, '') over (partition by title_read order by first_place) as profession_before,
        lead(kind, 1, '') over (partition by title_read order by first_place) as kind_after,
        lead(kind, 2, '') over (partition by title_read order by first_place) as kind_after_next,
        lead(profession, 1, '') over (partition by title_read order by first_place) as profession_after,
        lead(profession, 2, '') over (partition by title_read order by first_place) as profession_after_next
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
        title_read,
        ' ' || string_agg(kind, ' ' order by first_place) || ' ' as kinds,
        ' ' || string_agg(kind_group, ' ' order by first_place) || ' ' as kind_groups,
        list(phrase_as_listed order by first_place) as wordings,
        list(kind order by first_place) as wording_kinds,
        list(kind_group order by first_place) as wording_groups,
        list(distinct profession order by profession) filter (where profession is not null) as professions,
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
    group by title_read

)

select
    titles_read.title_read,
    coalesce(gathered.kinds, ' ') as kinds,
    coalesce(gathered.kind_groups, ' ') as kind_groups,
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
            gathered.kinds, ' therapy joiner (field|short|registrant) | (field|short|registrant) joiner therapy '
        ),
        false
    ) as joins_therapy
from titles_read
left join gathered on titles_read.title_read = gathered.title_read
