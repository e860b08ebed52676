-- Every distinct title as plain words, with each word as it is read and a gap in place of words that could not be.
with

titles as (

    select distinct title_plain from {{ ref('int_roles__texts') }}

),

words as (

    select * from {{ ref('int_roles__words') }}

),

written as (

    select
        title_plain,
        unnest(string_split(replace(title_plain, '/', 'or'), ' ')) as word,
        generate_subscripts(string_split(replace(title_plain, '/', 'or'), ' '), 1) as place
    from titles

)

select
    written.title_plain,
    string_agg(if(words.is_unknown, '_', words.read_as), ' ' order by written.place) as title_read
from written
inner join words on written.word = words.word
group by written.title_plain
