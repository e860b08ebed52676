-- Every wording the seed role_words knows, each word in its plain form, with the same wording turned round where an index
-- would write it so.
with

listed as (

    select * from {{ ref('role_words') }}

),

-- An index writes 'Therapist, music'.
turned as (

    select
        string_split(listed.phrase, ' ')[2] || ' ' || string_split(listed.phrase, ' ')[1] as phrase,
        listed.kind,
        listed.profession
    from listed
    left join listed as also_listed
        on string_split(listed.phrase, ' ')[2] || ' ' || string_split(listed.phrase, ' ')[1] = also_listed.phrase
    where
        listed.kind in ('registrant', 'field', 'other_therapy')
        and regexp_matches(listed.phrase, '^[a-z]+ (therapist|therapy|therapies|psychotherapist)$')
        and also_listed.phrase is null

),

both_ways as (

    select
        phrase,
        kind,
        profession
    from listed
    union all
    select
        phrase,
        kind,
        profession
    from turned

),

words as (

    select
        phrase,
        kind,
        profession,
        array_to_string(
            list_transform(string_split(phrase, ' '), lambda word: {{ plain_form('word') }}), ' '
        ) as plain_phrase
    from both_ways

),

kinds as (

    select * from {{ ref('role_word_kinds') }}

)

select
    words.plain_phrase as phrase,
    arg_min(words.phrase, words.phrase) as phrase_as_listed,
    arg_min(words.kind, words.phrase) as kind,
    arg_min(kinds.kind_group, words.phrase) as kind_group,
    arg_min(words.profession, words.phrase) as profession,
    string_split(words.plain_phrase, ' ')[1] as first_word,
    string_split(words.plain_phrase, ' ')[2] as second_word,
    len(string_split(words.plain_phrase, ' ')) as word_count
from words
inner join kinds on words.kind = kinds.kind
group by words.plain_phrase
