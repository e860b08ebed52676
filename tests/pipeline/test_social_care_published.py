"""What Skills for Care publishes by council, and its report on councils' returns: hidden numbers stay hidden."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fixtures.collations import write_xlsx
from fixtures.skills_for_care import extract_of, worker

from dagster_project.home import Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.person_level.encrypted import BYTES_KEY_VARIABLE
from dagster_project.sources.store import now

TABLES = (
    "marts.fct_social_care_rates",
    "marts.fct_social_care_return_progress",
    "quality.findings",
    "quality.submissions",
    "intermediate.int_submissions__rows_accounted",
)
# The headings and the name of the occupational therapist in three vintages, as Skills for Care wrote them.
MEASURES = ["Turnover rate", "Vacancy rate", "Sickness - Mean (divide by Employees)", "Zero Hour Contracts - Yes"]
VINTAGES = {
    "LA-data-download-2019-20": ("SECTOR", "Service_GP", "Occupational_therapist (individual job role)", "2020-03-31"),
    "LA-data-download-Oct-2021": ("Sector", "Service", "Occupational therapist", "2021-10-31"),
    "LA-data-download 2022-11-30": ("Sector", "Service", "Individual role - Occupational therapist", "2022-11-30"),
}
PROGRESS = {
    "Local Authority": "Derby",
    "Workplace ID": "B1000417",
    "Number of parent account": "1",
    "Name of parent account(s)": "Invented Account",
    "Latest update date": "14/01/2026",
    "Status": "Update, not complete",
    "Confirmed staff record numbers": "",
    "Number of workplaces/teams at these accounts": "14",
    "Number of complete workplaces/teams": "9",
    "Number of Vacancies": "33",
    "Leavers in the past 12 months": "44",
    "Number of starters in the past 12 months": "43",
    "Number of individual staff records": "299",
    "Gender": "298",
    "Date of Birth": "297",
    "Ethinic Group": "290",
    "Percentage of complete staff reocrds (not agency)": "71",
    "Notes": "Ask Zebedee Quillfeather",
}


def published(name: str) -> list[list[str]]:
    sector, service, role, _ = VINTAGES[name]
    every = ["All sectors", "All services"]
    return [
        ["CSSR (LA area)", sector, service, "Job role", *MEASURES],
        ["Derby", *every, role, "*", "0.125", "6.5", "0"],
        ["Derby", *every, "Care worker", "0.31", "0.09", "5", "0.25"],
        ["Derbyshire", *every, role, "0.5", "*", "", "0.5"],
        ["England", *every, role, "0.2", "0.1", "5", "0.5"],
    ]


def csv_of(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def put(home: Home, name: str, content: bytes) -> None:
    path = home.own_landing / "skills_for_care" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("published") / "home")
    first, *others = VINTAGES
    folder = home.own_landing / "skills_for_care"
    folder.mkdir(parents=True)
    write_xlsx({"Notes": [["*: hidden"]], "LA level data": published(first)}, folder / f"{first}.xlsx")
    for name in others:
        put(home, f"{name}.csv", csv_of(published(name)))
    put(
        home, "council report 2026-01-31.csv", csv_of([["Council report"], [], list(PROGRESS), list(PROGRESS.values())])
    )
    return home


@pytest.fixture(scope="module")
def landing(home: Home) -> Landing:
    return land(home, expectations=check_lightly)


def test_a_workbook_is_read_anew_from_its_encrypted_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BYTES_KEY_VARIABLE, "1a" * 32)
    home, vintage = Home(tmp_path), next(iter(VINTAGES))
    path = home.own_landing / "skills_for_care" / f"{vintage}.xlsx"
    path.parent.mkdir(parents=True)
    write_xlsx({"LA level data": published(vintage)}, path)
    assert land(home, expectations=check_lightly).rows["asc_wds_published_rates"] == 4
    path.unlink()
    again = land(home, full=True, expectations=check_lightly)
    assert [event.file_name for event in again.reread] == [path.name]
    assert again.rows["asc_wds_published_rates"] == 4


@pytest.fixture(scope="module")
def tables(home: Home, landing: Landing) -> Iterator[duckdb.DuckDBPyConnection]:
    with run_rules(home.store, TABLES, now()) as connection:
        yield connection


def ask(tables: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return tables.execute(query).fetchall()


def test_every_vintage_is_read_whatever_its_wordings_and_its_form(landing: Landing) -> None:
    assert landing.refused == []
    assert {event.source_file.split("/")[-1].rsplit(".", 1)[0]: event.as_at_date for event in landing.accepted} == {
        **{name: day for name, (*_, day) in VINTAGES.items()},
        "council report 2026-01-31": "2026-01-31",
    }


def test_what_the_publisher_hides_is_suppressed_and_never_nought(tables: duckdb.DuckDBPyConnection) -> None:
    for *_, day in VINTAGES.values():
        assert ask(
            tables,
            f"""
            select
                organisation_name, profession, turnover_rate, turnover_rate_status, vacancy_rate, vacancy_rate_status,
                sickness_days, sickness_days_status, zero_hours_share
            from marts.fct_social_care_rates where as_at_date = '{day}' order by organisation_name
            """,
        ) == [
            ("Derby", "occupational_therapy", None, "suppressed", 0.125, "reported", 6.5, "reported", 0.0),
            ("Derbyshire", "occupational_therapy", 0.5, "reported", None, "suppressed", None, "not_supplied", 0.5),
        ]


def test_starters_and_leavers_of_the_council_report_are_read_by_meaning_and_this_is_said(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # The report shows 44 under its heading for leavers, where its code puts the starters.
    assert ask(
        tables,
        """
        select organisation_name, progress, workplaces, staff_records, starters, leavers, confirmed_staff_records
        from marts.fct_social_care_return_progress
        """,
    ) == [("Derby", "Update, not complete", 14, 299, 44, 43, None)]
    ((severity, message),) = ask(
        tables, "select severity, message from quality.findings where rule_id = 'headings_swapped'"
    )
    assert severity == "info"
    assert "starters under the heading for leavers" in message


def test_every_row_is_accounted_for_and_areas_that_are_no_council_are_named(tables: duckdb.DuckDBPyConnection) -> None:
    accounted = ask(
        tables,
        """
        select landed_table, sum(rows_landed), sum(rows_published), sum(rows_held_back), sum(rows_out_of_scope)
        from intermediate.int_submissions__rows_accounted group by all order by all
        """,
    )
    assert accounted == [("asc_wds_published_rates", 12, 6, 3, 3), ("asc_wds_return_progress", 1, 1, 0, 0)]
    assert ask(
        tables,
        "select distinct organisation_name, severity from quality.findings where rule_id = 'unknown_organisation'",
    ) == [("England", "info")]


def test_notes_and_names_of_the_council_report_are_left_behind(home: Home, landing: Landing) -> None:
    assert landing.accepted
    assert [
        path.name
        for path in home.store.rglob("*")
        if path.is_file() and any(text in path.read_bytes() for text in (b"Quillfeather", b"Invented Account"))
    ] == []


def refusal(home: Home) -> str:
    (event,) = land(home, expectations=check_lightly).refused
    return str(event.problems[0]["message"])


def test_a_table_whose_name_says_no_day_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    put(home, "LA-data-download.csv", csv_of(published("LA-data-download-Oct-2021")))
    assert "has no column for the day" in refusal(home)


def test_a_workbook_with_a_row_for_each_worker_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    folder = home.own_landing / "skills_for_care"
    folder.mkdir(parents=True)
    rows = [line.split("|") for line in extract_of([worker()]).decode().splitlines()]
    write_xlsx({"Workers": rows}, folder / "worker_2026-01-31.xlsx")
    assert "row for each person" in refusal(home)


def test_a_heading_of_the_table_that_has_drifted_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    heading, *rows = published("LA-data-download-Oct-2021")
    drifted = [text.replace("Vacancy rate", "Vacancies (rate)") for text in heading]
    put(home, "LA-data-download-Oct-2021.csv", csv_of([drifted, *rows]))
    assert "no column 'Vacancy rate'" in refusal(home)
