-- How were the titles of a profession coded, on what evidence, and who uses them?
select
    title_raw,
    band_or_grade,
    employer_type,
    role_code,
    basis,
    sureness,
    reason,
    headcount,
    fte,
    organisation_names
from quality.role_coding
where
    profession = 'occupational_therapy' -- reference.professions lists them
    and title_raw ilike '%occupational%' -- any part of a title
order by title_raw, band_or_grade, employer_type
