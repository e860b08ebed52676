"""Nights end to end: the second night, bad files, new files, a night beside another, and readers all the while."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from fixtures.collations import FILES, as_published, published_workbook, write_csv, write_ods, write_xlsx
from homes import Refreshed, ahp, refresh
from nights import Nights

from dagster_project.home import BUNDLED_LANDING, Home
from dagster_project.rules import run_rules
from dagster_project.sources.store import now

BUNDLED_FILES = sum(path.is_file() for path in BUNDLED_LANDING.rglob("*"))
OCCUPATIONAL_THERAPISTS = (
    "select geography_name, headcount, fte, fte_permanent, fte_temporary, fte_vacant from marts.regional_workforce "
    "where geography_type = 'adass_region' and return_group = 'occupational_therapists' order by 1"
)


@pytest.fixture(scope="module")
def second_night(
    bundled: Refreshed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Refreshed, Refreshed, duckdb.DuckDBPyConnection]]:
    """The first night, the second with nothing new, and a reader who has had the first release open all the while."""
    home = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(bundled.home.root, home, symlinks=True)
    first = home / "releases" / str(bundled.outcome["release_id"]) / "ahp_workforce.duckdb"
    with duckdb.connect(str(first), read_only=True) as reader:
        yield bundled, refresh(home), reader


def test_a_second_night_with_nothing_new_releases_the_same_numbers(
    second_night: tuple[Refreshed, Refreshed, duckdb.DuckDBPyConnection],
) -> None:
    first, second, _ = second_night
    assert second.exit_code == 0
    assert second.outcome["files"] == {"accepted": 0, "refused": 0, "unchanged": 30}
    assert second.outcome["release_id"] != first.outcome["release_id"]
    for table in ("marts.fct_workforce", "marts.regional_workforce", "marts.fct_pay_scale", "marts.regional_measures"):
        assert second.query(f"from {table} order by all") == first.query(f"from {table} order by all")
    seen = "select finding_id, first_seen_at from quality.findings order by 1"
    assert second.query(seen) == first.query(seen)


def test_a_reader_keeps_the_old_release_while_a_new_one_lands(
    second_night: tuple[Refreshed, Refreshed, duckdb.DuckDBPyConnection],
) -> None:
    first, second, reader = second_night
    assert second.release_folder.name != first.release_folder.name
    assert reader.execute(OCCUPATIONAL_THERAPISTS).fetchall() == first.query(OCCUPATIONAL_THERAPISTS)


def test_a_refresh_beside_a_running_one_exits_3_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    with FileLock(home.refresh_lock):
        started = time.monotonic()
        done = ahp(home.root, "refresh")
        assert time.monotonic() - started < 20
    assert done.returncode == 3
    assert "Another refresh is running" in done.stderr
    assert not home.releases.exists()


BAD_FILES = {
    "not a workbook.xlsx": (lambda path: path.write_bytes(b"council,number_of_ots\n"), "its content is something else"),
    "empty.csv": (lambda path: path.write_bytes(b""), "empty"),
    "old pound sign.csv": (
        lambda path: path.write_bytes("council,scale\nDerby,£30,000\n".encode("cp850")),
        "not saved as UTF-8",
    ),
    "unknown heading.csv": (
        lambda path: write_csv(
            [["council", "number_of_ots", "fte_of_ots", "fte_permanent_funded", "fte_agency", "fte_vacant_posts"]], path
        ),
        "'fte_agency' is not one of Figure 18",
    ),
    "a sheet short.xlsx": (
        lambda path: write_xlsx({f: rows for f, rows in published_workbook().items() if f != "Figure 20"}, path),
        "no sheet for Figure 20",
    ),
    "formula error.xlsx": (
        lambda path: write_xlsx(published_workbook() | {"Figure 18": _with_error(as_published("Figure 18"))}, path),
        "#DIV/0!",
    ),
}


def _with_error(rows: list[list[str]]) -> list[list[str]]:
    return [["#DIV/0!" if cell == "37.41" else cell for cell in row] for row in rows]


@pytest.fixture(scope="module")
def bad_night(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A first night whose landing holds the good files and one bad file of each kind."""
    folder = tmp_path_factory.mktemp("bad")
    landing = folder / "landing"
    shutil.copytree(BUNDLED_LANDING, landing)
    for name, (make, _) in BAD_FILES.items():
        make(landing / "council_returns" / name)
    return refresh(folder / "home", landing=landing)


