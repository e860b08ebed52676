-- Which numbers that were already published have changed since, from what to what, and through which act?
select
    organisation_name,
    as_at_date,
    figure,
    row_name,
    field,
    old_value,
    new_value,
    new_number - old_number as difference,
    cause
from quality.restatements
where restated_at >= date '2020-01-01' -- since your last report
order by organisation_name, as_at_date, figure, row_name, row_number_of_name, field, restated_at
