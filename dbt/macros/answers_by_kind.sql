{# Whether an answer is recorded: one of the list, or that somebody prefers not to say. #}
{% macro is_recorded(answer_kind) -%}
({{ answer_kind }} in ('valid', 'prefer_not_to_say'))
{%- endmacro %}

{# Nationality is a part of race that extracts ask by itself; whoever answers on race answers for the characteristic. #}
{% macro is_protected_characteristic(characteristic) -%}
({{ characteristic }} <> 'nationality')
{%- endmacro %}

{# An age band of people as the category of edi_categories that it is. #}
{% macro age_category(age_band) -%}
replace(replace({{ age_band }}, 'and over', 'or over'), ' ', '_')
{%- endmacro %}

{# How many people gave which kind of answer, by organisation, employer, role group and characteristic, and for all role #}
{# groups together; with what became of the answers of the extract before, how many people answered everything they were #}
{# asked, and for how long answers have stood. `judged` has a row for each person, day and characteristic, with the answer, #}
{# its kind, its category and the day it was last saved, null where the source does not say. #}
{% macro answers_by_kind(judged) -%}
select
    source,
    source_document,
    submission_id,
    source_file,
    organisation_code,
    organisation_name,
    as_at_date,
    employer,
    nullif(role_group, '') as role_group,
    role_group is null as is_all_role_groups,
    characteristic,
    count(*) as people,
    {% for kind in ['valid', 'prefer_not_to_say', 'not_known', 'not_recorded', 'invalid', 'not_asked'] %}
    count(*) filter (where answer_kind = '{{ kind }}') as {{ kind }},
    {% endfor %}
    count(*) filter (where kind_before = 'valid') as answered_before,
    count(*) filter (where kind_before = 'valid' and answer_kind = 'not_recorded') as overwritten,
    count(*) filter (where kind_before in ('prefer_not_to_say', 'not_known', 'not_recorded')) as unanswered_before,
    count(*) filter (where kind_before in ('prefer_not_to_say', 'not_known', 'not_recorded') and answer_kind = 'valid')
        as filled,
    count(*) filter (where is_person_complete) as person_complete,
    -- Where it is not known when an answer was saved, it is at least as old as the extracts that hold it unchanged.
    median(as_at_date - coalesce(saved_on, unchanged_since)) filter (where {{ is_recorded('answer_kind') }}) as answer_age_days,
    coalesce(bool_and(saved_on is not null) filter (where {{ is_recorded('answer_kind') }}), false) as has_dated_answers,
    histogram(category) filter (where answer_kind = 'valid') as people_by_category,
    -- The commonest answer among those given; a share so high that nobody can have been asked is a default value.
    cast(list_max(map_values(histogram(answer) filter (where answer_kind = 'valid'))) as bigint) as commonest_answer
from (
    select * replace (case when is_together then null else role_group end as role_group)
    from (
        select
            *,
            max(changed_on) over (
                partition by organisation_code, employer, person_key, characteristic order by as_at_date
            ) as unchanged_since
        from (
            select
                *,
                lag(answer_kind) over extracts_of_person as kind_before,
                case when lag(told) over extracts_of_person = told then null else as_at_date end as changed_on
            from (
                select
                    *,
                    -- Whoever grows older has not answered anew.
                    case when characteristic = 'age' then answer_kind else answer_kind || answer end as told
                from {{ judged }}
                inner join (
                    select
                        organisation_code,
                        employer,
                        as_at_date,
                        person_key,
                        bool_and(
                            {{ is_recorded('answer_kind') }} or answer_kind = 'not_asked'
                            or not {{ is_protected_characteristic('characteristic') }}
                        ) as is_person_complete
                    from {{ judged }}
                    group by organisation_code, employer, as_at_date, person_key
                ) as whole_people using (organisation_code, employer, as_at_date, person_key)
            ) as told_by_people
            window extracts_of_person as (
                partition by organisation_code, employer, person_key, characteristic order by as_at_date
            )
        ) as followed
    ) as standing
    cross join (values (false), (true)) as groups (is_together)
) as counted
group by
    source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, employer,
    role_group, characteristic
{%- endmacro %}
