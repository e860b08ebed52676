"""How whole and how old the answers of a few invented people are, worked out by hand beside each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from fixtures.esr import extract, people, person
from fixtures.skills_for_care import extract_of, worker
from nights import FOLDER, a_return

from dagster_project.home import Home
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.store import Store, now

DAYS = ("2024-01-31", "2024-02-29", "2024-03-31")
SEX = {"Female": "8", "Male": "3", "Not recorded": "1"}


def staff(day: str) -> list[dict[str, str]]:
    """Twelve people of one trust and nine of another; what changes from month to month is said here."""
    month = DAYS.index(day)
    twelve = people(12, Tm_End_Date=day)
    for row in twelve:
        # All have a birthday that takes them into another age band.
        row["Date of Birth"] = "15/02/1989"
        row["Religious Belief"] = ["Christianity", "Atheism", "Atheism"][month]
    if month == 2:
        for row in twelve[:3]:
            row["Ethnic Origin"] = ""
        for row in twelve[2:4]:
            row["Disability / Disabled flag"] = ["", "Prefer Not To Say"][row is twelve[3]]
    nine = [person(50 + number, Tm_End_Date=day, Ocs_Code="RTG", Employing_Org_Code="RTG") for number in range(9)]
    return [*twelve, *nine]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = Home(tmp_path_factory.mktemp("home"))
    dated = {"gender_savedate": "01/01/2026", "ethnicity_savedate": "", "age_savedate": "2026-01-21"}
    workers = [worker(number) | dated for number in range(10)]
    # A day after that of the extract is no day on which an answer in it was saved.
    workers[0]["gender_savedate"] = "01/03/2026"
    equality = [{"characteristic": "Sex", "category": category, "people": people} for category, people in SEX.items()]
    for name, content in {
        **{f"esr/{day}.csv": extract(staff(day)) for day in DAYS},
        "skills_for_care/import_date=20260201/worker.csv": extract_of(workers),
        f"{FOLDER}/derby.xlsx": a_return(equality=equality),
    }.items():
        path = home.own_landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert land(home, expectations=check_lightly).refused == []
    with run_rules(home.store, ("quality.edi_completeness", "quality.edi_shares"), now()) as made:
        yield made


def asked(tables: duckdb.DuckDBPyConnection, columns: str, where: str) -> list[tuple[object, ...]]:
    return tables.execute(
        f"select distinct {columns} from quality.edi_completeness where is_all_role_groups and {where} order by all"
    ).fetchall()


def test_an_answer_is_as_old_as_the_extracts_that_hold_it_unchanged(tables: duckdb.DuckDBPyConnection) -> None:
    # From 31 January to 31 March 2024 are 60 days, from 29 February 31; whoever has a birthday has not answered anew.
    assert asked(
        tables,
        "as_at_date::varchar, characteristic, answer_age_days, answer_age_status",
        "organisation_code = 'RXM' and characteristic in ('age', 'sex', 'religion_or_belief', 'race')",
    ) == [
        *((DAYS[0], name, 0, "at_least") for name in ("age", "race", "religion_or_belief", "sex")),
        ("2024-02-29", "age", 29, "at_least"),
        ("2024-02-29", "race", 29, "at_least"),
        ("2024-02-29", "religion_or_belief", 0, "at_least"),
        ("2024-02-29", "sex", 29, "at_least"),
        ("2024-03-31", "age", 60, "at_least"),
        ("2024-03-31", "race", 60, "at_least"),
        ("2024-03-31", "religion_or_belief", 31, "at_least"),
        ("2024-03-31", "sex", 60, "at_least"),
    ]


def test_an_answer_is_as_old_as_its_source_says_where_it_says_so_of_all(tables: duckdb.DuckDBPyConnection) -> None:
    assert asked(
        tables,
        "characteristic, answer_age_days, answer_age_status",
        "source = 'skills_for_care' and characteristic in ('age', 'sex', 'race', 'sexual_orientation')",
    ) == [
        ("age", 10, "dated"),
        ("race", 0, "at_least"),
        ("sex", 30, "at_least"),
        ("sexual_orientation", None, "not_asked"),
    ]


def test_the_score_is_the_least_and_whoever_lacks_one_answer_is_not_complete(tables: duckdb.DuckDBPyConnection) -> None:
    # Three blank on race, one of them and nobody else blank on disability: 9 of 12 have race, and the same 9 have all.
    assert asked(
        tables,
        "as_at_date::varchar, round(score_pct, 2), score_status, person_complete, person_complete_pct",
        "organisation_code = 'RXM'",
    ) == [
        ("2024-01-31", 100, "counted", 12, 100),
        ("2024-02-29", 100, "counted", 12, 100),
        ("2024-03-31", 75, "counted", 9, 75),
    ]


def test_fewer_than_ten_people_have_the_completeness_of_their_fields_alone(tables: duckdb.DuckDBPyConnection) -> None:
    assert asked(
        tables,
        "n, recorded_pct, score_pct, score_status, person_complete, person_complete_status, answer_age_days, "
        "answer_age_status",
        "organisation_code = 'RTG' and not_asked = 0",
    ) == [(9, 100, None, "too_few", None, "too_few", None, "too_few")]


def test_a_return_that_passes_over_characteristics_has_no_score(tables: duckdb.DuckDBPyConnection) -> None:
    assert asked(
        tables,
        "score_pct, score_status, person_complete, person_complete_status, answer_age_status",
        "source = 'council_returns'",
    ) == [(None, "not_known", None, "not_by_person", "not_by_person")]


def test_no_small_count_of_an_answer_is_shown(tables: duckdb.DuckDBPyConnection) -> None:
    # Of 20 people 8 said female and 3 male; of the trust's 12 all said female.
    shown = tables.execute("""
        select source, category, people_rounded, share_lowest_pct, share_status
        from quality.edi_shares where characteristic = 'sex' and organisation_code <> 'RTG' order by all
    """).fetchall()
    assert shown == [
        (source, category, None, None, "hidden")
        for source in ("council_returns", "esr", "skills_for_care")
        for category in ("female", "male")
    ]


def test_workers_landed_before_the_days_of_answers_were_kept_still_count(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = home.own_landing / "skills_for_care" / "import_date=20260201" / "worker.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(extract_of([worker(number) for number in range(10)]))
    (event,) = land(home, expectations=check_lightly).accepted
    landed = Store(home).landed_folder / "asc_wds_workers" / f"{event.submission_id}.parquet"
    rows = pl.read_parquet(landed)
    rows.select(name for name in rows.columns if not name.endswith("_saved")).write_parquet(landed)
    with run_rules(home.store, ("quality.edi_completeness",), now()) as made:
        assert asked(made, "n, answer_age_status", "characteristic = 'sex'") == [(10, "at_least")]
