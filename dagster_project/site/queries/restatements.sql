-- Numbers of a council and day that a later file changed
select
    organisation_code,
    as_at_date,
    figure,
    row_name,
    field,
    old_value,
    new_value,
    restated_at,
    cause
from quality.restatements
where restated_level in ('cell', 'organisation', 'role')
order by organisation_code, restated_at desc, figure, row_name, field
