-- Whether each council has a principal occupational therapist and an AHP lead in post
select
    leadership.organisation_name,
    leadership.organisation_code,
    leadership.as_at_date,
    leadership.source,
    leadership.has_principal_ot,
    leadership.principal_ot_grade,
    leadership.has_ahp_lead,
    replace(leadership.value_status, '_', ' ') as value_status,
    case when leadership.transcription_note is null then [] else [leadership.transcription_note] end as notes
from marts.fct_leadership as leadership
inner join chosen_organisations as organisations on leadership.organisation_code = organisations.organisation_code
order by leadership.organisation_name, leadership.organisation_code, leadership.as_at_date desc