def test_bad_files_stop_only_themselves(bad_night: Refreshed, bundled: Refreshed) -> None:
    assert bad_night.exit_code == 0, bad_night.outcome["reason"]
    assert bad_night.outcome["files"] == {"accepted": 30, "refused": len(BAD_FILES), "unchanged": 0}
    assert bad_night.query(OCCUPATIONAL_THERAPISTS) == bundled.query(OCCUPATIONAL_THERAPISTS)


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_set_aside_with_a_report_and_a_finding(bad_night: Refreshed, name: str) -> None:
    in_words = BAD_FILES[name][1]
    refused = {Path(entry["file"]).name: entry for entry in bad_night.outcome["refused"]}
    assert in_words in refused[name]["reason"]
    report = (bad_night.home.root / refused[name]["report"]).read_text(encoding="utf-8")
    assert in_words in report
    assert "What to do:" in report
    findings = bad_night.query(
        f"select severity, message from quality.findings where source_file = 'council_returns/{name}'"
    )
    assert findings
    assert {severity for severity, _ in findings} == {"error"}
    assert any(in_words in message for _, message in findings)
    statuses = bad_night.query(f"select status from quality.submissions where file_name = '{name}'")
    assert statuses == [("quarantined",)]
    kept = list(bad_night.home.quarantine.glob("*"))
    assert len(kept) == 2 * len(BAD_FILES)


def test_a_workbook_in_the_published_form_gives_the_numbers_of_the_csv_files(
    tmp_path: Path, bundled: Refreshed
) -> None:
    """One .xlsx with the headings as printed, East over West; only what was typed differs, never what it means."""
    nights = Nights.begin(tmp_path / "home")
    write_xlsx(published_workbook(), nights.put("Midlands collation.xlsx", b""))
    assert nights.night().refused == []
    compared = {
        "marts.fct_workforce": "organisation_code, return_group, headcount, fte, fte_permanent, fte_temporary",
        "marts.fct_pay_scale": "organisation_code, scale_as_written, job_family, pay_minimum, pay_maximum",
        "marts.fct_pipeline": "organisation_code, learner_type, funding_route, pipeline_count",
    }
    with run_rules(nights.home.store, (*compared, "marts.regional_workforce"), now()) as tables:
        assert tables.execute(OCCUPATIONAL_THERAPISTS).fetchall() == bundled.query(OCCUPATIONAL_THERAPISTS)
        for table, columns in compared.items():
            select = f"select {columns} from {table} where source = 'council_returns' order by all"
            assert tables.execute(select).fetchall() == bundled.query(select) != []


def test_a_later_file_supersedes_and_what_it_mended_is_resolved(own_copy: Refreshed, tmp_path: Path) -> None:
    """The collation comes again as .ods with Figure 18's East Midlands vacancies printed in full."""
    landing = tmp_path / "landing"
    shutil.copytree(BUNDLED_LANDING, landing)
    sheets = published_workbook()
    sheets["Figure 18"] = [
        ["Total East Midlands", *row[1:5], "43.12"] if row[0] == "Total East Midlands" else row
        for row in sheets["Figure 18"]
    ]
    write_ods(sheets, landing / "council_returns" / "new collation.ods")
    night = refresh(own_copy.home.root, landing=landing)
    assert night.exit_code == 0, night.outcome["reason"]
    # The copies of the bundled files count as somebody's own from here on.
    assert night.outcome["files"] == {"accepted": BUNDLED_FILES + 1, "refused": 0, "unchanged": 0}
    assert not night.outcome["bundled_inputs"]
    statuses = dict(
        night.query(
            "select file_name, status from quality.submissions "
            "where source not in ('employer_standards', 'maturity') or status <> 'accepted'"
        )
    )
    assert statuses.pop("new collation.ods") == "accepted"
    assert statuses.pop("principal_ot.csv") == "accepted"
    assert set(statuses.values()) == {"superseded"}
    asked = "select status from quality.findings where rule_id = 'total_differs_from_rows' and figure = 'Figure 18'"
    assert night.query(asked) == [("resolved",)]
    # The night before the collation came again is read as it was.
    first_act = min((own_copy.home.released / "in_force").glob("*.json"))
    first_night = json.loads(first_act.read_text(encoding="utf-8"))["in_force_since"]
    past = ahp(own_copy.home.root, "sql", "--as-at", first_night, "--format", "json", asked)
    assert json.loads(past.stdout) == [{"status": "open"}]
    assert f"release {own_copy.outcome['release_id']}" in past.stderr
    assert night.query(OCCUPATIONAL_THERAPISTS) == own_copy.query(OCCUPATIONAL_THERAPISTS)


