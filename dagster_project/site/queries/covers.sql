-- What the cover of a council's own return says, for its latest day
select
    organisation_code,
    as_at_date,
    return_owner_role,
    principal_ot_input,
    replace(delivery_model, '_', ' ') as delivery_model,
    service_age_scope
from marts.dim_council_return
qualify as_at_date = max(as_at_date) over (partition by organisation_code)
order by organisation_code
