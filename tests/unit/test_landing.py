"""A night's landing: a bad file stops only itself, what is known is left alone, nothing is lost or counted twice."""

import errno
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from fixtures.collations import FILES, published_workbook, transcribed, write_csv, write_xlsx
from fixtures.damaged import FIGURE_18, csv_with, figure_18, refused_files, workbook_with

from dagster_project.home import BUNDLED_LANDING, Home
from dagster_project.sources import expecting, landing
from dagster_project.sources.landing import (
    MOST_PROBLEMS_LISTED,
    Landing,
    files_in,
    land,
    seems_settled,
    source_file_of,
)
from dagster_project.sources.opening import Opened
from dagster_project.sources.store import (
    ACCEPTED,
    CELL_TABLES,
    CLEARED,
    COLLATION_TABLES,
    PUBLISHED_TABLES,
    QUARANTINED,
    RETURN_TABLES,
    ROW_TABLES,
    Event,
    Store,
)

DERBY_HEADCOUNT = (1, 5)


class Nights:
    """A home with a landing of its own, and a clock that moves from night to night."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = Home(root / "home")
        self.folder = self.home.own_landing / "council_returns"
        self.folder.mkdir(parents=True)
        self.store = Store(self.home)
        self.moment = 0
        self.patch = monkeypatch
        monkeypatch.setattr(landing, "now", self._now)

    def _now(self) -> str:
        self.moment += 1
        return f"2024-07-01T02:00:{self.moment // 1000:02d}.{self.moment % 1000:03d}Z"

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def land(self, *, full: bool = False, reader: str = "one") -> Landing:
        self.patch.setattr(landing, "reader_version", lambda: reader)
        return land(self.home, full=full)

    def landed(self) -> dict[str, list[tuple[object, ...]]]:
        folder = self.store.landed_folder
        return {table: sorted(pl.read_parquet(folder / table / "*.parquet").rows()) for table in CELL_TABLES}

    def latest(self) -> dict[str, Event]:
        return {event.submission_id: event for event in self.store.events()}


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    return Nights(tmp_path, monkeypatch)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the publisher's promises, which test_expecting.py breaks one by one."""
    monkeypatch.setattr(expecting, "check", lambda table, landed: [])


def names(events: list[Event]) -> list[str]:
    return [event.file_name for event in events]


def test_the_bundled_collation_lands_whole(nights: Nights) -> None:
    shutil.copytree(BUNDLED_LANDING / "council_returns", nights.folder, dirs_exist_ok=True)
    done = nights.land()
    assert (len(done.accepted), done.refused, done.unchanged) == (8, [], [])
    assert done.rows == {
        "council_workforce": 625,
        "council_pipeline": 75,
        "council_pay": 182,
        "council_leadership": 50,
        "council_totals": 56,
        **dict.fromkeys((*PUBLISHED_TABLES, *RETURN_TABLES, *ROW_TABLES), 0),
        "submissions": 8,
        "landing_problems": 0,
        "documents": 4,
        "return_questions": 19,
        "role_decisions": 0,
        "released_role_coding": 0,
    }
    assert sum(sum(event.rows.values()) for event in done.accepted) == sum(done.rows[table] for table in CELL_TABLES)
    assert {check.table for check in done.checks} == set(COLLATION_TABLES)
    assert all(check.evaluated > 0 and check.failed == 0 for check in done.checks)


def test_without_a_landing_the_bundled_inputs_are_read(tmp_path: Path, quick: None) -> None:
    done = land(Home(tmp_path))
    assert (len(done.accepted), done.refused) == (30, [])
    assert Counter((event.source, event.is_invented) for event in done.accepted) == {
        ("council_returns", False): 8,
        ("employer_standards", False): 13,
        ("maturity", False): 5,
        ("esr", True): 2,
        ("skills_for_care", True): 2,
    }


