"""The worked queries of the documentation run on a release, and answer there what their page says."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from homes import AHP, Refreshed
from worked_queries import (
    BLOCK,
    FOLDER,
    PAGE,
    answer,
    bundled_release,
    invented_example,
    renewed,
    sql_of,
    stale,
)

WORKED = dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
ON_THE_BUNDLED = [name for name, inputs in WORKED.items() if inputs == "bundled"]
ON_THE_INVENTED = [name for name, inputs in WORKED.items() if inputs == "invented"]


@pytest.fixture(scope="module")
def released(bundled: Refreshed) -> Iterator[duckdb.DuckDBPyConnection]:
    with bundled_release(bundled.home) as connection:
        yield connection


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with invented_example(tmp_path_factory.mktemp("invented_example")) as connection:
        yield connection


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_there_are_fifteen_queries_or_more_and_each_stands_on_the_page() -> None:
    assert len(WORKED) >= 15
    assert sorted(WORKED) == sorted(path.stem for path in FOLDER.glob("*.sql"))


@pytest.mark.parametrize("name", WORKED)
def test_each_query_says_what_it_answers_when_to_use_it_what_it_leaves_unsaid_and_what_to_read(
    name: str, page: str
) -> None:
    (section,) = [part for part in page.split("\n## ") if f"<!-- {name}.sql" in part]
    question = sql_of(name).partition("\n")[0]
    assert question.startswith("-- ")
    assert question.endswith("?")
    assert f"\n*{question.removeprefix('-- ')}*\n" in section
    assert "\nUse it " in section
    assert re.search(r"\n\*\*What it does not say\.\*\* \S", section)
    assert re.search(r"\n\*\*What to read in it\.\*\* \S", section)
    heading = section.partition("\n")[0]
    assert f"- [{heading}](#{re.sub(r'[^a-z0-9 -]', '', heading.lower()).replace(' ', '-')})\n" in page


@pytest.mark.parametrize("name", WORKED)
def test_rows_come_in_an_order_that_the_query_gives(name: str) -> None:
    assert "\norder by" in sql_of(name)


@pytest.mark.parametrize("name", ON_THE_BUNDLED)
def test_the_page_says_what_the_query_answers_on_the_bundled_inputs(
    name: str, released: duckdb.DuckDBPyConnection, page: str
) -> None:
    assert answer(released, sql_of(name)).rows
    assert name not in stale(page, {"bundled": released}), (
        "The SQL or the answer has moved. Write the page anew: uv run python tests/worked_queries.py HOME"
    )


@pytest.mark.slow
def test_the_page_says_what_the_other_queries_answer_on_the_invented_example(
    invented: duckdb.DuckDBPyConnection, page: str
) -> None:
    assert ON_THE_INVENTED
    assert [name for name in ON_THE_INVENTED if not answer(invented, sql_of(name)).rows] == []
    assert stale(page, {"invented": invented}) == []


def test_a_number_that_has_moved_is_found(released: duckdb.DuckDBPyConnection, page: str) -> None:
    moved = page.replace("| 2024-06-30 | 323 |", "| 2024-06-30 | 324 |")
    assert moved != page
    assert stale(moved, {"bundled": released}) == ["vacancy_by_region"]


def test_sql_that_was_changed_in_its_file_alone_is_found(released: duckdb.DuckDBPyConnection, page: str) -> None:
    other = page.replace("and measures.numerator > 0", "and measures.numerator >= 0")
    assert other != page
    assert stale(other, {"bundled": released}) == ["temporary_funding"]
    asked = {"bundled": released, "invented": released}
    assert stale(renewed(other, asked), {"bundled": released}) == []


@pytest.mark.parametrize("name", ON_THE_INVENTED)
def test_a_query_that_has_nothing_to_answer_runs_all_the_same(name: str, released: duckdb.DuckDBPyConnection) -> None:
    assert answer(released, sql_of(name)).columns


def test_a_query_runs_from_its_file_as_the_page_shows(bundled: Refreshed, released: duckdb.DuckDBPyConnection) -> None:
    done = subprocess.run(
        [*AHP, "sql", "--format", "csv"],
        input=sql_of("vacancy_by_region"),
        env=os.environ | {"AHP_HOME": str(bundled.home.root), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    header, *lines = csv.reader(io.StringIO(done.stdout))
    expected = answer(released, sql_of("vacancy_by_region"))
    assert tuple(header) == expected.columns
    assert [(line[0], int(line[2]), line[-1]) for line in lines] == [
        ("East Midlands", 323, "complete"),
        ("West Midlands", 271, "complete"),
    ]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_tables_are_named_with_their_schema_so_that_every_program_finds_them(path: Path) -> None:
    sql = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    named = set(re.findall(r"\b(?:from|join)\s+(\w+(?:\.\w+)?)", sql))
    own = set(re.findall(r"(\w+)(?: \([\w, ]+\))? as \(\n", sql))
    assert [name for name in named - own if "." not in name] == []
