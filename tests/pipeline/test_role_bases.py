"""Each organisation is told what the roles of its staff rest on, where enough people stand behind it."""

from __future__ import annotations

from pathlib import Path

from nights import Nights, a_return

from dagster_project.rules import Relation, run_rules
from dagster_project.sources.store import now

MEASURES = "marts.regional_measures"
# Organisation, basis, person, role: ten people of RX1, one of them in two roles, and nine of RX2.
STAFF = [
    *[("RX1", "band", f"p{person}", "entry") for person in range(7)],
    *[("RX1", "default", f"p{person}", "experienced") for person in range(6, 10)],
    *[("RX2", "band", f"p{person}", "entry") for person in range(9)],
]
ASSIGNMENTS = f"""
    select
        'esr' as source, 'esr_extract' as source_document, organisation_code, organisation_code as organisation_name,
        date '2026-03-31' as as_at_date, coding_basis, person_key, role_code, 'physiotherapy' as profession,
        true as is_ahp, true as is_counted, true as is_known_organisation
    from (values {", ".join(map(str, STAFF))}) as staff(organisation_code, coding_basis, person_key, role_code)
    -- A second post in the same role is no second person.
    cross join range(2)
"""
WORKERS = """
    select
        'skills_for_care' as source, 'asc_wds' as source_document, 'E06000015' as organisation_code,
        'Derby' as organisation_name, date '2026-03-31' as as_at_date, 'declared group' as coding_basis,
        unnest([30, 12]) as headcount
"""


def test_each_organisation_is_told_what_its_roles_rest_on_and_nine_people_are_too_few(tmp_path: Path) -> None:
    nights = Nights.begin(tmp_path / "home")
    nights.put("derby.xlsx", a_return())
    nights.night()
    given = [
        Relation("intermediate.int_esr__assignments", ASSIGNMENTS),
        Relation("intermediate.int_asc_wds__workforce", WORKERS),
    ]
    with run_rules(nights.home.store, [MEASURES], now(), given=given) as connection:
        shares = connection.execute(
            "select geography_type, geography_code, field, numerator, denominator, round(value, 2), status "
            f"from {MEASURES} where measure = 'role_basis_share' and source <> 'council_returns' order by all"
        ).fetchall()
    assert shares == [
        ("council", "E06000015", "declared group", 42, 42, 100.0, "complete"),
        ("nhs_organisation", "RX1", "band", 7, 11, 63.64, "complete"),
        ("nhs_organisation", "RX1", "default", 4, 11, 36.36, "complete"),
        ("nhs_organisation", "RX2", "band", None, None, None, "withheld"),
    ]
