-- People once in each organisation and role; FTE is the sum over their assignments.
with

assignments as (

    select * from {{ ref('int_esr__assignments') }}
    where is_ahp and is_counted and is_known_organisation

),

counted as (

    select
        source,
        source_document,
        submission_id,
        source_file,
        organisation_code,
        organisation_name,
        as_at_date,
        profession,
        role_code,
        role_group,
        registration,
        min(source_row) as source_row,
        string_agg(distinct coding_basis, ', ' order by coding_basis) as coding_basis,
        count(distinct person_key) as headcount,
        sum(fte) as fte_known,
        count(*) filter (where fte is null) as rows_without_fte,
        sum(fte) filter (where contract = 'permanent') as fte_permanent_known,
        sum(fte) filter (where contract = 'temporary') as fte_temporary_known,
        count(*) filter (where contract is null) as rows_without_contract
    from assignments
    group by
        source, source_document, submission_id, source_file, organisation_code, organisation_name, as_at_date, profession,
        role_code, role_group, registration

)

select
    source,
    source_document,
    'Staff in post' as figure,
    organisation_code,
    organisation_name,
    as_at_date,
    cast(null as varchar) as return_group,
    nullif(role_group, '') as role_group,
    role_code,
    coding_basis,
    profession,
    registration,
    'nhs' as employer,
    'not_stated' as funder,
    'all_age' as service_age_scope,
    headcount,
    'derived' as headcount_status,
    -- A sum with a part missing is not known.
    case when rows_without_fte = 0 then fte_known end as fte,
    case when rows_without_fte = 0 then 'derived' else 'unreadable' end as fte_status,
    case when rows_without_fte = 0 and rows_without_contract = 0 then coalesce(fte_permanent_known, 0) end as fte_permanent,
    case
        when rows_without_fte > 0 then 'unreadable'
        when rows_without_contract > 0 then 'not_supplied'
        else 'derived'
    end as fte_permanent_status,
    case when rows_without_fte = 0 and rows_without_contract = 0 then coalesce(fte_temporary_known, 0) end as fte_temporary,
    case
        when rows_without_fte > 0 then 'unreadable'
        when rows_without_contract > 0 then 'not_supplied'
        else 'derived'
    end as fte_temporary_status,
    cast(null as decimal(18, 4)) as fte_vacant,
    'not_supplied' as fte_vacant_status,
    cast(null as varchar) as value_note,
    cast(null as varchar) as transcription_note,
    submission_id,
    source_file,
    'Staff in post' as source_sheet,
    source_row
from counted
