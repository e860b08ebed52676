"""Invented numbers say so wherever they show, and are never added to real ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from homes import Refreshed
from nights import Nights, a_return

from dagster_project.home import BUNDLED_LANDING
from dagster_project.release.publishing import latest_release
from dagster_project.returns.template import fill
from dagster_project.rules import run_rules
from dagster_project.sources.invented import MARK
from dagster_project.sources.store import now

DAY = date(2026, 3, 31)
PREFIX, SUFFIX = "invented_", " (invented)"
# Every public table whose rows say which document or whose organisation they are of.
WITH_A_DOCUMENT = (
    "marts.fct_workforce",
    "marts.fct_social_care_posts",
    "marts.regional_workforce",
    "marts.regional_workforce_by_role",
    "marts.regional_measures",
    "marts.fct_workforce_by_title",
    "marts.dim_council_return",
    "marts.fct_leadership",
)
WITH_A_NAME = ("marts.workforce_movement", "quality.edi_completeness")
BETWEEN_SOURCES = ("marts.source_bridge", "marts.overlap_ledger")
# What a reader adds up of councils and regions.
OF_COUNCILS = (
    "marts.regional_workforce",
    "marts.regional_workforce_by_role",
    "marts.regional_measures",
    "marts.workforce_trend",
    "marts.fct_pay_scale",
    "marts.fct_pipeline",
    "marts.fct_leadership",
)


def with_extracts(nights: Nights) -> Nights:
    for folder in ("esr", "skills_for_care"):
        shutil.copytree(BUNDLED_LANDING / folder, nights.home.own_landing / folder)
    return nights


def all_of(nights: Nights, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of each table."""
    with run_rules(nights.home.store, tables, now()) as connection:
        return {table: connection.execute(f"from {table} order by all").fetchall() for table in tables}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Invented files of every source, and nothing else."""
    nights = with_extracts(Nights.begin(tmp_path_factory.mktemp("invented") / "home"))
    nights.put("derby.xlsx", fill(a_return(day=DAY), {}, line_on_cover=MARK))
    assert len(nights.night().accepted) == 5
    wanted = (*WITH_A_DOCUMENT, *WITH_A_NAME, *BETWEEN_SOURCES, "marts.dim_period", "quality.findings")
    with run_rules(nights.home.store, wanted, now()) as connection:
        yield connection


def test_every_row_of_an_invented_file_names_an_invented_document(rules: duckdb.DuckDBPyConnection) -> None:
    for table in WITH_A_DOCUMENT:
        documents = {row[0] for row in rules.execute(f"select source_document from {table}").fetchall()}
        assert documents, table
        assert all(document.startswith(PREFIX) for document in documents), (table, documents)


def test_where_no_document_is_named_the_organisation_is_named_as_invented(rules: duckdb.DuckDBPyConnection) -> None:
    for table in WITH_A_NAME:
        asked = f"select distinct organisation_name from {table} where source <> 'council_returns'"
        names = {name for (name,) in rules.execute(asked).fetchall()}
        assert names, table
        assert all(name.endswith(SUFFIX) for name in names), (table, names)


def test_the_titles_of_documents_and_the_words_of_findings_say_so(rules: duckdb.DuckDBPyConnection) -> None:
    titles = [
        title
        for document, title in rules.execute("select source_document, document_title from marts.dim_period").fetchall()
        if document.startswith(PREFIX)
    ]
    assert len(titles) == 4
    assert all(title.startswith("Invented example, not real: ") for title in titles)
    messages = [message for (message,) in rules.execute("select message from quality.findings").fetchall()]
    assert messages
    assert all(message.startswith("Invented example. ") for message in messages)


def test_invented_files_of_all_sources_are_compared_with_one_another(rules: duckdb.DuckDBPyConnection) -> None:
    assert all(rules.execute(f"select count(*) > 0 from {table}").fetchall() == [(True,)] for table in BETWEEN_SOURCES)


def test_once_a_real_file_has_come_no_invented_number_counts_and_no_real_one_differs(tmp_path: Path) -> None:
    alone, mixed = Nights.begin(tmp_path / "alone"), with_extracts(Nights.begin(tmp_path / "mixed"))
    mixed.put("invented.xlsx", fill(a_return("Leicester", DAY), {}, line_on_cover=MARK))
    mixed.night()
    for nights in (alone, mixed):
        nights.put("derby.xlsx", a_return(day=DAY))
        nights.night()

    tables = (
        *OF_COUNCILS,
        *BETWEEN_SOURCES,
        "marts.fct_workforce",
        "marts.workforce_movement",
        "quality.edi_completeness",
    )
    expected = all_of(alone, *tables)
    assert expected["marts.fct_workforce"] != []
    assert all_of(mixed, *tables) == expected
    assert mixed.ask(
        "select is_invented, status, count(*) from quality.submissions group by all order by all", "quality.submissions"
    ) == [(False, "accepted", 1), (True, "superseded", 5)]


def test_a_file_that_does_not_say_so_counts_as_real(tmp_path: Path) -> None:
    nights = with_extracts(Nights.begin(tmp_path / "home"))
    for path in (nights.home.own_landing / "esr").glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace(MARK, "Remark"), encoding="utf-8", newline="\n")
    nights.night()
    asked = "select distinct source, starts_with(source_document, 'invented_') from marts.fct_workforce"
    assert nights.ask(asked, "marts.fct_workforce") == [("esr", False)]


def test_the_bundled_example_changes_no_number_of_a_council_or_a_region(bundled: Refreshed, tmp_path: Path) -> None:
    published = Nights.begin(tmp_path / "home")
    for file in (BUNDLED_LANDING / "council_returns").iterdir():
        published.put(file.name, file.read_bytes())
    published.night()
    for table, rows in all_of(published, *OF_COUNCILS).items():
        # Of single organisations this table tells what their own records rest on, and of each under its own source.
        of_returns = "where source = 'council_returns' " if table == "marts.regional_measures" else ""
        assert bundled.query(f"from {table} {of_returns}order by all") == rows, table
    assert bundled.query(
        "select source, geography_type, measure, bool_and(starts_with(source_document, 'invented_')) "
        "from marts.regional_measures where source <> 'council_returns' group by all order by all"
    ) == [
        ("esr", "nhs_organisation", "role_basis_share", True),
        ("skills_for_care", "council", "role_basis_share", True),
    ]
    # Nor is anything of it held against a council's return.
    for table in BETWEEN_SOURCES:
        assert bundled.query(f"select count(*) from {table}") == [(0,)]
    beside = bundled.query(
        "select source, count(*), bool_and(starts_with(source_document, 'invented_')) "
        "from marts.fct_workforce group by source order by source"
    )
    assert [(source, is_invented) for source, _, is_invented in beside] == [
        ("council_returns", False), ("esr", True), ("skills_for_care", True),
    ]  # fmt: skip


def test_the_release_of_the_bundled_example_says_what_of_it_is_invented(bundled: Refreshed) -> None:
    release = latest_release(bundled.home)
    assert release is not None
    assert release.manifest["invented_sources"] == ["esr", "skills_for_care"]
    assert bundled.outcome["invented_sources"] == ["esr", "skills_for_care"]
    # dbt's own page holds rules and no number.
    pages = [page for page in (release.folder / "site").rglob("*.html") if page.parent.name != "dbt"]
    assert len(pages) > 100
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for source in ("Electronic Staff Record (NHS)", "Skills for Care"):
            assert f"{source}: invented, of nobody real." in text, page
