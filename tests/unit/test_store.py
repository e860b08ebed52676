"""The store: bytes once, a ledger that only grows, landed Parquet of a fixed shape, and reports a person can read."""

import hashlib
from dataclasses import asdict, fields, replace
from pathlib import Path

import polars as pl
import pytest
from test_expecting import CELL, PAY

from dagster_project.home import Home
from dagster_project.sources import store as store_module
from dagster_project.sources.catalogue import load_cards
from dagster_project.sources.problems import Problem
from dagster_project.sources.store import (
    CELL_TABLES,
    QUARANTINED,
    REGISTER_TABLES,
    Event,
    Store,
    cells_frame,
    reader_version,
    sha256_of,
)

SHA256 = hashlib.sha256(b"content").hexdigest()
EVENT = Event(
    event_id="20240701T020000000Z-00000-ed7002b439e9",
    submission_id=SHA256[:16],
    sha256=SHA256,
    source="council_returns",
    source_file="council_returns/Derby/return – final.csv",
    size_bytes=7,
    received_at="2024-07-01T02:00:00.000Z",
    read_at="2024-07-01T02:00:01.000Z",
    outcome=QUARANTINED,
    reader="reader",
    problems=[
        problem.as_dict()
        for problem in (
            Problem("file_refused", "The cell shows #REF!.", "Mend it.", sheet="Figure 18", row=2, cell="C2"),
            Problem("file_refused", "The workbook has no sheet for Figure 21.", "Add the sheet."),
        )
    ],
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Home(tmp_path / "home"))


def test_an_event_reads_back_as_it_was_written(store: Store) -> None:
    store.record(EVENT)
    assert store.events() == [EVENT]
    assert EVENT.file_name == "return – final.csv"


def test_events_come_oldest_first_whatever_order_they_were_written_in(store: Store) -> None:
    ids = [
        store.next_event_id("2024-07-01T02:00:00.000Z", 0, SHA256),
        store.next_event_id("2024-07-01T02:00:00.000Z", 1, "0" * 64),
        store.next_event_id("2024-07-01T02:00:00.001Z", 0, "0" * 64),
        store.next_event_id("2025-01-01T00:00:00.000Z", 0, SHA256),
    ]
    for event_id in reversed(ids):
        store.record(replace(EVENT, event_id=event_id))
    assert [event.event_id for event in store.events()] == ids
    assert not any(sign in "".join(ids) for sign in ':*?"<>|/\\')


def test_bytes_are_kept_once_and_never_changed(store: Store) -> None:
    store.keep_bytes(b"content", SHA256)
    kept = store.bytes_path(SHA256)
    before = kept.stat()
    store.keep_bytes(b"other", SHA256)
    assert kept.read_bytes() == b"content"
    assert kept.stat().st_mtime_ns == before.st_mtime_ns
    assert sha256_of(kept) == SHA256


def test_landed_cells_have_the_same_columns_in_every_table(store: Store) -> None:
    store.write_cells("a" * 16, "council_returns", "council_returns/a.csv", [CELL, PAY])
    store.write_registers(load_cards())
    expected = {
        name: pl.Int64 if name == "source_row" else pl.String
        for name in (
            *("submission_id", "source", "source_file", "source_document", "figure", "region_block"),
            *("council_as_written", "continued_council", "field", "cell_text", "source_sheet", "source_row"),
            *("source_cell", "published_row", "transcription_note", "date_read", "figure_as_written"),
        )
    }
    for table in CELL_TABLES:
        for path in (store.landed_folder / table).glob("*.parquet"):
            assert dict(pl.read_parquet_schema(path)) == expected
    assert {table: rows for table in CELL_TABLES if (rows := store.landed_rows(table))} == {
        "council_workforce": 1,
        "council_pay": 1,
    }


def test_landed_text_is_kept_to_the_letter(store: Store) -> None:
    text = ' "£30,000"\n=1+1\u00a0ОТ 🙂'
    frame = cells_frame("a", "b", "c", [replace(CELL, cell_text=text)])
    assert frame["cell_text"].to_list() == [text]


def test_landing_anew_replaces_the_cells_of_every_table(store: Store) -> None:
    store.write_cells("a" * 16, "council_returns", "a.csv", [CELL, PAY])
    store.write_cells("a" * 16, "council_returns", "a.csv", [PAY, PAY])
    assert {table: store.landed_rows(table) for table in ("council_workforce", "council_pay")} == {
        "council_workforce": 0,
        "council_pay": 2,
    }
    store.forget_cells("a" * 16)
    assert store.landed_rows("council_pay") == 0


