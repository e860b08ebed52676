-- Every distinct title as plain words, with each word as it is read and a gap in place of words that could not be.
with

titles as (

    select
        title_plain,
        string_split(title_plain, ' ') as title_words
    from (select distinct title_plain from {{ ref('int_roles__texts') }})

),

words as (

    select * from {{ ref('int_roles__words') }}

),

written as (

    select
        title_plain,
        unnest(title_words) as word,
        generate_subscripts(title_words, 1) as place
    from titles

)

-- Sorted as a list, which takes half the time of an aggregate in order.
select
    written.title_plain,
    array_to_string(
        list_transform(
            list_sort(list(struct_pack(place := written.place, read_as := if(words.is_unknown, '_', words.read_as)))),
            lambda reading: struct_extract(reading, 'read_as')
        ), ' '
    ) as title_read
from written
inner join words on written.word = words.word
group by written.title_plain