def test_the_bundled_returns_count_no_more_once_somebody_lands_a_file(own_copy: Refreshed) -> None:
    folder = own_copy.home.root / "landing" / "council_returns"
    folder.mkdir(parents=True)
    write_csv(as_published("Figure 18"), folder / "ours.csv")
    night = refresh(own_copy.home.root)
    assert night.exit_code == 0, night.outcome["reason"]
    assert not night.outcome["bundled_inputs"]
    assert night.query("select distinct return_group from marts.fct_workforce") == [("occupational_therapists",)]
    assert night.query(OCCUPATIONAL_THERAPISTS) == own_copy.query(OCCUPATIONAL_THERAPISTS)
    assert night.query("select is_bundled, status, count(*) from quality.submissions group by all order by all") == [
        (False, "accepted", 1),
        (True, "superseded", BUNDLED_FILES),
    ]
    assert night.query(
        "select distinct value_status from marts.regional_workforce "
        "where return_group = 'managers' and geography_type = 'adass_region'"
    ) == [("not_supplied",)]


def test_an_unknown_council_is_kept_back_and_named(tmp_path: Path) -> None:
    nights = Nights.begin(tmp_path / "home")
    for figure in FILES:
        rows = as_published(figure)
        renamed = [["Rutlandshire" if row[0] == "Rutland County" else row[0], *row[1:]] for row in rows]
        write_csv(renamed, nights.put(f"{figure}.csv", b""))
    assert nights.night().refused == []
    with run_rules(nights.home.store, ("quality.findings", "marts.regional_workforce"), now()) as tables:
        findings = tables.execute(
            "select source_sheet, message, suggestion from quality.findings where rule_id = 'unknown_organisation' "
            "order by source_sheet"
        ).fetchall()
        totals = tables.execute(
            "select headcount, councils_returned, councils_expected, value_status from marts.regional_workforce "
            "where geography_type = 'adass_region' and geography_name = 'East Midlands' "
            "and return_group = 'occupational_therapists'"
        ).fetchall()
    assert [sheet for sheet, _, _ in findings] == sorted(FILES)
    assert all("Rutlandshire" in message for _, message, _ in findings)
    assert all("Rutland" in suggestion for _, _, suggestion in findings)
    assert totals == [(323 - 7, 10, 11, "partial")]


def test_numbers_that_vanish_without_a_new_file_are_not_released(own_copy: Refreshed) -> None:
    """The store loses Figure 18 behind everybody's back: the night must not release, and the last release stands."""
    before = own_copy.release_folder
    for ledger in (own_copy.home.store / "ledger").glob("*.json"):
        if "fig18" in json.loads(ledger.read_text(encoding="utf-8"))["source_file"]:
            ledger.unlink()
    for landed in (own_copy.home.store / "landed" / "council_workforce").glob("*.parquet"):
        with duckdb.connect() as connection:
            if connection.execute(f"select max(figure) from read_parquet('{landed.as_posix()}')").fetchone() == (
                "Figure 18",
            ):
                landed.unlink()
    empty = own_copy.home.root / "landing"
    (empty / "council_returns").mkdir(parents=True)
    night = refresh(own_copy.home.root)
    assert night.exit_code == 1
    assert not night.outcome["released"]
    assert "large changes explained" in night.outcome["reason"]
    assert night.release_folder == before


def test_everything_read_anew_gives_the_same_release(own_copy: Refreshed) -> None:
    night = refresh(own_copy.home.root, "--full")
    assert night.exit_code == 0, night.outcome["reason"]
    for table in ("marts.fct_workforce", "marts.fct_pay_scale"):
        assert night.query(f"from {table} order by all") == own_copy.query(f"from {table} order by all")


def test_no_path_of_the_machine_is_in_any_file_of_a_release(bundled: Refreshed) -> None:
    home = str(bundled.home.root).encode()
    files = [path for path in bundled.release_folder.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if home in path.read_bytes()] == []


def test_the_summary_names_what_a_person_wants_to_know(
    second_night: tuple[Refreshed, Refreshed, duckdb.DuckDBPyConnection],
) -> None:
    _, second, _ = second_night
    done: subprocess.CompletedProcess[str] = ahp(second.home.root, "refresh")
    assert done.returncode == 0, done.stderr
    for expected in ("East Midlands", "323", "263.05", "14.08", "West Midlands", "271", "bundled", "Findings"):
        assert expected in done.stdout, done.stdout