def test_registers_have_their_columns_also_before_anything_has_arrived(store: Store) -> None:
    assert store.write_registers(load_cards()) == {
        "submissions": 0,
        "landing_problems": 0,
        "documents": 4,
        "return_questions": 19,
    }
    empty = {name: pl.read_parquet_schema(store.landed_folder / name / f"{name}.parquet") for name in REGISTER_TABLES}
    store.record(EVENT)
    assert store.write_registers(load_cards()) == {
        "submissions": 1,
        "landing_problems": 2,
        "documents": 4,
        "return_questions": 19,
    }
    for name in REGISTER_TABLES:
        assert pl.read_parquet_schema(store.landed_folder / name / f"{name}.parquet") == empty[name]
    assert {part.name for part in fields(Problem)} <= set(empty["landing_problems"])


def test_a_report_says_what_was_found_where_and_what_to_do(store: Store, tmp_path: Path) -> None:
    refused = tmp_path / "return.csv"
    refused.write_bytes(b"content")
    report = store.quarantine(refused, EVENT)
    assert report == f"quarantine/{SHA256[:12]}_return_final.csv.report.txt"
    assert (store.home.root / report).read_text(encoding="utf-8") == (
        "return – final.csv was not used.\n"
        "\n"
        "Where it came from: council_returns/Derby/return – final.csv\n"
        "When it was read:   2024-07-01T02:00:01.000Z\n"
        f"Its fingerprint:    {SHA256} (SHA-256)\n"
        "\n"
        "Nothing of this file is counted. If an earlier file holds the same figures, that one stays in force.\n"
        "\n"
        "What was found (2):\n"
        "\n"
        "1. In sheet 'Figure 18', cell C2: The cell shows #REF!.\n"
        "   What to do: Mend it.\n"
        "\n"
        "2. In the file: The workbook has no sheet for Figure 21.\n"
        "   What to do: Add the sheet.\n"
        "\n"
        "Put the mended file in the landing folder; it is read on the next refresh.\n"
    )
    copy = store.home.quarantine / f"{SHA256[:12]}_return_final.csv"
    assert copy.read_bytes() == b"content"
    assert sorted(path.name for path in store.home.quarantine.iterdir()) == [copy.name, Path(report).name]


def test_a_file_that_has_gone_is_reported_without_a_copy(store: Store, tmp_path: Path) -> None:
    report = store.quarantine(tmp_path / "gone.csv", EVENT)
    assert [path.name for path in store.home.quarantine.iterdir()] == [Path(report).name]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a b.csv", "a_b.csv"),
        ("=cmd|'calc'!A1.csv", "cmd_calc_A1.csv"),
        ("..\\..\\x.csv", "x.csv"),
        ("CON.csv", "CON.csv"),
        ("...", "file"),
        ("名" * 200 + ".csv", "名" * 46 + ".csv"),
    ],
)
def test_a_quarantined_file_has_a_name_every_system_takes(name: str, kept: str, store: Store, tmp_path: Path) -> None:
    refused = tmp_path / "x"
    refused.write_bytes(b"content")
    report = store.quarantine(refused, replace(EVENT, source_file=f"council_returns/{name}"))
    assert report == f"quarantine/{SHA256[:12]}_{kept}.report.txt"
    assert len(f"{Path(report).name}.partial".encode()) < 255


def test_the_reader_version_depends_on_cards_code_and_promises_and_not_on_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, suites = tmp_path / "dagster_project" / "sources", tmp_path / "expectations"
    sources.mkdir(parents=True)
    suites.mkdir()
    monkeypatch.setattr(store_module, "CARDS_FOLDER", sources)
    versions = [reader_version()]
    for path in (sources / "reading.py", sources / "council_returns.yml", suites / "council_pay.json"):
        path.write_bytes(b"one\ntwo\n")
        versions.append(reader_version())
        path.write_bytes(b"one\r\ntwo\r\n")
        assert reader_version() == versions[-1]
        path.write_bytes(b"one\nthree\n")
        versions.append(reader_version())
    (sources / "notes.txt").write_text("not read")
    assert reader_version() == versions[-1]
    assert len(set(versions)) == len(versions) == 7


def test_nothing_half_written_stays_behind(store: Store) -> None:
    store.record(EVENT)
    store.keep_bytes(b"content", SHA256)
    store.write_cells("a" * 16, "council_returns", "a.csv", [CELL])
    store.write_registers(load_cards())
    assert not list(store.home.root.rglob("*.partial"))


def test_a_problem_never_carries_a_path() -> None:
    path = r"C:\Users\Jane Doe\My Documents\return.xlsx"
    problem = Problem("file_refused", f"The heading '{path}' is not known.", "Mend it.", sheet=path, value=path)
    assert problem.message == "The heading '[a path]' is not known."
    assert "Jane" not in str(asdict(problem))
