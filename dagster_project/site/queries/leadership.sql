-- Whether a council has a principal occupational therapist, the latest day
select
    leadership.organisation_code,
    leadership.as_at_date,
    leadership.has_principal_ot,
    leadership.principal_ot_grade,
    leadership.has_ahp_lead,
    leadership.value_status,
    statuses.symbol as value_symbol,
    statuses.meaning,
    leadership.transcription_note
from marts.fct_leadership as leadership
left join reference.value_statuses as statuses on leadership.value_status = statuses.value_status
qualify leadership.as_at_date = max(leadership.as_at_date) over (partition by leadership.organisation_code)
order by leadership.organisation_code
