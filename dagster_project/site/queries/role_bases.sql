-- What the roles of the titles in use rest on
select
    basis,
    sureness,
    count(*) as titles,
    sum(headcount) as headcount,
    sum(fte) as fte
from quality.role_coding
where last_seen_at is not null
group by basis, sureness
order by titles desc, basis, sureness
