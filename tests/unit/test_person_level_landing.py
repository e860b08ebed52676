"""Extracts in a night's landing: known by their bytes, read anew only where they lie, and held to their promises."""

import csv
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fixtures.collations import write_csv
from fixtures.damaged import csv_with
from fixtures.esr import extract, people, person
from test_expecting import EVERY_KIND

from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.returns.checking import _laid_out
from dagster_project.sources import expecting, landing
from dagster_project.sources.expecting import Outcome, check_lightly, suite_of
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.person_level import reading
from dagster_project.sources.person_level.cards import row_tables
from dagster_project.sources.person_level.keys import KEY_VARIABLE, KeyNotUsable, key_file, pseudonym_key
from dagster_project.sources.store import ACCEPTED, CLEARED, QUARANTINED, Event, Store, no_rows_frame
from dagster_project.sources.withdrawing import withdraw

TABLE = "esr_assignments"


class Nights:
    """A home with a landing folder beside it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = Home(root / "home", landing_override=root / "landing")
        self.folder = self.home.own_landing / "esr"
        self.folder.mkdir(parents=True)
        self.store = Store(self.home)
        self.patch = monkeypatch

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def land(self, *, full: bool = False, reader: str = "one") -> Landing:
        self.patch.setattr(landing, "reader_version", lambda: reader)
        return land(self.home, full=full, expectations=check_lightly)

    def rows(self) -> pl.DataFrame:
        return pl.read_parquet(self.store.landed_folder / TABLE / "*.parquet")


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return Nights(tmp_path, monkeypatch)


def names(events: list[Event]) -> list[str]:
    return [event.file_name for event in events]


def test_an_extract_lands_beside_what_councils_send(nights: Nights) -> None:
    folder = nights.home.own_landing / "council_returns"
    folder.mkdir()
    (folder / "good.csv").write_bytes(csv_with(1, 5, "14"))
    nights.put("a.csv", extract([*people(5), person(9, Assignment_Number="")]))
    done = nights.land()
    assert sorted(names(done.accepted)) == ["a.csv", "good.csv"]
    (event,) = (event for event in done.accepted if event.source == "esr")
    assert (event.rows, event.rows_refused) == ({TABLE: 5}, {"no_assignment_number": 1})
    assert (event.organisation_code, event.as_at_date, event.bytes_kept) == ("", "2024-03-31", False)
    assert event.key_fingerprint == pseudonym_key(nights.home).fingerprint
    assert done.rows[TABLE] == 5
    assert {check.table for check in done.checks} == {TABLE, "council_workforce", "council_totals"}
    assert not nights.store.bytes_path(event.sha256).exists()
    assert not list(nights.home.root.rglob("*.partial*"))


def test_an_extract_is_no_document_of_the_councils(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    assert nights.land().rows["documents"] == 4


def test_the_register_of_submissions_says_what_became_of_an_extract(nights: Nights) -> None:
    nights.put("a.csv", extract([*people(5), person(9, Assignment_Number="")]))
    nights.land()
    register = pl.read_parquet(nights.store.landed_folder / "submissions" / "submissions.parquet")
    (row,) = register.select("cells", "rows_refused", "bytes_kept", "key_fingerprint").rows()
    assert row == (5, 1, False, pseudonym_key(nights.home).fingerprint)


def test_before_anything_has_come_the_table_has_its_columns(nights: Nights) -> None:
    assert nights.land().rows[TABLE] == 0
    empty = nights.rows()
    nights.put("a.csv", extract(people(1)))
    nights.land()
    (landed,) = (path for path in (nights.store.landed_folder / TABLE).iterdir() if path.name != "_no_rows.parquet")
    assert pl.read_parquet_schema(landed) == empty.schema == no_rows_frame(row_tables()[TABLE]).schema


def test_what_is_known_is_left_alone_under_whatever_name(nights: Nights) -> None:
    path = nights.put("a.csv", extract(people(3)))
    nights.land()
    path.rename(nights.folder / "b.csv")
    done = nights.land()
    assert (done.accepted, done.reread, done.unchanged) == ([], [], ["esr/b.csv"])
    assert len(nights.store.events()) == 1


def test_the_same_month_with_differences_lands_again_and_both_stay(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.land()
    nights.put("a.csv", extract(people(4)))
    assert nights.land().rows[TABLE] == 7
    first, second = nights.store.events()
    assert first.received_at < second.received_at
    assert first.as_at_date == second.as_at_date


def test_two_extracts_of_one_day_that_come_together_both_land(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.put("b.csv", extract(people(3, Ocs_Code="RWE")))
    assert nights.land().rows[TABLE] == 6


@pytest.mark.parametrize("again", [{"reader": "two"}, {"full": True}], ids=str)
def test_another_version_reads_anew_what_still_lies_there(nights: Nights, again: dict[str, Any]) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.put("gone.csv", extract(people(2)))
    (first, gone) = nights.land().accepted
    (nights.folder / "gone.csv").unlink()
    done = nights.land(**again)
    assert (names(done.reread), done.accepted, done.refused) == (["a.csv"], [], [])
    assert done.reread[0].received_at == first.received_at
    assert done.rows[TABLE] == 5
    assert nights.store.events()[-1].reader == again.get("reader", "one")
    assert gone.outcome == ACCEPTED


def test_another_key_is_said_and_what_still_lies_there_is_read_anew_with_it(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.put("gone.csv", extract(people(3, Tm_End_Date="2024-02-29")))
    nights.land()
    before = set(nights.rows()["person_key"])
    (nights.folder / "gone.csv").unlink()
    monkeypatch.setenv(KEY_VARIABLE, "another key of the same people")
    done = nights.land()
    assert names(done.reread) == ["a.csv"]
    assert [problem["rule_id"] for problem in done.reread[0].problems] == ["pseudonym_key_changed"]
    assert "those of 1 earlier extracts" in done.reread[0].problems[0]["message"]
    assert len(set(nights.rows()["person_key"]) - before) == 3
    assert nights.land().unchanged == ["esr/a.csv"]


def test_under_one_key_nothing_is_said(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.land()
    nights.put("b.csv", extract(people(3, Tm_End_Date="2024-04-30")))
    assert nights.land().accepted[0].problems == []
    assert nights.rows()["person_key"].n_unique() == 3


def test_a_refused_extract_leaves_the_earlier_one_in_force_and_is_not_tried_again(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.land()
    nights.put("a.csv", extract(people(3), without=["Contracted WTE"]))
    done = nights.land()
    assert (names(done.refused), done.rows[TABLE]) == (["a.csv"], 3)
    settled = nights.land()
    assert (settled.refused, names(settled.still_refused)) == ([], ["a.csv"])
    (nights.folder / "a.csv").unlink()
    nights.land()
    assert [event.outcome for event in nights.store.events()] == [ACCEPTED, QUARANTINED, CLEARED]


def test_a_withdrawn_extract_stays_withdrawn_under_another_version(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    (event,) = nights.land().accepted
    withdraw(nights.home, event.submission_id, "sent by mistake", "analyst")
    done = nights.land(reader="two")
    assert (done.reread, done.unchanged) == ([], ["esr/a.csv"])


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_night(nights: Nights) -> None:
    path = nights.put("a.csv", extract(people(3)))
    as_it_is = landing.read_extract

    def interrupted(*arguments: Any) -> Any:
        landed = as_it_is(*arguments)
        path.write_bytes(extract(people(4)))
        return landed

    nights.patch.setattr(landing, "read_extract", interrupted)
    done = nights.land()
    assert (done.accepted, done.refused) == ([], [])
    assert not list(nights.home.root.rglob("*.partial*"))
    nights.patch.setattr(landing, "read_extract", as_it_is)
    assert nights.land().rows[TABLE] == 4


def test_a_file_that_goes_while_it_is_read_waits_and_a_store_that_is_full_stops_the_night(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))

    def fails(problem: OSError) -> Callable[..., None]:
        def read(*_: Any) -> None:
            raise problem

        return read

    nights.patch.setattr(landing, "read_extract", fails(FileNotFoundError("gone")))
    done = nights.land()
    assert (done.accepted, done.refused) == ([], [])
    nights.patch.setattr(landing, "read_extract", fails(OSError("no space left")))
    with pytest.raises(OSError, match="no space left"):
        nights.land()
    assert nights.store.events() == []


def test_an_error_that_nobody_foresaw_refuses_the_file_and_quotes_nothing(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    nights.put("a.csv", extract(people(3)))

    def fails(*arguments: Any) -> None:
        raise ValueError("Zebedee Quillfeather")

    nights.patch.setattr(reading, "profile_of", fails)
    (event,) = nights.land().refused
    assert "not foreseen (ValueError)" in event.problems[0]["message"]
    assert "failed (ValueError)" in caplog.text
    assert "Zebedee" not in caplog.text
    assert not list(nights.home.root.rglob("*.partial*"))


def test_the_rows_of_a_submission_are_taken_over_and_forgotten(nights: Nights, tmp_path: Path) -> None:
    nights.put("a.csv", extract(people(3)))
    (event,) = nights.land().accepted
    other = Store(Home(tmp_path / "other"))
    other.take_cells(nights.store, event.submission_id)
    assert other.landed_rows(TABLE) == 3
    other.forget_cells(event.submission_id)
    assert other.landed_rows(TABLE) == 0


def test_what_an_interrupted_landing_left_is_removed(nights: Nights) -> None:
    left = nights.store.waiting_rows(TABLE, "a" * 16)
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    nights.land()
    assert not left.exists()


@pytest.mark.parametrize("name", ["staff.xlsx", "staff.pdf", "staff"])
def test_an_extract_of_another_kind_is_refused(nights: Nights, name: str) -> None:
    nights.put(name, b"anything")
    assert "not a CSV file" in nights.land().refused[0].problems[0]["message"]


def test_an_extract_among_the_returns_is_refused_and_told_where_it_belongs(nights: Nights) -> None:
    folder = nights.home.own_landing / "council_returns"
    folder.mkdir()
    (folder / "staff.csv").write_bytes(extract(people(3)))
    (event,) = nights.land().refused
    assert "'esr'" in event.problems[0]["suggestion"]
    assert not event.bytes_kept


def test_a_collation_among_the_extracts_is_refused(nights: Nights) -> None:
    write_csv([["council", "number_of_ots"], ["Derby", "3"]], nights.folder / "fig18.csv")
    assert "None of the first 20 rows" in nights.land().refused[0].problems[0]["message"]


def test_a_file_to_be_checked_is_put_where_its_headings_say(nights: Nights, tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_bytes(extract(people(3)))
    (tmp_path / "fig18.csv").write_bytes(csv_with(1, 5, "14"))
    _laid_out([tmp_path / "staff.csv", tmp_path / "fig18.csv"], nights.home)
    laid = {path.relative_to(nights.home.own_landing).as_posix() for path in nights.home.own_landing.rglob("*.csv")}
    assert laid == {"esr/staff.csv", "council_returns/fig18.csv"}


# The key.


def test_the_key_is_made_once_and_for_nobody_elses_eyes(nights: Nights) -> None:
    first = pseudonym_key(nights.home)
    assert pseudonym_key(nights.home) == first
    assert not list(nights.home.root.rglob("*.partial"))
    if sys.platform != "win32":
        assert stat.S_IMODE(key_file(nights.home).stat().st_mode) == 0o600


def test_the_key_of_the_environment_goes_before_the_one_in_the_store(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, " a key from the environment ")
    assert pseudonym_key(nights.home).secret == b"a key from the environment"
    assert not key_file(nights.home).exists()


@pytest.mark.parametrize("where", ["environment", "store"])
def test_a_key_that_could_be_guessed_is_not_used_and_not_quoted(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "environment":
        monkeypatch.setenv(KEY_VARIABLE, "hunter2")
    else:
        key_file(nights.home).parent.mkdir(parents=True)
        key_file(nights.home).write_text("hunter2", encoding="utf-8")
    nights.put("a.csv", extract(people(3)))
    with pytest.raises(KeyNotUsable) as raised:
        nights.land()
    assert "hunter2" not in str(raised.value)
    assert nights.store.events() == []


# The promises, each broken once on purpose.

WHOLE = {column: {} for column in row_tables()[TABLE].described_columns}
SUBMISSION = "0123456789abcdef"


def profile(**changes: dict[str, Any]) -> pl.DataFrame:
    """The profile of a faultless extract, with changes by field."""
    plain = {
        **{"rows": 100, "rows_refused": 0, "blank": 0, "unreadable": 0, "withheld": 0, "distinct_values": 100},
        **{"rows_refused_share": 0.0, "blank_share": 0.0, "unreadable_share": 0.0, "withheld_share": 0.0},
        "distinct_share": 1.0,
    }
    place = {"submission_id": SUBMISSION, "source_sheet": "", "source_row": 0, "source_cell": "", "cell_text": ""}
    return pl.DataFrame([{**place, "field": field, **plain, **changes.get(field, {})} for field in WHOLE])


DAYS = ("latest_start_date", "start_date_in_position", "end_date_contract", "termination_date", "role_start_date")
BREAKS: dict[str, pl.DataFrame] = {
    "field_is_known": profile().with_columns(field=pl.col("field").replace("nationality", "surname")),
    "field_stands_once": pl.concat([profile(), profile().filter(pl.col("field") == "gender")]),
    "most_rows_can_be_used": profile(assignment_key={"rows_refused_share": 0.21}),
    "person_is_identified": profile(person_key={"blank": 1}),
    "assignment_is_identified": profile(assignment_key={"blank": 1}),
    "assignments_rarely_repeat": profile(assignment_key={"distinct_share": 0.5}),
    "nearly_all_fte_are_numbers": profile(contracted_wte={"unreadable_share": 0.02}),
    "nearly_all_fte_are_given": profile(contracted_wte={"blank_share": 0.06}),
    **{f"{name}_is_a_day": profile(**{name: {"unreadable_share": 0.06}}) for name in (*DAYS, "end_date_registration")},
    "birth_dates_are_possible": profile(age_answer={"unreadable_share": 0.06}),
    **{
        f"{name}_is_no_identifier": profile(**{name: {"withheld_share": 0.51}})
        for name in ("position_title", "organisation", "staff_group", "job_role")
    },
}
# More than half is also more than one in a hundred.
BREAKS_TOO = {"most_fte_are_numbers": profile(contracted_wte={"unreadable_share": 0.51})}
PROMISES = {promise["meta"]["name"]: promise for promise in suite_of(TABLE)["expectations"]}
Run = Callable[[str, pl.DataFrame], list[Outcome]]


def test_every_promise_is_broken_here_and_only_of_kinds_that_are_compared() -> None:
    assert {*BREAKS, *BREAKS_TOO} == PROMISES.keys()
    assert {promise["type"] for promise in PROMISES.values()} <= {kind for kind, _, _ in EVERY_KIND}


@pytest.mark.parametrize("run", [expecting.check, check_lightly])
def test_a_faultless_extract_breaks_no_promise(run: Run) -> None:
    outcomes = run(TABLE, profile())
    assert len(outcomes) == len(PROMISES)
    assert [outcome.expectation for outcome in outcomes if outcome.broken] == []


@pytest.mark.parametrize("name", PROMISES)
def test_a_broken_promise_is_found_and_names_its_field(name: str) -> None:
    outcomes = check_lightly(TABLE, (BREAKS | BREAKS_TOO)[name])
    broken = {outcome.expectation: outcome for outcome in outcomes if outcome.broken}
    assert broken.keys() - ({"nearly_all_fte_are_numbers"} if name in BREAKS_TOO else set()) == {name}
    submission_id, problem = broken[name].broken[0]
    promise = PROMISES[name]
    assert (submission_id, problem.message) == (SUBMISSION, promise["meta"]["message"])
    assert problem.field
    assert promise["meta"]["suggestion"].endswith(".")


def test_both_ways_of_checking_find_the_same() -> None:
    every = pl.concat(frame.with_columns(submission_id=pl.lit(name)) for name, frame in (BREAKS | BREAKS_TOO).items())
    assert expecting.check(TABLE, every) == check_lightly(TABLE, every)


def test_the_promise_of_fields_names_those_of_the_card() -> None:
    assert tuple(PROMISES["field_is_known"]["kwargs"]["value_set"]) == row_tables()[TABLE].described_columns


def test_every_promise_has_a_rule_that_is_known() -> None:
    with (PROJECT_ROOT / "seeds/reference/finding_rules.csv").open(encoding="utf-8", newline="") as file:
        rules = {row["rule_id"] for row in csv.DictReader(file)}
    assert {promise["meta"]["rule_id"] for promise in PROMISES.values()} <= rules


def test_an_extract_that_breaks_a_critical_promise_is_refused_whole(nights: Nights) -> None:
    nights.put("twice.csv", extract([*people(5), *people(5)]))
    nights.put("shifted.csv", extract(people(5, Position_Title="someone@invented.example")))
    nights.put("half.csv", extract([*people(5), *people(2, Assignment_Number="")]))
    nights.put("warned.csv", extract(people(5, Contracted_WTE="")))
    done = nights.land()
    assert {event.file_name: event.problems[0]["rule_id"] for event in done.refused} == {
        "twice.csv": "duplicate_row",
        "shifted.csv": "person_named",
        "half.csv": "file_refused",
    }
    (half,) = (event for event in done.refused if event.file_name == "half.csv")
    assert "they give no assignment number" in half.problems[1]["message"]
    assert [problem["rule_id"] for problem in done.accepted[0].problems] == ["value_missing"]
    assert done.rows[TABLE] == 5
    assert not list(nights.home.root.rglob("*.partial*"))
