-- Every condition of every rule of role coding, one row each: one of its alternatives must be in a title, or none may be.
with

rules as (

    select * from {{ ref('role_rules') }}

),

split as (

    select
        rule_id,
        rule_order,
        true as must_be_there,
        unnest(string_split(has, ';')) as alternatives
    from rules
    where has is not null
    union all
    select
        rule_id,
        rule_order,
        false as must_be_there,
        unnest(string_split(lacks, ';')) as alternatives
    from rules
    where lacks is not null

)

select
    rule_id,
    rule_order,
    must_be_there,
    alternatives,
    list_transform(string_split(alternatives, '|'), lambda wording: ' ' || trim(wording) || ' ') as wordings
from split
