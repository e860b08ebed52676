"""The mark of invented inputs: what `ahp synth` writes carries it, and a reader finds it whatever a file is called."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from fixtures.esr import extract, people
from nights import a_return
from openpyxl import load_workbook
from test_person_level_landing import Nights

from dagster_project.home import BUNDLED_LANDING, Home
from dagster_project.returns.earlier import last_return
from dagster_project.returns.template import fill
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.invented import MARK, is_the_mark
from dagster_project.sources.landing import land
from dagster_project.sources.person_level.keys import KEY_VARIABLE
from dagster_project.sources.store import Event
from dagster_project.synth.example import put_example
from dagster_project.synth.inputs import write_inputs


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that is written at the smallest scale."""
    folder = tmp_path_factory.mktemp("written") / "inputs"
    write_inputs("example", folder)
    return folder


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return Nights(tmp_path, monkeypatch)


def landed(nights: Nights) -> Event:
    (event,) = nights.land().accepted
    return event


def test_every_row_of_every_delimited_file_says_that_it_is_invented(written: Path) -> None:
    files = [*(written / "landing").rglob("*.csv"), *(written / "faulty_files").rglob("*.csv")]
    assert len(files) > 25
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(
                csv.reader(file, delimiter="|" if "asc_wds" in path.name or "domain=ASCWDS" in str(path) else ",")
            )
        column = rows[0].index(MARK)
        # One file breaks off on purpose in its last line.
        whole = rows[1:-1] if path.name == "esr_truncated.csv" else rows[1:]
        assert {row[column] for row in whole} <= {"invented"}, path


def test_every_workbook_says_on_its_cover_that_it_is_invented(written: Path) -> None:
    workbooks = list((written / "landing").rglob("*.xlsx"))
    assert len(workbooks) == 2
    for path in workbooks:
        cover = load_workbook(path)["Cover"]
        assert MARK in [cell.value for row in cover.iter_rows() for cell in row]


def test_the_bundled_example_is_what_the_code_makes_to_the_byte(written: Path, tmp_path: Path) -> None:
    """After a change to the code that is meant: uv run python -m dagster_project.synth.example."""
    made = {path.as_posix(): (tmp_path / path).read_bytes() for path in put_example(written, tmp_path)}
    bundled = {
        path.relative_to(BUNDLED_LANDING).as_posix(): path.read_bytes()
        for folder in ("esr", "skills_for_care")
        for path in (BUNDLED_LANDING / folder).rglob("*.csv")
    }
    assert made == bundled
    assert all(len(content) < 150_000 for content in made.values())


@pytest.mark.parametrize("heading", [MARK, "invented BY  ahp_synth"])
def test_an_extract_is_invented_when_a_heading_says_so_whatever_it_is_called(nights: Nights, heading: str) -> None:
    rows = [{**row, heading: "invented"} for row in people(3)]
    nights.put("staff_in_post_march.csv", extract(rows))
    event = landed(nights)
    assert event.is_invented
    # The mark is no heading that anybody would have to look at.
    assert event.problems == []


def test_an_extract_is_not_invented_when_only_its_name_says_so(nights: Nights) -> None:
    nights.put("invented by ahp synth.csv", extract(people(3)))
    assert not landed(nights).is_invented


def test_an_extract_of_which_some_rows_are_invented_is_invented_as_a_whole(nights: Nights) -> None:
    first, *others = people(3)
    nights.put("a.csv", extract([{**first, MARK: "invented"}, *({**row, MARK: ""} for row in others)]))
    assert landed(nights).is_invented


def test_words_in_a_sentence_is_not_the_mark() -> None:
    assert is_the_mark("Invented by AHP synth")
    assert not is_the_mark("This was not invented by ahp synth")
    assert not is_the_mark(None)


def test_a_return_is_invented_when_its_cover_says_so(tmp_path: Path) -> None:
    landing = tmp_path / "landing" / "council_returns"
    landing.mkdir(parents=True)
    home = Home(tmp_path / "home", landing_override=tmp_path / "landing")
    (landing / "a.xlsx").write_bytes(a_return(day=date(2026, 3, 31)))
    (real,) = land(home, expectations=check_lightly).accepted
    (landing / "b.xlsx").write_bytes(fill(a_return(day=date(2026, 4, 30)), {}, line_on_cover=MARK))
    (invented,) = land(home, expectations=check_lightly).accepted

    assert (real.is_invented, real.documents) == (False, ["council_return_2026-03-31"])
    assert (invented.is_invented, invented.documents) == (True, ["invented_council_return_2026-04-30"])
    assert invented.problems == []
    # Nobody goes on from invented numbers, though theirs are of a later day.
    earlier = last_return(home, real.organisation_code)
    assert earlier is not None
    assert earlier.as_at_date == date(2026, 3, 31)
