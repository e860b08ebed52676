-- Every distinct title as plain words, with each word as it is read and signs in place of words that could not be read or
-- say nothing of the role: so titles that differ in these alone are looked at once.
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
            list_sort(list(struct_pack(
                place := written.place,
                read_as := case when words.is_unknown then '_' when words.is_context then '-' else words.read_as end
            ))),
            lambda reading: struct_extract(reading, 'read_as')
        ), ' '
    ) as title_read
from written
inner join words on written.word = words.word
group by written.title_plain
