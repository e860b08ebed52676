"""A candidate holds the public tables as their contracts promise, in three forms, and nothing of where it was built."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_workshop import TABLES, Workshop

from dagster_project.contracts import Column, PublicTable
from dagster_project.release import dictionary, manifest
from dagster_project.release.building import Candidate, CandidateError, new_release_id
from dagster_project.release.nightly import contact
from dagster_project.release.sql import literal


def _rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _csv_rows(candidate: Candidate, full_name: str) -> list[dict[str, str]]:
    path = candidate.folder / "csv" / Path(*full_name.split(".")).with_suffix(".csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_database_has_the_columns_types_and_nulls_of_the_contract(workshop: Workshop) -> None:
    workshop.change("create or replace table reference.policies as select unit, value, policy from reference.policies")
    candidate = workshop.candidate()
    columns = _rows(
        candidate.database,
        "select column_name, data_type, is_nullable from duckdb_columns() where table_name = 'policies'",
    )
    assert columns == [("policy", "VARCHAR", False), ("value", "DOUBLE", False), ("unit", "VARCHAR", True)]
    policies = _rows(candidate.database, "from reference.policies")
    assert policies == [("large_change_minimum", 5.0, "people or FTE"), ("large_change_share", 0.2, "share")]


def test_every_table_and_column_carries_its_description_apostrophes_and_caveats_included(workshop: Workshop) -> None:
    database = workshop.candidate().database
    table_comments = dict(_rows(database, "select table_name, comment from duckdb_tables()"))
    assert table_comments["policies"] == "One row per line of policies.\nIt isn't real."
    assert table_comments["fct_workforce"].endswith("\nCaveat: " + TABLES[0].caveats[0])
    columns = _rows(database, "select column_name, comment from duckdb_columns() where table_name = 'policies'")
    assert columns[1] == ("value", "What the council's value is.")


def test_a_view_of_the_warehouse_becomes_a_table(workshop: Workshop) -> None:
    workshop.change("""
        alter table reference.policies rename to policies_source;
        create view reference.policies as from warehouse.reference.policies_source
    """)
    database = workshop.candidate().database
    assert _rows(database, "select count(*) from reference.policies") == [(2,)]
    assert _rows(database, "select count(*) from duckdb_views() where not internal") == [(0,)]


def test_parquet_and_csv_hold_the_same_rows_as_the_database(workshop: Workshop) -> None:
    candidate = workshop.candidate()
    in_database = _rows(candidate.database, "from marts.fct_workforce")
    parquet = candidate.copy_of(TABLES[0], "parquet")
    with duckdb.connect() as connection:
        assert connection.execute("from read_parquet($path)", {"path": str(parquet)}).fetchall() == in_database
    assert [row["organisation_code"] for row in _csv_rows(candidate, "marts.fct_workforce")] == [
        row[0] for row in in_database
    ]


def test_the_same_warehouse_gives_the_same_content_whatever_order_its_rows_are_in(workshop: Workshop) -> None:
    first = workshop.candidate()
    workshop.change("""
        create table reversed as from marts.fct_workforce order by headcount;
        truncate marts.fct_workforce;
        insert into marts.fct_workforce from reversed;
        drop table reversed
    """)
    second = workshop.candidate()
    for file in first.folder.rglob("*.*"):
        if file.suffix in {".csv", ".parquet", ".md"}:
            assert file.read_bytes() == (second.folder / file.relative_to(first.folder)).read_bytes(), file.name
    for table in TABLES:
        query = f"from {table.full_name}"
        assert _rows(first.database, query) == _rows(second.database, query)


def _message_in_csv_and_in_the_database(workshop: Workshop, texts: list[str]) -> list[tuple[str, object]]:
    values = ", ".join(f"({number}, {literal(text)}, -1.5)" for number, text in enumerate(texts, start=100))
    workshop.change(f"insert into quality.findings values {values}")
    candidate = workshop.candidate()
    in_csv = _csv_rows(candidate, "quality.findings")
    assert {row["difference"] for row in in_csv} == {"-1.5"}
    in_database = _rows(candidate.database, "select message from quality.findings")
    return [(row["message"], message) for row, (message,) in zip(in_csv, in_database, strict=True)]


def test_text_that_a_spreadsheet_would_run_is_made_harmless_in_csv_only(workshop: Workshop) -> None:
    texts = ["=1+1", "+44 20", "-none", "-1.5", "@SUM(A1)", "  =1+1", "\t=1+1", "\r\n=1+1", "\u00a0=1+1", "\ufeff=1+1"]
    texts += ["\uff1d1+1", '=HYPERLINK("x", 1)']
    assert _message_in_csv_and_in_the_database(workshop, texts) == [(f"'{text}", text) for text in texts]


def test_other_text_is_left_alone_in_csv(workshop: Workshop) -> None:
    texts = ["OT - community", "a=b", "o'clock", 'he said "no", twice', "two\nlines", "19*inc", "7.5", ""]
    assert _message_in_csv_and_in_the_database(workshop, texts) == [(text, text) for text in texts]


def test_the_manifest_says_what_was_built(workshop: Workshop) -> None:
    facts = workshop.facts()
    manifest = json.loads((workshop.candidate(facts).folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["release_id"] == facts.release_id
    assert manifest["created_at"].endswith("Z")
    assert datetime.fromisoformat(manifest["created_at"]) == facts.created_at
    assert manifest["commit"] is None
    assert manifest["findings"] == {"error": 1, "warning": 0, "info": 0}
    assert manifest["submissions"][0]["file_name"] == "north.xlsx"
    assert [(table["schema"], table["name"], table["rows"]) for table in manifest["tables"]] == [
        ("marts", "fct_workforce", 3),
        ("quality", "findings", 0),
        ("reference", "explained_changes", 0),
        ("reference", "policies", 2),
    ]
    assert manifest["tables"][3]["columns"][1]["data_type"] == "DOUBLE"


def test_a_candidate_can_be_opened_again_from_its_folder(workshop: Workshop) -> None:
    candidate = workshop.candidate()
    assert Candidate.open(candidate.folder, TABLES) == candidate


def test_a_column_of_another_type_than_promised_is_refused_rather_than_rounded(workshop: Workshop) -> None:
    workshop.with_column_type("marts.fct_workforce", "fte", "BIGINT")
    with pytest.raises(CandidateError, match=r"marts\.fct_workforce: fte is DOUBLE in the warehouse and BIGINT"):
        workshop.candidate()
    assert list(workshop.home.candidates.iterdir()) == []


def test_a_null_that_the_contract_refuses_stops_the_candidate(workshop: Workshop) -> None:
    workshop.change("update reference.policies set value = null")
    with pytest.raises(CandidateError, match=r"reference\.policies cannot be copied.*NOT NULL"):
        workshop.candidate()
    assert list(workshop.home.candidates.iterdir()) == []


def test_a_table_missing_from_the_warehouse_stops_the_candidate(workshop: Workshop) -> None:
    workshop.change("drop table quality.findings")
    with pytest.raises(CandidateError, match=r"quality\.findings cannot be copied"):
        workshop.candidate()


def test_a_missing_warehouse_is_named_as_such(workshop: Workshop) -> None:
    workshop.home.warehouse.unlink()
    with pytest.raises(CandidateError, match="warehouse cannot be opened"):
        workshop.candidate()


def test_a_candidate_folder_in_use_is_not_written_over(workshop: Workshop) -> None:
    facts = workshop.facts()
    workshop.candidate(facts)
    with pytest.raises(CandidateError, match="exists already"):
        workshop.candidate(facts)
    assert (workshop.home.candidates / facts.release_id / "manifest.json").exists()


def test_release_ids_are_in_utc_and_sort_by_time() -> None:
    summer = datetime(2026, 7, 1, 3, 0, tzinfo=timezone(timedelta(hours=1)))
    assert new_release_id(summer).startswith("2026-07-01T020000Z-")
    assert new_release_id(summer) < new_release_id(datetime(2026, 7, 1, 2, 0, 1, tzinfo=UTC))


def test_the_dictionary_reads_well() -> None:
    table = PublicTable(
        "marts",
        "dim_role",
        "One row per role code.\n\nThe common coding.",
        (
            Column("role_code", "VARCHAR", "The code: `a|b`\nor none.", True),
            Column("weight", "DECIMAL(10,2)", "Its weight.", False),
        ),
        may_be_empty=True,
        caveats=("Groups are not\nforced into levels.",),
    )
    text = dictionary.render([table])
    introduction, body = text.split("## Contents")
    assert "apostrophe" in introduction
    assert body.split("## marts.dim_role")[0].endswith(
        "**Tables for analysis** (schema `marts`)\n\n- [marts.dim_role](#martsdim_role): One row per role code.\n\n"
    )
    assert body.split("## marts.dim_role")[1] == (
        "\n\nOne row per role code.\n\nThe common coding.\n\n"
        "Before you use it:\n\n- Groups are not forced into levels.\n\n"
        "This table may hold no rows.\n\n"
        "| Column | Type | May be empty? | Description |\n"
        "| --- | --- | --- | --- |\n"
        "| `role_code` | text (`VARCHAR`) | no | The code: `a\\|b` or none. |\n"
        "| `weight` | number (`DECIMAL(10,2)`) | yes | Its weight. |\n"
    )


def test_the_dictionary_lies_in_the_candidate(workshop: Workshop) -> None:
    candidate = workshop.candidate()
    assert (candidate.folder / "dictionary.md").read_text(encoding="utf-8") == dictionary.render(TABLES)


def test_the_candidate_holds_its_own_copies_and_nothing_else(workshop: Workshop) -> None:
    candidate = workshop.candidate()
    tables = [f"{table.schema}/{table.name}" for table in TABLES]
    assert {
        path.relative_to(candidate.folder).as_posix() for path in candidate.folder.rglob("*") if path.is_file()
    } == {
        "ahp_workforce.duckdb",
        "dictionary.md",
        "manifest.json",
        *(f"parquet/{table}.parquet" for table in tables),
        *(f"csv/{table}.csv" for table in tables),
    }


def test_whom_to_ask_is_one_line_of_the_environment_and_stands_in_the_manifest(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AHP_CONTACT", " AHP faculty,\n faculty@example.nhs.uk\x1b ")
    assert contact() == "AHP faculty, faculty@example.nhs.uk\\x1b"
    made = workshop.candidate(replace(workshop.facts(), contact=contact()))
    assert manifest.read(made.folder)["contact"] == "AHP faculty, faculty@example.nhs.uk\\x1b"
    monkeypatch.setenv("AHP_CONTACT", " ")
    assert contact() is None
