-- Every distinct word of the titles as plain words, with what it is read as.
{# What the end of a word says of it: a therapy, a profession, somebody who does something. Names of places end so too. #}
{% set unlisted %}
case
    when regexp_matches(known.word, '.{4}therap(y|ist)s?$') then 'unlisted therapist'
    when regexp_matches(known.word, '.{3}(ologist|ographer|ician|ometrist|onomist)s?$') then 'unlisted profession'
    when
        regexp_matches(known.word, '.{3}(er|or|ist|ant|man|men|yst)s?$')
        and not regexp_matches(known.word, '(ester|aster|inster|over|ower|xeter|peter|water|ndsor|ngor)s?$')
        then 'unlisted role'
end
{% endset %}

with

vocabulary as (

    select * from {{ ref('int_roles__vocabulary') }}

),

written as (

    select distinct unnest(string_split(title_plain, ' ')) as word
    from {{ ref('int_roles__texts') }}

),

distinct_words as (

    select
        word,
        {{ plain_form('word') }} as plain_word
    from written
    where word <> ''

),

known as (

    select
        distinct_words.word,
        coalesce(exact.read_as, plain.read_as) as read_as
    from distinct_words
    left join vocabulary as exact on distinct_words.word = exact.written
    left join vocabulary as plain on distinct_words.plain_word = plain.written

),

unknown as (

    select
        word,
        left(word, 1) as first_letter,
        length(word) as word_length,
        -- Therapies have names that differ by two letters.
        if(length(word) >= 9 and not contains(word, 'therap'), 2, 1) as letters_allowed
    from known
    where read_as is null and length(word) >= 5 and not regexp_matches(word, '[0-9]')

),

-- Two known words without the space between them, cut where the first is longest.
halves as (

    select
        word,
        left(word, cut) as first_half,
        substring(word, cut + 1) as second_half
    from (
        select
            word,
            unnest(range(2, word_length - 1)) as cut
        from unknown
        where word_length >= 7
    )
    where
        (cut >= 4 or left(word, cut) in ('ot', 'slt', 'odp', 'snr', 'ahp'))
        and (length(word) - cut >= 4 or substring(word, cut + 1) in ('ot', 'slt', 'odp'))

),

glued as (

    select
        halves.word,
        arg_max(first_part.read_as || ' ' || second_part.read_as, length(halves.first_half)) as read_as
    from halves
    inner join vocabulary as first_part on halves.first_half = first_part.written
    inner join vocabulary as second_part on {{ plain_form('halves.second_half') }} = second_part.written
    group by halves.word

),

-- The one listed word that differs by a letter, or by two in a long word.
near as (

    select
        unknown.word,
        vocabulary.written,
        vocabulary.read_as,
        vocabulary.uses,
        unknown.letters_allowed,
        damerau_levenshtein(unknown.word, vocabulary.written) as letters_apart
    from unknown
    inner join vocabulary
        on
            unknown.first_letter = left(vocabulary.written, 1)
            and length(vocabulary.written)
            between unknown.word_length - unknown.letters_allowed and unknown.word_length + unknown.letters_allowed
    where vocabulary.is_listed_word and length(vocabulary.written) >= 5 and unknown.word_length >= 6

),

nearest as (

    select
        word,
        read_as,
        letters_apart,
        row_number() over (partition by word order by letters_apart, uses desc, written) as place,
        lead(letters_apart) over (partition by word order by letters_apart, uses desc, written) as next_letters_apart,
        uses,
        lead(uses) over (partition by word order by letters_apart, uses desc, written) as next_uses
    from near
    where letters_apart <= letters_allowed

),

-- Between two as near the one in use in far more wordings is meant, and otherwise neither.
misspelt as (

    select
        word,
        read_as
    from nearest
    where place = 1 and (letters_apart < coalesce(next_letters_apart, 9) or uses >= 2 * next_uses)

)

select
    known.word,
    coalesce(
        known.read_as,
        glued.read_as,
        misspelt.read_as,
        {{ unlisted }},
        known.word
    ) as read_as,
    known.read_as is null
    and glued.read_as is null
    and misspelt.read_as is null
    and {{ unlisted }} is null as is_unknown,
    coalesce(contexts.is_context, false) as is_context
from known
left join glued on known.word = glued.word
left join misspelt on known.word = misspelt.word
left join vocabulary as contexts on coalesce(known.read_as, glued.read_as, misspelt.read_as) = contexts.written