def test_every_bad_file_stops_only_itself(nights: Nights, quick: None, tmp_path: Path) -> None:
    """All the damaged files at once, among good ones: each is refused with its report, and the good ones land."""
    for damaged in refused_files():
        nights.put(damaged.name, damaged.content)
    nights.put("good.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    write_csv(transcribed("Figure 22"), nights.folder / "zz.csv")
    done = nights.land()
    assert sorted(names(done.accepted)) == ["good.csv", "zz.csv"]
    refused = {event.file_name for event in done.refused}
    assert refused == {damaged.name for damaged in refused_files()}
    says = {damaged.name: damaged for damaged in refused_files()}
    for event in done.refused:
        damaged = says[event.file_name]
        report = (nights.home.root / event.report).read_text(encoding="utf-8")
        assert damaged.says in report
        assert f"In {damaged.where}: " in report
        assert event.problems[0]["suggestion"] in report
        assert (nights.home.root / event.report.removesuffix(".report.txt")).read_bytes() == damaged.content
        assert event.rows == {}
        assert not nights.store.bytes_path(event.sha256).exists()
    assert done.rows["submissions"] == len(refused) + 2
    settled = nights.land()
    assert (settled.accepted, settled.refused) == ([], [])
    assert len(settled.still_refused) == len(refused_files())
    _no_trace_of(tmp_path, nights.home)


def _no_trace_of(folder: Path, home: Home) -> None:
    """Neither the ledger, the landed tables nor a report names a place on this machine."""
    for path in [*home.store.rglob("*.json"), *home.quarantine.glob("*.report.txt")]:
        assert str(folder) not in path.read_text(encoding="utf-8")
    for path in home.store.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        assert str(folder) not in str(frame.to_dicts())
        assert str(folder).encode() not in path.read_bytes()


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError(), AssertionError(), RuntimeError("x")])
def test_an_error_nobody_foresaw_stops_only_its_file(
    error: Exception, nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("bad.csv", b"bad")
    nights.put("good.csv", figure_18())
    as_it_is = landing.open_with_remarks

    def open_with_remarks(content: bytes, file_name: str) -> Opened:
        if content == b"bad":
            raise error
        return as_it_is(content, file_name)

    monkeypatch.setattr(landing, "open_with_remarks", open_with_remarks)
    done = nights.land()
    assert names(done.accepted) == ["good.csv"]
    (event,) = done.refused
    assert event.problems[0]["message"] == (
        f"The file could not be read, for a reason that was not foreseen ({type(error).__name__})."
    )


def test_a_glance_says_whether_a_landing_would_read_anything(nights: Nights, quick: None) -> None:
    files = [nights.put(name, (BUNDLED_LANDING / "council_returns" / name).read_bytes()) for name in FILES.values()]
    for path in files:
        # As if saved long before the night, whose clock stands still here.
        os.utime(path, (1_500_000_000, 1_500_000_000))
    assert not seems_settled(nights.home)
    nights.land()
    assert seems_settled(nights.home)
    os.utime(files[0])
    assert not seems_settled(nights.home)
    os.utime(files[0], (1_500_000_000, 1_500_000_000))
    assert seems_settled(nights.home)
    added = nights.put("another.csv", b"council\n")
    os.utime(added, (1_500_000_000, 1_500_000_000))
    assert not seems_settled(nights.home)
    added.unlink()
    nights.patch.setattr(landing, "reader_version", lambda: "two")
    assert not seems_settled(nights.home)


def test_a_second_night_reads_nothing_anew(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", figure_18())
    nights.put("bad.csv", b"")
    nights.land()
    ledger, landed = nights.store.events(), nights.landed()
    done = nights.land()
    assert (done.accepted, done.refused, done.reread) == ([], [], [])
    assert done.unchanged == ["council_returns/bad.csv", "council_returns/fig18.csv"]
    assert names(done.still_refused) == ["bad.csv"]
    assert (nights.store.events(), nights.landed()) == (ledger, landed)


def test_a_replaced_file_is_a_new_submission_beside_the_old(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", figure_18())
    (first,) = nights.land().accepted
    nights.put("fig18.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    (second,) = nights.land().accepted
    assert second.submission_id != first.submission_id
    assert second.received_at > first.received_at
    assert Counter(row[0] for row in nights.landed()["council_workforce"]) == {
        first.submission_id: 125,
        second.submission_id: 125,
    }


def test_going_back_to_earlier_bytes_makes_them_count_again(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", figure_18())
    (first,) = nights.land().accepted
    nights.put("fig18.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    (second,) = nights.land().accepted
    nights.put("fig18.csv", figure_18())
    (third,) = nights.land().accepted
    assert third.submission_id == first.submission_id
    assert third.received_at > second.received_at
    assert len(nights.landed()["council_workforce"]) == 250
    assert nights.land().unchanged == ["council_returns/fig18.csv"]


CORRECTED = csv_with(*DERBY_HEADCOUNT, "14")
LATER_SECONDS = 3600


def _saved_later(path: Path) -> None:
    state = path.stat()
    os.utime(path, (state.st_atime, state.st_mtime + LATER_SECONDS))


def _version_1_then_2(nights: Nights) -> tuple[Event, Event]:
    """Version 1 as a.csv, and on the next night version 2 as b.csv, which counts."""
    nights.put("a.csv", figure_18())
    (first,) = nights.land().accepted
    nights.put("b.csv", CORRECTED)
    (second,) = nights.land().accepted
    return first, second


@pytest.mark.parametrize("how", ["under another name", "saved again", "taken away and put back"])
def test_an_earlier_version_that_is_put_there_again_counts_again(how: str, nights: Nights, quick: None) -> None:
    first, second = _version_1_then_2(nights)
    place = nights.folder / "a.csv"
    if how == "under another name":
        place = nights.folder / "c.csv"
        shutil.copy2(nights.folder / "a.csv", place)
    elif how == "saved again":
        _saved_later(place)
    else:
        place.rename(nights.home.root / "kept.csv")
        nights.land()
        (nights.home.root / "kept.csv").rename(place)
    (third,) = nights.land().accepted
    assert (third.submission_id, third.file_name) == (first.submission_id, place.name)
    assert third.received_at > second.received_at
    settled = nights.land()
    assert (settled.accepted, settled.refused) == ([], [])


def test_an_earlier_version_that_only_lies_there_does_not_count_again(nights: Nights, quick: None) -> None:
    _version_1_then_2(nights)
    for reader in ("one", "two", "two"):
        assert nights.land(reader=reader).accepted == []


@pytest.mark.parametrize("place", ["superseded/a.csv", "a first version.csv"])
def test_an_earlier_version_that_is_only_moved_does_not_count_again(place: str, nights: Nights, quick: None) -> None:
    _version_1_then_2(nights)
    (nights.folder / place).parent.mkdir(exist_ok=True)
    (nights.folder / "a.csv").rename(nights.folder / place)
    assert nights.land().accepted == []
    assert nights.land().accepted == []


@pytest.mark.parametrize("how", ["saved anew in its place", "copied into itself", "out of reach for a night"])
def test_a_folder_that_is_copied_or_comes_back_changes_nothing(how: str, nights: Nights, quick: None) -> None:
    _version_1_then_2(nights)
    if how == "saved anew in its place":
        for path in nights.folder.iterdir():
            _saved_later(path)
    elif how == "copied into itself":
        shutil.copytree(nights.folder, nights.home.root / "copy")
        shutil.move(nights.home.root / "copy", nights.folder / "copy")
    else:
        (nights.folder / "b.csv").unlink()
        nights.land()
        nights.folder.rename(nights.folder.with_name("elsewhere"))
        nights.land()
        nights.folder.with_name("elsewhere").rename(nights.folder)
    assert nights.land().accepted == []
    assert nights.land().accepted == []


def test_an_earlier_version_put_back_while_it_could_not_be_read_counts_once_it_can(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = _version_1_then_2(nights)
    nights.put("c.csv", figure_18())
    as_it_is = landing.load_bytes

    def locked(path: Path, source_file: str) -> bytes:
        if path.name == "c.csv":
            raise DENIED
        return as_it_is(path, source_file)

    monkeypatch.setattr(landing, "load_bytes", locked)
    assert nights.land().accepted == []
    monkeypatch.setattr(landing, "load_bytes", as_it_is)
    assert [event.submission_id for event in nights.land().accepted] == [first.submission_id]


def test_without_a_readable_last_look_what_lies_there_is_left_alone(nights: Nights, quick: None) -> None:
    _version_1_then_2(nights)
    nights.store.last_look_file.write_bytes(b"")
    _saved_later(nights.folder / "a.csv")
    assert nights.land().accepted == []
    _saved_later(nights.folder / "a.csv")
    assert names(nights.land().accepted) == ["a.csv"]


def test_a_file_that_other_figures_have_followed_is_not_put_back_by_a_copy(nights: Nights, quick: None) -> None:
    nights.put("a.csv", figure_18())
    nights.land()
    write_csv(transcribed("Figure 22"), nights.folder / "b.csv")
    nights.land()
    nights.put("c.csv", figure_18())
    assert nights.land().accepted == []


def test_the_same_content_under_two_names_is_one_submission(nights: Nights, quick: None) -> None:
    nights.put("a.csv", figure_18())
    nights.put("b.csv", figure_18())
    done = nights.land()
    assert (names(done.accepted), done.unchanged) == (["a.csv"], ["council_returns/b.csv"])
    nights.put("sub/c.csv", figure_18())
    assert len(nights.land().unchanged) == 3
    assert len(nights.landed()["council_workforce"]) == 125


@pytest.mark.parametrize(
    ("wrong", "right"), [("a.txt", "b.csv"), ("b.txt", "a.csv"), ("a.xlsx", "b.csv"), ("a", "b.csv")]
)
def test_a_name_that_does_not_fit_does_not_keep_the_same_content_out_under_one_that_does(
    wrong: str, right: str, nights: Nights, quick: None
) -> None:
    nights.put(wrong, figure_18())
    nights.put(right, figure_18())
    assert names(nights.land().accepted) == [right]
    assert len(nights.landed()["council_workforce"]) == 125
    assert len(nights.land().unchanged) == 2


def test_renaming_a_refused_file_as_advised_makes_it_count(nights: Nights, quick: None) -> None:
    path = nights.put("fig18.txt", figure_18())
    assert names(nights.land().refused) == ["fig18.txt"]
    path.rename(path.with_suffix(".csv"))
    assert names(nights.land().accepted) == ["fig18.csv"]
    assert [event.outcome for event in nights.latest().values()] == [ACCEPTED]


def test_a_removed_or_renamed_file_keeps_its_data(nights: Nights, quick: None) -> None:
    path = nights.put("fig18.csv", figure_18())
    nights.land()
    path.rename(path.with_name("figure 18.csv"))
    assert nights.land().unchanged == ["council_returns/figure 18.csv"]
    path.with_name("figure 18.csv").unlink()
    done = nights.land()
    assert (done.unchanged, done.rows["council_workforce"], done.rows["submissions"]) == ([], 125, 1)


def test_a_full_refresh_reads_all_anew_to_the_same_rows(nights: Nights, quick: None) -> None:
    path = nights.put("fig18.csv", figure_18())
    write_xlsx(published_workbook(), nights.folder / "all.xlsx")
    nights.land()
    landed, received = nights.landed(), {event.received_at for event in nights.store.events()}
    path.unlink()
    done = nights.land(full=True)
    assert sorted(names(done.reread)) == ["all.xlsx", "fig18.csv"]
    assert done.accepted == []
    assert nights.landed() == landed
    assert {event.received_at for event in nights.store.events()} == received


def test_another_reader_reads_anew_what_is_stored_and_tries_again_what_was_refused(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", figure_18())
    nights.put("bad.csv", b"")
    first = nights.land()
    landed = nights.landed()
    done = nights.land(reader="two")
    assert (names(done.reread), names(done.refused)) == (["fig18.csv"], ["bad.csv"])
    assert nights.landed() == landed
    assert {event.reader for event in nights.latest().values()} == {"two"}
    assert done.reread[0].received_at == first.accepted[0].received_at
    assert done.refused[0].received_at == first.refused[0].received_at
    settled = nights.land(reader="two")
    assert (settled.reread, settled.refused, len(settled.unchanged)) == ([], [], 2)


def test_a_reader_that_learns_an_older_file_does_not_make_it_the_newest(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 1 is refused, version 2 is accepted, and the mended reader then takes both: version 2 still counts."""
    as_it_is = landing.read_sheets
    nights.put("version 1.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    monkeypatch.setattr(landing, "read_sheets", lambda *_: 1 / 0)
    (older,) = nights.land().refused
    monkeypatch.setattr(landing, "read_sheets", as_it_is)
    nights.put("version 2.csv", figure_18())
    (newer,) = nights.land().accepted
    done = nights.land(reader="two")
    assert names(done.accepted) == ["version 1.csv"]
    latest = nights.latest()
    assert latest[older.submission_id].outcome == ACCEPTED
    assert latest[older.submission_id].received_at < latest[newer.submission_id].received_at


def test_a_reader_that_refuses_what_was_accepted_takes_its_cells_out_and_can_bring_them_back(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("fig18.csv", figure_18())
    nights.land()
    landed, as_it_is = nights.landed(), landing.read_sheets
    monkeypatch.setattr(landing, "read_sheets", lambda *_: 1 / 0)
    assert names(nights.land(reader="two").refused) == ["fig18.csv"]
    assert nights.landed()["council_workforce"] == []
    monkeypatch.setattr(landing, "read_sheets", as_it_is)
    nights.land(reader="three")
    assert nights.landed() == landed
    assert len({event.received_at for event in nights.store.events()}) == 1


def test_a_mended_file_is_read_and_the_refusal_ends(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", csv_with(*DERBY_HEADCOUNT, "#REF!"))
    nights.land()
    nights.put("fig18.csv", figure_18())
    done = nights.land()
    assert (names(done.accepted), done.still_refused) == (["fig18.csv"], [])


def test_rows_in_are_rows_landed_or_refused_with_a_reason(nights: Nights) -> None:
    rows = transcribed(FIGURE_18)
    rows[2] = rows[1]
    write_csv(rows, nights.folder / "twice.csv")
    nights.put("whole.csv", figure_18())
    done = nights.land()
    assert done.accepted[0].rows == {"council_workforce": 125, "council_totals": 10}
    assert sum(done.accepted[0].rows.values()) == 5 * (len(transcribed(FIGURE_18)) - 1)
    assert sum(done.rows[table] for table in CELL_TABLES) == 135
    (refused,) = done.refused
    assert refused.rows == {}
    assert {(problem["rule_id"], problem["row"]) for problem in refused.problems} == {
        ("duplicate_row", 2),
        ("duplicate_row", 3),
    }


def test_a_refusal_lists_every_critical_fault_and_no_remark(nights: Nights) -> None:
    sheets = published_workbook()
    sheets["Figure 18"][1][1] = "a" * 61
    sheets["Figure 23"][1][1] = "a" * 121
    sheets["Figure 25"][3][2] = "£-!"
    write_xlsx(sheets, nights.folder / "all.xlsx")
    (refused,) = nights.land().refused
    assert [problem["sheet"] for problem in refused.problems] == ["Figure 18", "Figure 23"]


def test_no_more_problems_are_listed_than_a_person_reads(nights: Nights, quick: None) -> None:
    rows = transcribed(FIGURE_18)
    write_csv([rows[0], *([*row[:5], *["#REF!"] * 5, ""] for row in rows[1:])], nights.folder / "errors.csv")
    (refused,) = nights.land().refused
    assert len(refused.problems) == MOST_PROBLEMS_LISTED + 1
    assert refused.problems[-1]["message"] == "35 further problems were found in the file and are not listed."


def test_files_of_programs_and_hidden_folders_are_passed_over(nights: Nights) -> None:
    for name in (
        *("~$fig18.xlsx", ".~lock.fig18.ods#", ".hidden.csv", "Thumbs.db", "desktop.ini", "Desktop.ini"),
        *(".Trash-1000/files/fig18.csv", "__MACOSX/._fig18.csv"),
    ):
        nights.put(name, b"x")
    (nights.folder / "folder.csv").mkdir()
    nights.put("folder.csv/b.csv", b"x")
    nights.put("Leicester/2024/a.csv", b"x")
    found = [path.relative_to(nights.folder).as_posix() for path in files_in(nights.folder)]
    assert found == ["Leicester/2024/a.csv", "folder.csv/b.csv"]
    assert files_in(nights.folder / "missing") == []


@pytest.mark.parametrize(
    "name",
    [
        "Figure 18 – Derby's return (final) v2.csv",
        "=SUM(A1).csv",
        "-rf.csv",
        "Ærøskøbing 名前.csv",
        "East/home/jane/fig18.csv",
        "a" * 200 + ".csv",
        "FIG18.CSV",
        ("名" * 80) + ".csv",
    ],
)
def test_a_file_may_have_any_name(name: str, nights: Nights, quick: None) -> None:
    nights.put(name, figure_18())
    (event,) = nights.land().accepted
    assert event.source_file == f"council_returns/{name}"
    nights.put(name, b"")
    (event,) = nights.land().refused
    assert (nights.home.root / event.report).is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        (rb"C:\Users\jane\fig18.csv", "C__Users_jane_fig18.csv"),
        (b"two\nlines.csv", "two_lines.csv"),
        (b"latin \xe9.csv", "latin _.csv"),
        (b"x /home/jane/fig18.csv", "x _home_jane/fig18.csv"),
    ],
)
def test_a_name_that_is_no_text_or_like_a_path_is_recorded_as_a_plain_one(
    name: bytes, recorded: str, nights: Nights, quick: None
) -> None:
    nights.put(os.fsdecode(name), figure_18())
    (event,) = nights.land().accepted
    assert event.source_file == f"council_returns/{recorded}"
    assert nights.land().unchanged == [event.source_file]
    nights.put(os.fsdecode(name), b"")
    assert names(nights.land().refused) == [event.file_name]


def test_a_name_is_recorded_from_the_landing_folder_down(nights: Nights) -> None:
    path = nights.folder / "Derby" / "fig18.csv"
    assert source_file_of(nights.home.landing, path) == "council_returns/Derby/fig18.csv"


def _link(link: Path, to: Path) -> None:
    try:
        link.symlink_to(to)
    except OSError:
        pytest.skip("the system makes no links for this user")


def test_links_are_read_through_and_broken_ones_passed_over(nights: Nights, quick: None, tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_bytes(figure_18())
    _link(nights.folder / "linked.csv", kept)
    _link(nights.folder / "broken.csv", tmp_path / "gone.csv")
    _link(nights.folder / "circle.csv", nights.folder / "circle.csv")
    _link(nights.folder / "around", nights.folder)
    done = nights.land()
    assert (names(done.accepted), done.refused) == (["linked.csv"], [])
    assert done.accepted[0].source_file == "council_returns/linked.csv"


def _fails_for(name: str, as_it_is: Callable[[Path], str], error: OSError) -> Callable[[Path], str]:
    def fails(path: Path) -> str:
        if path.name == name:
            raise error
        return as_it_is(path)

    return fails


DENIED = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/srv/secret/locked.csv")


def test_a_file_that_may_not_be_read_is_reported_and_read_when_it_may(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("locked.csv", figure_18())
    nights.put("zz.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    as_it_is = landing.sha256_of
    monkeypatch.setattr(landing, "sha256_of", _fails_for("locked.csv", as_it_is, DENIED))
    done = nights.land()
    assert (names(done.accepted), names(done.refused)) == (["zz.csv"], ["locked.csv"])
    assert done.refused[0].problems[0]["message"] == f"The file could not be opened ({os.strerror(errno.EACCES)})."
    assert "secret" not in (nights.home.root / done.refused[0].report).read_text(encoding="utf-8")
    again = nights.land()
    assert (again.accepted, again.refused, names(again.still_refused)) == ([], [], ["locked.csv"])
    monkeypatch.setattr(landing, "sha256_of", as_it_is)
    assert names(nights.land().accepted) == ["locked.csv"]
    assert len(nights.land().unchanged) == 2


def test_a_night_on_which_a_known_file_may_not_be_read_changes_nothing(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("version 1.csv", figure_18())
    (older,) = nights.land().accepted
    nights.put("version 2.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    (newer,) = nights.land().accepted
    landed, as_it_is = nights.landed(), landing.sha256_of
    monkeypatch.setattr(landing, "sha256_of", _fails_for("version 1.csv", as_it_is, DENIED))
    assert names(nights.land().refused) == ["version 1.csv"]
    assert nights.landed() == landed
    monkeypatch.setattr(landing, "sha256_of", as_it_is)
    assert names(nights.land().accepted) == ["version 1.csv"]
    latest = nights.latest()
    assert latest[older.submission_id].received_at == older.received_at
    assert latest[older.submission_id].received_at < latest[newer.submission_id].received_at
    assert latest[older.submission_id].event_id > latest[newer.submission_id].event_id
    assert len(nights.land().unchanged) == 2


def test_a_folder_that_may_not_be_listed_is_reported(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("closed/fig18.csv", figure_18())
    as_it_is = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return as_it_is(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (refused,) = nights.land().refused
    assert refused.source_file == "council_returns/closed"
    assert refused.problems[0]["message"].startswith("The file could not be opened")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_file_that_vanishes_is_left_out(
    when: str, nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.put("gone.csv", csv_with(*DERBY_HEADCOUNT, "14"))
    nights.put("zz.csv", figure_18())
    as_it_is = landing.sha256_of

    def sha256_of(path: Path) -> str:
        if path.name != "gone.csv":
            return as_it_is(path)
        if when == "before":
            path.unlink()
            return as_it_is(path)
        found = as_it_is(path)
        path.unlink()
        return found

    monkeypatch.setattr(landing, "sha256_of", sha256_of)
    done = nights.land()
    assert (names(done.accepted), done.refused, done.unchanged) == (["zz.csv"], [], [])
    assert done.rows["submissions"] == 1


def test_a_file_that_is_still_being_written_waits_for_the_next_night(
    nights: Nights, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = nights.put("fig18.csv", figure_18()[:900])
    as_it_is = landing.sha256_of

    def grows(path: Path) -> str:
        found = as_it_is(path)
        path.write_bytes(figure_18())
        return found

    monkeypatch.setattr(landing, "sha256_of", grows)
    done = nights.land()
    assert (done.accepted, done.refused, nights.store.events()) == ([], [], [])
    monkeypatch.setattr(landing, "sha256_of", as_it_is)
    (event,) = nights.land().accepted
    assert nights.store.bytes_path(event.sha256).read_bytes() == path.read_bytes() == figure_18()


def test_a_damaged_store_is_not_taken_for_a_bad_file(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", figure_18())
    (event,) = nights.land().accepted
    landed = nights.landed()
    nights.store.bytes_path(event.sha256).write_bytes(b"other")
    with pytest.raises(RuntimeError, match=r"The stored copy of council_returns/fig18.csv \(.*\) is damaged"):
        nights.land(full=True)
    assert nights.landed() == landed
    assert nights.latest()[event.submission_id].outcome == ACCEPTED


def test_the_landing_folder_is_never_written_to(nights: Nights, quick: None) -> None:
    nights.put("fig18.csv", figure_18())
    nights.put("bad.csv", b"")
    before = {path: path.stat().st_mtime_ns for path in nights.home.own_landing.rglob("*")}
    nights.land()
    assert {path: path.stat().st_mtime_ns for path in nights.home.own_landing.rglob("*")} == before


def test_a_landing_elsewhere_is_read_and_its_place_is_not_recorded(tmp_path: Path, quick: None) -> None:
    shared = tmp_path / "shared"
    (shared / "council_returns").mkdir(parents=True)
    (shared / "council_returns" / "fig18.csv").write_bytes(figure_18())
    (shared / "council_returns" / "bad.xlsx").write_bytes(workbook_with("C2", "#N/A"))
    home = Home(tmp_path / "home", shared)
    done = land(home)
    assert {event.source_file for event in done.accepted} == {"council_returns/fig18.csv"}
    assert [event.outcome for event in done.refused] == [QUARANTINED]
    _no_trace_of(tmp_path, home)


def test_every_form_of_the_collation_lands_the_same_number_of_cells(nights: Nights, quick: None) -> None:
    write_xlsx(published_workbook(), nights.folder / "all.xlsx")
    for figure in FILES:
        write_csv(transcribed(figure), nights.folder / f"{figure}.csv")
    done = nights.land()
    from_workbook = next(event for event in done.accepted if event.file_name == "all.xlsx")
    from_files: Counter[str] = Counter()
    for event in done.accepted:
        if event is not from_workbook:
            from_files.update(event.rows)
    assert from_workbook.rows == dict(from_files)
    assert from_workbook.figures == sorted(FILES)


def test_a_refused_file_that_is_taken_away_asks_nothing_more_and_is_refused_again_when_it_comes_back(
    nights: Nights, quick: None
) -> None:
    path = nights.put("bad.csv", b"")
    refused = nights.land().refused[0]
    path.unlink()
    nights.land()
    assert nights.latest()[refused.submission_id].outcome == CLEARED
    events = len(nights.store.events())
    nights.land()
    assert len(nights.store.events()) == events
    nights.put("bad.csv", b"")
    assert [event.outcome for event in nights.land().refused] == [QUARANTINED]


def test_a_landing_that_cannot_be_reached_clears_nothing(nights: Nights, quick: None) -> None:
    nights.put("bad.csv", b"")
    refused = nights.land().refused[0]
    nights.folder.rename(nights.folder.with_name("elsewhere"))
    nights.land()
    assert nights.latest()[refused.submission_id].outcome == QUARANTINED


def test_a_copy_of_a_bundled_file_becomes_the_persons_own(tmp_path: Path, quick: None) -> None:
    home = Home(tmp_path / "home")
    land(home)
    assert {event.is_bundled for event in Store(home).events()} == {True}
    shutil.copytree(BUNDLED_LANDING, home.own_landing)
    done = land(home)
    assert {event.is_bundled for event in done.accepted} == {False}
    assert len(done.accepted) == len(list(BUNDLED_LANDING.rglob("*.csv")))
    assert land(home).accepted == []
