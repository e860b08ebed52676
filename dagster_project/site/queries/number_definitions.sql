-- Numbers that councils return
select
    field_name,
    unit,
    description
from reference.measure_fields
where field in ('headcount', 'fte', 'fte_permanent', 'fte_temporary', 'fte_vacant', 'students', 'apprentices')
order by field_name
