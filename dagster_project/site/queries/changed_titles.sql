-- Titles that are coded to another role than in the release before, with the cause
select
    present.title_raw,
    present.band_or_grade,
    replace(earlier.role_code, '_', ' ') as old_role,
    replace(present.role_code, '_', ' ') as new_role,
    case
        when present.basis = 'reviewed' then 'a person decided'
        when earlier.basis = 'reviewed' then 'a decision was withdrawn'
        when earlier.rule_id <> present.rule_id then 'another rule decides: ' || replace(present.rule_id, '_', ' ')
        else 'the rule ' || replace(present.rule_id, '_', ' ') || ' was changed'
    end as cause,
    present.headcount,
    present.fte
from quality.role_coding as present
inner join before.quality.role_coding as earlier
    on
        present.title_raw = earlier.title_raw
        and present.band_or_grade is not distinct from earlier.band_or_grade
        and present.employer_type = earlier.employer_type
where present.role_code <> earlier.role_code
order by present.fte desc nulls last, present.title_raw, present.band_or_grade
