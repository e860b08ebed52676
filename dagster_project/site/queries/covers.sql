-- What the cover of a council's own return says, for its latest day
select
    returns.organisation_code,
    returns.as_at_date,
    returns.return_owner_role,
    returns.principal_ot_input,
    models.label as delivery_model,
    scopes.label as service_age_scope
from marts.dim_council_return as returns
left join reference.return_choices as models
    on returns.delivery_model = models.code and models.choice_list = 'delivery_model' and models.is_offered
left join reference.return_choices as scopes
    on returns.service_age_scope = scopes.code and scopes.choice_list = 'service_age_scope' and scopes.is_offered
qualify returns.as_at_date = max(returns.as_at_date) over (partition by returns.organisation_code)
order by returns.organisation_code
