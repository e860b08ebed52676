"""Whoever opens a release without this project still meets what each table and column means, and its caveats."""

from __future__ import annotations

import re

import duckdb
import pytest
from homes import Refreshed, ahp

from dagster_project import query


@pytest.fixture(scope="module")
def tables(bundled: Refreshed) -> list[query.ReleasedTable]:
    return query.tables(bundled.home)


def test_the_comments_in_the_file_hold_every_description_and_caveat(
    bundled: Refreshed, tables: list[query.ReleasedTable]
) -> None:
    comments = dict(bundled.query("select schema_name || '.' || table_name, comment from duckdb_tables()"))
    assert sorted(comments) == sorted(table.full_name for table in tables)
    for table in tables:
        assert comments[table.full_name].startswith(table.description.strip())
        assert [
            caveat for caveat in table.caveats if f"Caveat: {caveat.strip()}" not in comments[table.full_name]
        ] == []


def test_the_comments_in_the_file_hold_the_description_of_every_column(
    bundled: Refreshed, tables: list[query.ReleasedTable]
) -> None:
    comments = bundled.query(
        "select schema_name || '.' || table_name, column_name, comment from duckdb_columns() where not internal"
    )
    described = [
        (table.full_name, column.name, column.description.strip()) for table in tables for column in table.columns
    ]
    assert sorted(comments) == sorted(described)
    assert all(text for *_, text in described)


def test_every_table_of_numbers_has_a_caveat(tables: list[query.ReleasedTable]) -> None:
    kinds = ("marts.fct_", "marts.regional_", "marts.workforce_", "quality.edi_")
    of_numbers = [table for table in tables if table.full_name.startswith(kinds)]
    assert len(of_numbers) > 10
    assert [table.full_name for table in of_numbers if not table.caveats] == []


def test_every_grain_is_a_whole_sentence(tables: list[query.ReleasedTable]) -> None:
    assert [table.full_name for table in tables if not re.fullmatch(r"One row per [^\n]+\.", table.grain)] == []


def test_the_query_that_describe_proposes_runs_for_every_table(
    bundled: Refreshed, tables: list[query.ReleasedTable]
) -> None:
    described = ahp(bundled.home.root, "describe", "regional_workforce").stdout
    (proposed,) = re.findall(r'sql "(.+)"', described)
    assert "marts.regional_workforce" in proposed
    with duckdb.connect(bundled.release_folder / "ahp_workforce.duckdb", read_only=True) as connection:
        for table in tables:
            found = connection.execute(proposed.replace("marts.regional_workforce", table.full_name)).fetchall()
            assert len(found) == min(10, table.rows), table.full_name


def test_describe_gives_grain_caveats_columns_with_types_and_says_when_a_table_is_empty(bundled: Refreshed) -> None:
    shown = ahp(bundled.home.root, "describe", "workforce_trend").stdout
    assert shown.startswith(
        "marts.workforce_trend  0 rows\nOne row per source, area, return group, measure and as-at date"
    )
    assert "It holds no rows in this release" in shown
    assert re.search(r"Caveat: Never set value against previous_value", shown)
    assert re.search(r"matched_value +decimal\(18,4\) +Sum on the later day, in people or FTE", shown)
    assert "It holds no rows" not in ahp(bundled.home.root, "describe", "marts.fct_workforce").stdout


def test_an_unknown_table_ends_with_two_and_the_nearest_names(bundled: Refreshed) -> None:
    done = ahp(bundled.home.root, "describe", "regional_measure")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Nearest: marts.regional_measures" in done.stderr
