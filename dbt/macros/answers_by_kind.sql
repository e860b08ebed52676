{# How many people gave which kind of answer, by organisation, employer, role group and characteristic, and for all role #}
{# groups together; with what became of the answers of the extract before. `judged` has a row for each person, day and #}
{# characteristic, with the answer, its kind and the kind it had before. #}
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
    -- The commonest answer among those given; a share so high that nobody can have been asked is a default value.
    max(answer_count) as commonest_answer
from (
    select
        groups.*,
        case when answer_kind = 'valid' then count(*) over (
            partition by organisation_code, employer, as_at_date, role_group, characteristic, answer
        ) end as answer_count
    from (
        select * from {{ judged }}
        union all
        select * replace (cast(null as varchar) as role_group) from {{ judged }}
    ) as groups
) as counted
group by
    source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, employer,
    role_group, characteristic
{%- endmacro %}
