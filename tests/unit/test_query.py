"""What a query may read, what it may not, and what it is told when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from toy_release import MADE_AT, keep_for_good, make_release

from dagster_project import query
from dagster_project.home import RELEASE_DATABASE, Home
from dagster_project.query import AsAt, NoReleaseError, QueryError
from dagster_project.release.archive import ArchivedRelease


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def release(home: Home) -> Path:
    return make_release(home)


@pytest.fixture(params=["latest", "past"])
def asked(request: pytest.FixtureRequest, home: Home, release: Path) -> ArchivedRelease | None:
    """The release once as the latest and once as that of a past night, read from the archive."""
    if request.param == "latest":
        return None
    keep_for_good(home, release)
    return query.release_as_at(home, AsAt(MADE_AT))


@pytest.fixture
def outside(home: Home, release: Path) -> Iterator[Path]:
    """A folder beside the releases with a private warehouse and a file in it. Afterwards everything is as it was."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table people as select 'somebody' as name")
    (home.root / "people.csv").write_text("name\nsomebody\n", encoding="utf-8")
    (home.root / "people.json").write_text('{"name": "somebody"}', encoding="utf-8")
    before = _files(home.root)
    yield home.root
    assert _files(home.root) == before, "A query changed a file, or left one behind."


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _rows(home: Home, text: str, past: ArchivedRelease | None = None) -> list[dict[str, object]]:
    result = query.run_sql(home, text, past)
    assert result is not None
    rows: list[dict[str, object]] = result.to_pylist()
    return rows


# Reading


@pytest.mark.parametrize("table", ["marts.fct_workforce", "fct_workforce", "ahp_workforce.marts.fct_workforce"])
def test_a_table_is_found_with_and_without_its_schema(home: Home, asked: ArchivedRelease | None, table: str) -> None:
    assert _rows(home, f"select sum(fte) as fte from {table}", asked) == [{"fte": Decimal("1079.05")}]


@pytest.mark.usefixtures("release")
def test_of_several_statements_the_last_result_is_given(home: Home) -> None:
    text = "create temp table mine as select 2 as b; select 1 as a; select b from mine; set variable c = 1;"
    assert _rows(home, text) == [{"b": 2}]


@pytest.mark.usefixtures("release")
def test_pivot_runs_although_the_engine_makes_two_statements_of_it(home: Home) -> None:
    (row,) = _rows(home, "pivot fct_workforce on organisation_name using sum(headcount) group by as_at_date")
    assert row["Nottingham"] == 1200


@pytest.mark.usefixtures("release")
def test_statements_without_rows_give_none(home: Home) -> None:
    assert query.run_sql(home, "create temp table mine as select 1") is None


def test_times_do_not_depend_on_the_computer(home: Home, asked: ArchivedRelease | None) -> None:
    assert _rows(home, "select current_setting('TimeZone') as zone", asked) == [{"zone": "UTC"}]


def test_an_open_reader_keeps_its_release(home: Home, release: Path) -> None:
    with query.open_release(query.latest_release(home)) as connection:
        make_release(home, MADE_AT + timedelta(days=1))
        assert connection.execute("select count(*) from fct_workforce").fetchall() == [(3,)]
    assert query.latest_release(home).folder != release


# What a query cannot do

