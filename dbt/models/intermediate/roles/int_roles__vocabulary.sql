-- Every single word that can be read, and what it is read as: words of the known wordings in their plain form, the
-- spellings of the seed role_spellings, and wordings of professions written as one word.
with

phrases as (

    select * from {{ ref('int_roles__phrases') }}

),

spellings as (

    select
        written,
        array_to_string(
            list_transform(string_split(read_as, ' '), lambda word: {{ plain_form('word') }}), ' '
        ) as read_as
    from {{ ref('role_spellings') }}

),

words as (

    select
        unnest(string_split(phrase, ' ')) as written,
        kind = 'known' and word_count = 1 as is_context
    from phrases

),

-- Words that stand in no wording but by themselves, to be known as saying nothing of the role.
contexts as (

    select written
    from words
    group by written
    having bool_and(is_context)

),

all_readings as (

    select
        written,
        written as read_as,
        2 as preference
    from words
    union all
    select
        written,
        read_as,
        1 as preference
    from spellings
    union all
    select
        replace(phrase, ' ', '') as written,
        phrase as read_as,
        3 as preference
    from phrases
    where kind in ('registrant', 'field') and word_count > 1

)

select
    all_readings.written,
    arg_min(all_readings.read_as, (all_readings.preference, all_readings.read_as)) as read_as,
    min(all_readings.preference) = 2 as is_listed_word,
    arg_min(contexts.written is not null, (all_readings.preference, all_readings.read_as)) as is_context,
    count(*) as uses
from all_readings
left join contexts on all_readings.read_as = contexts.written
group by all_readings.written
