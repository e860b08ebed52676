-- Every distinct title, grade and employer type, coded by the first rule of the seed role_rules whose conditions it meets.
with

texts as (

    select * from {{ ref('int_roles__texts') }}

),

titles_read as (

    select * from {{ ref('int_roles__read') }}

),

meanings as (

    select * from {{ ref('int_roles__meanings') }}

),

conditions as (

    select * from {{ ref('int_roles__conditions') }}

),

rules as (

    select * from {{ ref('role_rules') }}

),

role_codes as (

    select * from {{ ref('role_codes') }}

),

read as (

    select
        texts.*,
        titles_read.title_read
    from texts
    left join titles_read on texts.title_plain = titles_read.title_plain

),

-- Titles are many, what is read of them and the ways they are made up are few.
described as (

    select
        distinct_texts.facts,
        meanings.*,
        coalesce(meanings.kinds, ' ') || '.' || coalesce(meanings.kind_groups, ' ') || '.' || distinct_texts.facts
        || case when meanings.title_read is null then 'title_missing ' else '' end
        || case
            when
                meanings.repeats_profession
                and len(meanings.professions) = 1
                and contains(meanings.kinds, ' assistant ')
                then 'registrant_or_assistant '
            else ''
        end
        || case when meanings.kinds in (' assistant ', ' instructor ') then 'assistant_alone ' else '' end
        || case
            when
                list_has_any(
                    meanings.professions,
                    ['radiography_diagnostic', 'radiography_therapeutic', 'operating_department_practice']
                )
                then 'radiography_or_theatre '
            else ''
        end as signature
    from (
        select distinct
            facts,
            title_read
        from read
    ) as distinct_texts
    left join meanings on distinct_texts.title_read = meanings.title_read

),

-- Each way is compared with each rule once.
signatures as (

    select distinct signature from described

),

wordings as (

    select
        rule_id,
        alternatives,
        must_be_there,
        unnest(wordings) as wording
    from conditions

),

present as (

    select
        signatures.signature,
        asked_for.wording
    from signatures
    cross join (select distinct wording from wordings) as asked_for
    where contains(signatures.signature, asked_for.wording)

),

met as (

    select
        present.signature,
        wordings.rule_id,
        count(distinct wordings.alternatives) filter (where wordings.must_be_there) as conditions_met,
        bool_or(not wordings.must_be_there) as is_ruled_out
    from present
    inner join wordings on present.wording = wordings.wording
    group by present.signature, wordings.rule_id

),

asked as (

    select
        rules.rule_id,
        rules.rule_order,
        count(distinct conditions.alternatives) as conditions_asked
    from rules
    left join conditions on rules.rule_id = conditions.rule_id and conditions.must_be_there
    group by rules.rule_id, rules.rule_order

),

decided as (

    select
        signatures.signature,
        arg_min(asked.rule_id, asked.rule_order) as rule_id
    from signatures
    cross join asked
    left join met on signatures.signature = met.signature and asked.rule_id = met.rule_id
    where coalesce(met.conditions_met, 0) = asked.conditions_asked and not coalesce(met.is_ruled_out, false)
    group by signatures.signature

),

-- The words a rule asks for, where the title has them.
named as (

    select
        found.signature,
        found.title_read,
        string_agg(distinct found.wording, ', ' order by found.wording) as words_that_decided
    from (
        select
            signature,
            title_read,
            unnest(wordings) as wording,
            unnest(wording_kinds) as kind,
            unnest(wording_groups) as kind_group
        from described
    ) as found
    inner join decided on found.signature = decided.signature
    inner join conditions on decided.rule_id = conditions.rule_id
    where
        conditions.must_be_there
        and (
            contains(array_to_string(conditions.wordings, ''), ' ' || found.kind || ' ')
            or contains(array_to_string(conditions.wordings, ''), ' ' || found.kind_group || ' ')
        )
    group by found.signature, found.title_read

),

coded as (

    select
        described.facts,
        described.title_read,
        described.signature,
        named.words_that_decided,
        case
            when rules.role_code = 'out_of_scope' then 'none'
            when len(described.professions) = 1 and not described.joins_therapy then described.professions[1]
            when len(described.professions) > 0 then 'generic_therapy'
            when rules.profession is not null then rules.profession
            when contains(described.signature, ' therapies ') then 'generic_therapy'
            when contains(described.signature, ' equipment ') then 'occupational_therapy'
            else 'none'
        end as profession,
        case
            when rules.registration = 'registered_if_named'
                then if(len(described.professions) > 0, 'registered', 'unknown')
            else rules.registration
        end as registration,
        rules.role_code,
        role_codes.role_group,
        rules.basis,
        rules.sureness,
        rules.rule_id,
        rules.reason
    from described
    inner join decided on described.signature = decided.signature
    inner join rules on decided.rule_id = rules.rule_id
    inner join role_codes on rules.role_code = role_codes.role_code
    left join named on described.signature = named.signature and described.title_read = named.title_read

)

select
    read.title_raw,
    read.band_or_grade,
    read.employer_type,
    read.afc_band_level,
    read.title_plain,
    coded.* exclude (facts)
from read
inner join coded on read.facts = coded.facts and read.title_read is not distinct from coded.title_read