REFUSED = {
    "write a file": "copy fct_workforce to '{outside}/stolen.csv'",
    "write over a file": "copy fct_workforce to '{outside}/people.csv'",
    "write over the release": "copy fct_workforce to '{database}'",
    "write the log of the release": "copy fct_workforce to '{database}.wal'",
    "write the log by way of explaining": "explain analyze copy fct_workforce to '{database}.wal'",
    "write the log by a prepared statement": "prepare p as copy fct_workforce to '{database}.wal'; execute p",
    "write beside the release": "copy fct_workforce to '{database}.tmp/stolen.csv'",
    "read a csv file": "select * from read_csv('{outside}/people.csv')",
    "read a file by its name": "select * from '{outside}/people.csv'",
    "read a text file": "select * from read_text('{outside}/people.csv')",
    "read a json file": "select * from read_json('{outside}/people.json')",
    "read a parquet file": "select * from read_parquet('{outside}/people.parquet')",
    "list files": "select * from glob('{outside}/*')",
    "read the warehouse": "select * from '{outside}/warehouse.duckdb'",
    "attach the warehouse": "attach '{outside}/warehouse.duckdb' as warehouse",
    "attach a new database": "attach '{outside}/new.duckdb' as new_database",
    "attach a database in memory": "attach ':memory:' as memory_database",
    "export": "export database '{outside}/exported'",
    "import": "import database '{outside}/exported'",
    "install an extension": "install httpfs",
    "load an extension": "load httpfs",
    "reach the network": "select * from read_csv('https://example.org/people.csv')",
    "keep a secret": "create persistent secret mine (type s3)",
    "log to a file": "select * from enable_logging(storage = 'file', storage_path = '{outside}/log')",
    "log over the release": "call enable_logging(storage_path = '{database}.wal')",
    "profile to a file": "pragma profiling_output = '{outside}/profile.json'",
    "open the file system again": "set disabled_filesystems = ''",
    "allow external access": "set enable_external_access = true",
    "unlock the settings": "set lock_configuration = false",
    "reset a setting": "reset lock_configuration",
    "use other threads": "set threads = 1",
    "insert": "insert into fct_workforce (headcount) values (1)",
    "update": "update fct_workforce set headcount = 1",
    "delete": "delete from fct_workforce",
    "truncate": "truncate fct_workforce",
    "drop": "drop table fct_workforce",
    "alter": "alter table fct_workforce add column mine integer",
    "create a table": "create table marts.mine as select 1",
    "create a view": "create view marts.mine as select 1",
    "create a schema": "create schema mine",
    "comment": "comment on table fct_workforce is 'mine'",
    "read a variable of this program": "select * from frame",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_a_query_cannot(home: Home, release: Path, asked: ArchivedRelease | None, outside: Path, text: str) -> None:
    frame = {"name": ["somebody"]}
    filled = text.format(outside=outside.as_posix(), database=(release / RELEASE_DATABASE).as_posix())
    with pytest.raises(QueryError) as refusal:
        query.run_sql(home, filled, asked)
    assert "DuckDB said: " in str(refusal.value)
    assert frame


@pytest.mark.parametrize("name", [name for name, text in REFUSED.items() if "{database}" in text])
def test_a_query_on_a_past_night_cannot_write_where_it_is_read_from(home: Home, release: Path, name: str) -> None:
    keep_for_good(home, release)
    with query.open_release(query.release_as_at(home, AsAt(MADE_AT))) as connection:
        ((database,),) = connection.execute("select path from duckdb_databases() where not internal").fetchall()
        folder = Path(database).parent
        before = _files(folder)
        with pytest.raises(duckdb.Error):
            connection.execute(REFUSED[name].format(database=Path(database).as_posix()))
        assert _files(folder) == before
    assert not folder.exists()


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_parquet('{file}')",
        "select * from '{file}'",
        "copy fct_workforce to '{file}'",
        "copy fct_workforce to '{folder}/stolen.parquet'",
        "select * from glob('{folder}/*')",
    ],
)
def test_a_query_on_a_past_night_cannot_reach_the_archive_it_comes_from(home: Home, release: Path, text: str) -> None:
    keep_for_good(home, release)
    folder = home.released / "tables"
    before = _files(home.released)
    filled = text.format(folder=folder.as_posix(), file=next(folder.iterdir()).as_posix())
    with pytest.raises(QueryError, match="A query reads one release and nothing else"):
        query.run_sql(home, filled, query.release_as_at(home, AsAt(MADE_AT)))
    assert _files(home.released) == before


def test_every_lock_is_on(home: Home, asked: ArchivedRelease | None) -> None:
    """Where one of them refuses, the others are not asked; this sees to it that none goes missing."""
    locks = {
        "access_mode": "read_only",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
        "python_enable_replacements": "false",
    }
    (row,) = _rows(
        home, "select " + ", ".join(f"current_setting('{name}')::varchar as {name}" for name in locks), asked
    )
    assert row == locks


def test_a_sort_that_is_too_large_for_memory_does_not_spill_into_the_release(
    home: Home, asked: ArchivedRelease | None, outside: Path
) -> None:
    assert outside.is_dir()
    assert _rows(home, "select current_setting('temp_directory') as folder", asked) == [{"folder": ""}]


