"""What titles were coded to in past releases comes into the landed table once for each change, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from toy_release import MADE_AT, keep_for_good, make_release

from dagster_project.home import Home
from dagster_project.release.archive import ArchiveError
from dagster_project.sources.released_roles import RELEASED_ROLES_TABLE, land_released_roles


def release(home: Home, days: int, role: str | None) -> None:
    """A release made so many days after the first; without the table of titles where no role is given."""
    change = f"""
        create table quality.role_coding as select
            'Gym Lead' as title_raw, cast(null as varchar) as band_or_grade, 'nhs' as employer_type,
            '{role}' as role_code, 'rule' as basis, 'a_rule' as rule_id,
            3::bigint as headcount, 2.5::decimal(18, 4) as fte
    """
    made = make_release(home, MADE_AT + timedelta(days=days), f"{days:06d}", change if role else "")
    keep_for_good(home, made)


def landed(home: Home) -> list[tuple[object, ...]]:
    files = (home.store / "landed" / RELEASED_ROLES_TABLE / "*.parquet").as_posix()
    with duckdb.connect() as connection:
        return connection.execute(
            f"select title_raw, role_code, headcount, cast(fte as double), strftime(released_at, '%d') "
            f"from read_parquet('{files}') order by released_at"
        ).fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_before_any_release_the_table_is_there_and_empty(home: Home) -> None:
    land_released_roles(home)
    assert landed(home) == []


def test_each_change_of_the_coding_is_landed_once_with_its_day(home: Home) -> None:
    for days, role in enumerate(("uncoded", "uncoded", "senior", "uncoded")):
        release(home, days, role)
        land_released_roles(home)
        land_released_roles(home)
    assert landed(home) == [
        ("Gym Lead", "uncoded", 3, 2.5, "22"),
        ("Gym Lead", "senior", 3, 2.5, "24"),
        ("Gym Lead", "uncoded", 3, 2.5, "25"),
    ]


def test_a_release_from_before_titles_were_coded_adds_nothing(home: Home) -> None:
    release(home, 0, None)
    land_released_roles(home)
    assert landed(home) == []


def test_words_and_profession_are_landed_and_a_table_of_before_they_were_is_given_their_columns(home: Home) -> None:
    folder = home.store / "landed" / RELEASED_ROLES_TABLE
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 'Old' as title_raw limit 0) to '{(folder / '_no_rows.parquet').as_posix()}'")
    change = """
        create table quality.role_coding as select
            'Gym Lead' as title_raw, cast(null as varchar) as band_or_grade, 'nhs' as employer_type,
            '_ lead' as title_read, 'physiotherapy' as profession, 'senior' as role_code, 'rule' as basis,
            'a_rule' as rule_id, 3::bigint as headcount, 2.5::decimal(18, 4) as fte
    """
    keep_for_good(home, make_release(home, MADE_AT, "000000", change))
    land_released_roles(home)
    release(home, 1, "uncoded")
    land_released_roles(home)
    columns = "title_read, profession, role_code"
    with duckdb.connect() as connection:
        empty = connection.execute(f"select {columns} from read_parquet('{(folder / '_no_rows.parquet').as_posix()}')")
        assert empty.fetchall() == []
        files = (folder / "*.parquet").as_posix()
        found = connection.execute(f"select {columns} from read_parquet('{files}') order by released_at").fetchall()
    assert found == [("_ lead", "physiotherapy", "senior"), (None, None, "uncoded")]


def test_a_damaged_copy_is_named_and_not_taken_for_no_titles(home: Home) -> None:
    release(home, 0, "senior")
    for path in (home.released / "tables").glob("*.parquet"):
        path.write_bytes(b"damaged")
    with pytest.raises(ArchiveError, match=r"quality\.role_coding .* is damaged"):
        land_released_roles(home)
