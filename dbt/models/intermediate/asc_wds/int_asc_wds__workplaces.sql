-- Every workplace of the files in force, with its numbers. A number that is not known is null, and none is 0.
{% set roles = {'occupational_therapist': '15', 'other_ahp': '17', 'therapy_assistant': '36'} %}
{% set events = ['starters', 'leavers', 'vacancies'] %}

with

workplaces as (

    select * from {{ ref('stg_skills_for_care__workplaces') }}

),

extracts as (

    select * from {{ ref('int_asc_wds__extracts') }}
    where is_current and landed_table = 'asc_wds_workplaces'

),

codes as (

    select * from {{ ref('asc_wds_codes') }}

),

placed as (

    select
        workplaces.*,
        extracts.organisation_code,
        extracts.organisation_name,
        extracts.source_document,
        extracts.is_known_organisation,
        codes.meaning as employer,
        -- A bulk upload lists a number for each job role it names; 999 says that it does not know, 0 that there are none.
        {% for event in events %}
        case
            when workplaces.code_system = 'extract'
                then case when try_cast(workplaces.{{ event }}_text as integer) >= 0 then cast(workplaces.{{ event }}_text as integer) end
            when workplaces.{{ event }}_text not in ('', '999')
                then
                    list_sum(list_transform(
                        string_split(workplaces.{{ event }}_text, ';'), lambda number: try_cast(number as integer)
                    ))
        end as {{ event }},
        {% endfor %}
        row_number() over (
            partition by workplaces.submission_id, workplaces.workplace_key order by workplaces.source_row
        ) as occurrence
    from workplaces
    inner join extracts
        on workplaces.submission_id = extracts.submission_id and workplaces.council_cssr = extracts.council_cssr
    left join codes
        on
            codes.field = 'establishment_type'
            and workplaces.code_system = codes.code_system
            and workplaces.establishment_type = codes.code

)

select
    submission_id,
    source,
    source_file,
    source_document,
    source_row,
    organisation_code,
    organisation_name,
    is_known_organisation,
    as_at_date,
    workplace_key,
    establishment_type,
    coalesce(employer, 'not_known') as employer,
    occurrence > 1 as is_repeated,
    occurrence = 1 and not coalesce(is_to_be_deleted, false) as is_counted,
    {% for event in events %}
    {% for role, code in roles.items() %}
    -- Where the number for all roles is known, a role without a number has none.
    case
        when {{ event }} is null then null
        when code_system = 'extract' then greatest(coalesce(try_cast({{ role }}_{{ event }}_text as integer), 0), 0)
        else coalesce(try_cast(string_split({{ event }}_text, ';')[list_position(job_roles, '{{ code }}')] as integer), 0)
    end as {{ role }}_{{ event }},
    {% endfor %}
    {{ event }},
    {% endfor %}
    total_staff,
    worker_records
from placed