# Messages


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("copy fct_workforce to 'x.csv'", "A query reads one release and nothing else"),
        ("delete from fct_workforce", "A release is never changed"),
        ("set threads = 1", "The settings of this connection are fixed"),
        ("select * from fct_workfroce", "There is no table called fct_workfroce. Nearest: marts.fct_workforce."),
        ("select * from zzz", "Tables: marts.dim_organisation, marts.fct_workforce"),
        ("select hedcount from fct_workforce", "The query names a column that is not there."),
        ("selec 1", "The SQL could not be read."),
        ("select cast('x' as integer)", "The query could not be run."),
        ("select * from range(10); select 1/", "The SQL could not be read."),
    ],
)
def test_a_failed_query_is_explained_and_the_engine_is_quoted(home: Home, text: str, reason: str) -> None:
    with pytest.raises(QueryError) as problem:
        query.run_sql(home, text)
    explained, _, quoted = str(problem.value).partition("\nDuckDB said: ")
    assert reason in explained
    assert "Error" in quoted


def test_without_a_release_it_says_what_to_do(home: Home) -> None:
    for ask in (query.tables, query.findings, lambda empty: query.run_sql(empty, "select 1")):
        with pytest.raises(NoReleaseError, match=r"^There is no release yet\. Run \./ahp refresh first\.$"):
            ask(home)


def test_a_latest_json_that_names_nothing_is_not_taken_for_no_release(home: Home, release: Path) -> None:
    (home.releases / "latest.json").write_text('{"release_id": "2026-01-01T000000Z-000000"}', encoding="utf-8")
    with pytest.raises(QueryError, match=release.name) as problem:
        query.tables(home)
    assert not isinstance(problem.value, NoReleaseError)


def test_a_damaged_release_is_named(home: Home, release: Path) -> None:
    (release / RELEASE_DATABASE).write_bytes(b"not a database")
    with pytest.raises(QueryError, match=f"The release {release.name} could not be opened"):
        query.run_sql(home, "select 1")


# Tables


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("name", ["fct_workforce", "marts.fct_workforce", " MARTS.FCT_Workforce "])
def test_describe_takes_a_name_with_or_without_its_schema(home: Home, name: str) -> None:
    table = query.describe(home, name)
    assert (table.full_name, table.rows) == ("marts.fct_workforce", 3)
    assert table.grain == "One row per organisation and date."
    assert table.columns[3].data_type == "DECIMAL(12,2)"
    assert "Comparing councils" in table.caveats[0]


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("fct_workfroce", "Nearest: marts.fct_workforce."),
        ("quality.finding", "Nearest: quality.findings."),
        ("zzz", "Tables: marts.fct_workforce, marts.regional_workforce"),
    ],
)
def test_an_unknown_table_gets_the_nearest_names(home: Home, name: str, hint: str) -> None:
    with pytest.raises(QueryError, match=f"There is no table called {name}") as problem:
        query.describe(home, name)
    assert hint in str(problem.value)


@pytest.mark.parametrize(
    ("description", "grain"),
    [
        ("One row per council.\nSource: returns.", "One row per council."),
        (
            "One row per council and day of its return, summed over\nthe accounts of a council. Units: posts.",
            "One row per council and day of its return, summed over the accounts of a council.",
        ),
        ("One row per section 3.1a, as printed", "One row per section 3.1a, as printed"),
        ("", ""),
    ],
)
def test_the_grain_of_a_table_is_the_whole_first_sentence(description: str, grain: str) -> None:
    assert query.ReleasedTable("marts", "fct", 0, description, (), ()).grain == grain


# Findings


def _ids(home: Home, past: ArchivedRelease | None = None, **wanted: str) -> list[str]:
    ids: list[str] = query.findings(home, **wanted, past=past)["finding_id"].to_pylist()
    return ids


def test_only_open_findings_are_given_the_gravest_first(home: Home, asked: ArchivedRelease | None) -> None:
    assert _ids(home, asked) == ["f1", "f2", "f3", "f4"]


def test_findings_of_a_release_that_had_other_columns_are_explained(home: Home) -> None:
    folder = make_release(home, change="alter table quality.findings drop column source_row")
    keep_for_good(home, folder)
    with pytest.raises(QueryError, match="The query names a column that is not there") as problem:
        query.findings(home, past=query.release_as_at(home, AsAt(MADE_AT)))
    assert "DuckDB said: " in str(problem.value)


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("organisation", "ids"),
    [("derby", ["f1", "f3"]), ("DERBYSHIRE", ["f1"]), ("nottingham", ["f4"]), ("nottinghamshire", [])],
)
def test_an_organisation_is_found_by_any_part_of_its_name_unless_one_has_just_that_name(
    home: Home, organisation: str, ids: list[str]
) -> None:
    assert _ids(home, organisation=organisation) == ids


@pytest.mark.usefixtures("release")
def test_severity_and_organisation_narrow_together(home: Home) -> None:
    assert _ids(home, severity="error") == ["f1", "f2"]
    assert _ids(home, severity="warning", organisation="derby") == ["f3"]


