-- For how much of each group of staff is the role known, and what does that knowledge rest on?
select
    known.geography_name as region,
    known.as_at_date,
    known.return_group,
    known.numerator as people_with_a_role,
    known.denominator as people,
    round(known.value, 1) as role_known_pct,
    string_agg(
        basis.field || ': ' || cast(round(basis.value, 1) as varchar) || '%', ', ' order by basis.field
    ) as rests_on
from marts.regional_measures as known
left join marts.regional_measures as basis
    on
        known.geography_code = basis.geography_code
        and known.as_at_date = basis.as_at_date
        and known.source_document = basis.source_document
        and known.return_group = basis.return_group
        and basis.measure = 'role_basis_share'
        and basis.numerator > 0
where known.measure = 'role_known_share' and known.geography_type = 'adass_region'
group by all
order by known.geography_name, known.as_at_date, known.return_group
