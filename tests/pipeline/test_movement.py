"""Who came, went and stayed over thirteen months of a few invented people, from files, worked out by hand."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fixtures.esr import extract, person
from fixtures.skills_for_care import extract_of, upload_of, uploaded, worker

from dagster_project.home import Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.store import now

DAYS = [
    date(year, month, calendar.monthrange(year, month)[1])
    for year, month in [*((2025, month) for month in range(3, 13)), *((2026, month) for month in range(1, 4))]
]
FIRST, LAST = DAYS[0], DAYS[-1]
MISSING = 5
DERBY, LEICESTER, NOTTINGHAM = "E06000015", "E06000016", "E06000018"
OWN_STAFF, INDEPENDENT = "1", "6"
IN_AN_OFFICE = {
    "Position Title": "Administrator",
    "Staff Group": "Administrative and Clerical",
    "Job Role": "Clerical Worker",
    "Occupation Code": "G2A",
    "Registration Number": "",
    "Professional Registration Body": "",
}


def staff_in_post(month: int) -> list[dict[str, str]]:
    """Seven people of Derbyshire Healthcare (RXM), one of them later with Derby and Burton (RTG), where one stays the
    whole year; and one of Nottingham (RX1), which sends nothing in one month.
    """
    present = {0: "RXM", 1: "RXM", 50: "RTG"}
    if month <= 3:
        present[2] = "RXM"
    present[3] = "RXM" if month <= 5 else "RTG"
    if 2 <= month <= 8:
        present[4] = "RXM"
    if month >= 9:
        present[5] = "RXM"
    present[6] = "RXM"
    if month != MISSING:
        present[60] = "RX1"
    rows = [
        person(number, Tm_End_Date=str(DAYS[month]), Ocs_Code=trust, Employing_Org_Code=trust)
        for number, trust in present.items()
    ]
    # One of them takes up other work with the same trust.
    return [row | IN_AN_OFFICE if row == rows[list(present).index(6)] and month >= 7 else row for row in rows]


def worker_records(month: int) -> list[dict[str, str]]:
    """Eight people of Derby's own staff, of whom one goes to a care home of the area, one to Leicester and one into a
    job role of which no record is kept; one each who stays in that home, in Leicester and in Nottingham.
    """
    derby, leicester, nottingham = "507", "509", "512"
    present = {0: (derby, OWN_STAFF), 1: (derby, OWN_STAFF), 20: (derby, INDEPENDENT), 30: (leicester, OWN_STAFF)}
    if month <= 3:
        present[2] = (derby, OWN_STAFF)
    present[3] = (derby, OWN_STAFF if month <= 5 else INDEPENDENT)
    present[4] = (derby if month <= 5 else leicester, OWN_STAFF)
    if 2 <= month <= 8:
        present[5] = (derby, OWN_STAFF)
    if month >= 9:
        present[6] = (derby, OWN_STAFF)
    present[7] = (derby, OWN_STAFF)
    if month != MISSING:
        present[40] = (nottingham, OWN_STAFF)
    return [
        worker(number, period=f"M{DAYS[month]:%Y%m}", cssr=council, esttype=kind)
        | ({"mainjrid": "8"} if number == 7 and month >= 7 else {})
        for number, (council, kind) in present.items()
    ]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = Home(tmp_path_factory.mktemp("home"))
    files = {f"esr/{day}.csv": extract(staff_in_post(month)) for month, day in enumerate(DAYS)}
    for month, day in enumerate(DAYS):
        made_on = day + timedelta(days=1)
        files[f"skills_for_care/import_date={made_on:%Y%m%d}/worker.csv"] = extract_of(worker_records(month))
    # In the month without an extract the council sends its worker records itself: somebody else, as it would seem.
    files[f"skills_for_care/bulk_upload/Nottingham/worker_{DAYS[MISSING]}.csv"] = upload_of([uploaded(77)])
    for name, content in files.items():
        path: Path = home.own_landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert land(home, expectations=check_lightly).refused == []
    with run_rules(home.store, ("marts.workforce_movement", "marts.workforce_turnover"), now()) as made:
        yield made


def asked(tables: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return tables.execute(query).fetchall()


def test_turnover_and_stability_of_a_year_are_those_counted_by_hand(tables: duckdb.DuckDBPyConnection) -> None:
    """Of the trust 0, 1, 2, 3 and 6 are there at the start and 0, 1 and 5 at the end: 2 of 5 stay. 2, 3 and 4 left,
    over 3 at the end; 6 took up other work. Of Derby's own staff 0, 1, 2, 3, 4 and 7 are there at the start and 0, 1
    and 6 at the end: 2 of 6 stay, and 2, 3, 4, 5 and 7 left. Where a month is missing, nobody knows who left within
    the year.
    """
    assert asked(
        tables,
        """
        select
            source, organisation_code, employer, staff_at_start, staff_at_end, stayers, leavers,
            round(stability_pct, 1), round(turnover_pct, 1), turnover_status
        from marts.workforce_turnover
        order by all
        """,
    ) == [
        ("esr", "RTG", "nhs", 1, 2, 1, 0, 100, 0, "derived"),
        ("esr", "RX1", "nhs", 1, 1, 1, None, 100, None, "not_supplied"),
        ("esr", "RXM", "nhs", 5, 3, 2, 3, 40, 100, "derived"),
        ("skills_for_care", DERBY, "council", 6, 3, 2, 5, 33.3, 166.7, "derived"),
        ("skills_for_care", DERBY, "independent", 1, 2, 1, 0, 100, 0, "derived"),
        ("skills_for_care", LEICESTER, "council", 1, 2, 1, 0, 100, 0, "derived"),
        ("skills_for_care", NOTTINGHAM, "council", 1, 1, 1, None, 100, None, "not_supplied"),
    ]
    assert asked(tables, "select distinct from_date, to_date, profession from marts.workforce_turnover") == [
        (FIRST, LAST, "occupational_therapy")
    ]


def test_whoever_goes_to_another_organisation_has_not_left_the_system(tables: duckdb.DuckDBPyConnection) -> None:
    """Of the trust 3 went to another; of Derby's own staff 3 and 4, to another employer and another council. 7, who
    went into a job role of which no record is kept, cannot be told from those who left.
    """
    assert asked(
        tables,
        """
        select
            source, organisation_code, sum(leavers), sum(leavers_from_the_system), sum(moved_to_other_roles),
            sum(joiners)
        from marts.workforce_movement
        where leavers > 0 or moved_to_other_roles > 0 or joiners > 0
        group by all
        order by all
        """,
    ) == [
        ("esr", "RTG", 0, 0, 0, 1),
        ("esr", "RXM", 3, 2, 1, 2),
        ("skills_for_care", DERBY, 5, 3, None, 3),
        ("skills_for_care", LEICESTER, 0, 0, None, 1),
    ]


def test_a_missing_month_is_a_gap_and_a_council_s_own_upload_within_it_no_wave_of_leavers(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert asked(
        tables,
        """
        select organisation_code, from_date, to_date, leavers, joiners
        from marts.workforce_movement where is_gap order by all
        """,
    ) == [
        (NOTTINGHAM, DAYS[MISSING - 1], DAYS[MISSING + 1], 0, 0),
        ("RX1", DAYS[MISSING - 1], DAYS[MISSING + 1], 0, 0),
    ]
    # Who leaves others meanwhile may be in what did not come.
    assert asked(
        tables,
        """
        select distinct source, to_date, leavers_from_the_system
        from marts.workforce_movement where organisations_missing > 0 order by all
        """,
    ) == [(source, DAYS[MISSING], None) for source in ("esr", "skills_for_care")]