@pytest.mark.usefixtures("release")
def test_an_unknown_organisation_gets_the_nearest_or_all_names(home: Home) -> None:
    with pytest.raises(QueryError, match=r"'Notingham'\. Nearest: Nottingham, Nottinghamshire\."):
        query.findings(home, organisation="Notingham")
    with pytest.raises(QueryError, match=r"Organisations: Derby City, Derbyshire, Nottingham, Nottinghamshire\."):
        query.findings(home, organisation="Atlantis")


@pytest.mark.usefixtures("release")
def test_an_organisation_is_text_and_not_sql(home: Home) -> None:
    with pytest.raises(QueryError, match="No organisation is called"):
        query.findings(home, organisation="' or true --")


# Status


@pytest.mark.usefixtures("release")
def test_a_release_is_fresh_up_to_the_limit_of_its_own_policy(home: Home) -> None:
    assert query.status(home, MADE_AT + timedelta(hours=30)).is_fresh
    assert not query.status(home, MADE_AT + timedelta(hours=30, seconds=1)).is_fresh


def test_a_release_without_that_policy_has_the_usual_limit(home: Home, release: Path) -> None:
    with duckdb.connect(str(release / RELEASE_DATABASE)) as connection:
        connection.execute("delete from reference.policies")
    assert query.status(home, MADE_AT).freshness_limit == timedelta(hours=36)


def test_status_works_before_the_first_refresh(home: Home) -> None:
    status = query.status(home, MADE_AT)
    assert (status.last_refresh, status.latest, status.kept, status.is_fresh) == (None, None, (), False)


def test_status_carries_the_last_refresh_and_every_kept_release(home: Home, release: Path) -> None:
    make_release(home, MADE_AT - timedelta(days=1), "000000")
    home.last_refresh.write_text(json.dumps({"released": True, "release_id": release.name}), encoding="utf-8")
    status = query.status(home, MADE_AT)
    assert status.last_refresh == {"released": True, "release_id": release.name}
    assert [kept.release_id for kept in status.kept] == [release.name, "2026-11-21T020000Z-000000"]


@pytest.mark.usefixtures("release")
def test_an_unreadable_record_of_the_last_refresh_is_named(home: Home) -> None:
    home.last_refresh.write_text("{", encoding="utf-8")
    with pytest.raises(QueryError, match=r"last_refresh\.json, could not be read"):
        query.status(home, MADE_AT)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T01:59:59+00:00", "2026-11-22T02:00:00+00:00"),
        ("2026-11-22T02:00:00+00:00", "2026-11-23T02:00:00+00:00"),
        ("2026-07-01T00:30:00+00:00", "2026-07-01T02:00:00+01:00"),
        ("2026-07-01T01:30:00+00:00", "2026-07-02T02:00:00+01:00"),
        # Clocks go forward at 01:00 on 29 March 2026 and back at 02:00 on 25 October 2026.
        ("2026-03-28T12:00:00+00:00", "2026-03-29T02:00:00+01:00"),
        ("2026-03-29T00:59:59+00:00", "2026-03-29T02:00:00+01:00"),
        ("2026-10-24T12:00:00+00:00", "2026-10-25T02:00:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25T02:00:00+00:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T02:00:00+00:00"),
        ("2026-10-25T02:00:00+00:00", "2026-10-26T02:00:00+00:00"),
        # The day is London's, wherever the computer stands.
        ("2026-07-01T20:30:00-05:00", "2026-07-03T02:00:00+01:00"),
    ],
)
def test_the_next_run_is_two_in_the_morning_in_london(now: str, expected: str) -> None:
    assert query.next_run(datetime.fromisoformat(now)).isoformat() == expected


def test_the_next_run_is_at_most_25_hours_away_all_year() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hour in range(365 * 24):
        now = start + timedelta(hours=hour, minutes=30)
        wait = query.next_run(now).astimezone(UTC) - now
        assert timedelta() < wait <= timedelta(hours=25)
    assert query.next_run(start).tzinfo == ZoneInfo(query.NIGHTLY_TIMEZONE)


def test_status_names_the_time_that_the_schedule_has() -> None:
    from dagster_project.schedules import nightly_schedule

    assert nightly_schedule.cron_schedule == f"{query.NIGHTLY_TIME.minute} {query.NIGHTLY_TIME.hour} * * *"
    assert nightly_schedule.execution_timezone == query.NIGHTLY_TIMEZONE
