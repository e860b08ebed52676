-- What a council returned for its latest day, number by number, with how each was given
select
    facts.organisation_code,
    facts.as_at_date,
    return_groups.return_group_name,
    coalesce(roles.role_name, 'not told apart') as role_name,
    professions.profession_name,
    replace(facts.employer, '_', ' ') as employer,
    replace(facts.funder, '_', ' ') as funder,
    facts.service_age_scope,
    facts.headcount,
    facts.fte,
    facts.fte_permanent,
    facts.fte_temporary,
    facts.fte_vacant,
    facts.headcount_status,
    facts.fte_status,
    facts.fte_permanent_status,
    facts.fte_temporary_status,
    facts.fte_vacant_status,
    concat_ws('; ', facts.value_note, facts.transcription_note) as note,
    parse_filename(facts.source_file) as file_name,
    facts.source_sheet,
    facts.source_row
from marts.fct_workforce as facts
left join reference.return_groups as return_groups on facts.return_group = return_groups.return_group
left join marts.dim_role as roles on facts.role_code = roles.role_code
left join marts.dim_profession as professions on facts.profession = professions.profession
where facts.source = 'council_returns'
qualify facts.as_at_date = max(facts.as_at_date) over (partition by facts.organisation_code)
order by facts.organisation_code, return_groups.figure, roles.sort_order, professions.profession_name, facts.source_row
