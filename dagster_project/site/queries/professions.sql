-- Professions
select
    profession_name,
    regulator,
    register_part
from marts.dim_profession
order by is_ahp desc, profession_name
