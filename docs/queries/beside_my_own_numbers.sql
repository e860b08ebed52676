-- How do I put a table of my own beside the release, joined by the ONS code of the council?
with mine (ons_code, people_waiting) as (
    -- Invented. For a file of your own, put this in place of these lines: from read_csv('mine.csv')
    values
    ('E06000015', 400),
    ('E06000017', 60),
    ('E10000018', 900)
)

select
    mine.ons_code,
    workforce.geography_name as council,
    workforce.as_at_date,
    workforce.fte,
    workforce.value_status,
    mine.people_waiting,
    round(mine.people_waiting / workforce.fte, 1) as people_waiting_per_fte
from mine
left join marts.regional_workforce as workforce
    on
        mine.ons_code = workforce.geography_code
        and workforce.geography_type = 'council'
        and workforce.return_group = 'occupational_therapists'
order by mine.ons_code, workforce.as_at_date
