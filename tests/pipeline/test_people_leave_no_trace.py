"""A whole refresh of extracts of people: nothing it writes names anybody, and no row of a person is released."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from fixtures.esr import PERSON, extract, people, person
from fixtures.searching import found_below, found_in
from fixtures.skills_for_care import (
    GLOBAL_ID,
    UPLOAD_FILE,
    UPLOADED_WORKPLACE,
    UPLOADED_WORKPLACES_FILE,
    WORKER_FILE,
    WORKPLACE_FILE,
    extract_of,
    upload_of,
    uploaded,
    worker,
    workplace,
)
from homes import Refreshed, ahp
from nights import FOLDER, a_return

from dagster_project.sources.person_level.encrypted import BYTES_KEY_VARIABLE, BytesKey, encrypted_file

BYTES_KEY = "5e" * 32
PLANTED = [
    PERSON[heading]
    for heading in (
        "First Name",
        "Surname",
        "Employee Number",
        "Unique NHS Identifier",
        "Assignment Number",
        "NI Number",
        "Home Postcode",
        "Email Address",
        "Mobile",
        "Registration Number",
        "Date of Birth",
        "Salary",
    )
] + [BYTES_KEY, GLOBAL_ID, "3004711", "S3004711", "Quillfeather House"]


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    (folder / "esr").mkdir()
    # The first of the twenty has a second assignment.
    rows = [
        person() | {"Assignment Number": PERSON["Assignment Number"], "Position Title": "OT Zebedee Quillfeather"},
        *people(20),
        # Somebody who is out of scope, so that the release has to account for a row it does not hold.
        person(60, Position_Title="Staff Nurse", Job_Role="Staff Nurse", Occupation_Code="N6A"),
    ]
    (folder / "esr" / "accepted.csv").write_bytes(extract(rows))
    # The public tables of councils must not be empty.
    (folder / FOLDER).mkdir()
    (folder / FOLDER / "derby.xlsx").write_bytes(a_return())
    (folder / "esr" / "refused.csv").write_bytes(extract(rows, without=["Contracted WTE"]))
    workers = [worker(number) for number in range(20)]
    for name, content in {
        WORKER_FILE: extract_of([*workers, worker(60, mainjrid="6")]),
        WORKPLACE_FILE: extract_of([workplace()]),
        "refused/worker_2026-01-31.csv": extract_of(workers, without=["emplstat"]),
        UPLOAD_FILE.replace("2026-01-31", "2026-02-28"): upload_of([uploaded(number) for number in range(20)]),
        UPLOADED_WORKPLACES_FILE.replace("2026-01-31", "2026-02-28"): upload_of([UPLOADED_WORKPLACE]),
    }.items():
        path = folder / "skills_for_care" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def refreshed(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Refreshed, str]:
    """The home after the night, and all that the night said."""
    from dagster_project.home import Home

    home = tmp_path_factory.mktemp("people") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BYTES_KEY_VARIABLE, BYTES_KEY)
        done = ahp(home, "refresh", landing=landing)
    return Refreshed(Home(home, landing), {}, done.returncode), done.stdout + done.stderr


def texts_of(database: Path) -> Iterator[tuple[str, str]]:
    """Every table of a DuckDB file as text: the file itself is compressed."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            rows = connection.execute(f'select * from "{schema}"."{table}"').fetchall()
            yield f"{database.name} {schema}.{table}", "\n".join(map(str, rows))


def test_the_extract_counts(refreshed: tuple[Refreshed, str]) -> None:
    home, said = refreshed
    assert home.exit_code == 0, said
    assert home.query("select sum(headcount) from marts.fct_workforce where source = 'esr'") == [(20,)]
    assert home.query("""
        select employer, as_at_date::varchar, sum(headcount)
        from marts.fct_workforce where source = 'skills_for_care'
        group by all order by all
    """) == [("council", "2026-01-31", 20), ("council", "2026-02-28", 20)]
    assert "refused.csv" in said


def test_the_bytes_of_what_counts_are_kept_encrypted_and_those_of_what_was_refused_are_not(
    refreshed: tuple[Refreshed, str], landing: Path
) -> None:
    home, said = refreshed
    key = (BytesKey(bytes.fromhex(BYTES_KEY)),)
    kept = {
        file.read_bytes()
        for path in (home.home.store / "bytes").rglob("*.encrypted")
        if (file := encrypted_file(path, key)) is not None
    }
    came = {path: path.read_bytes() for name in ("esr", "skills_for_care") for path in (landing / name).rglob("*.csv")}
    assert kept == {content for path, content in came.items() if "refused" not in path.as_posix()}
    assert len(kept) == 5, said


def test_nothing_that_identifies_anybody_is_in_what_the_night_writes_or_says(refreshed: tuple[Refreshed, str]) -> None:
    home, said = refreshed
    assert found_below(home.home.root, PLANTED) == []
    assert found_in(said.encode(), PLANTED) == []
    databases = sorted(home.home.root.rglob("*.duckdb"))
    assert len(databases) >= 2
    assert [
        f"{name}: {found}"
        for database in databases
        for name, text in texts_of(database)
        for found in found_in(text.encode(), PLANTED)
    ] == []


def test_no_pseudonym_is_released(refreshed: tuple[Refreshed, str]) -> None:
    home, _ = refreshed
    with duckdb.connect(str(home.home.warehouse), read_only=True) as connection:
        keys = [
            key
            for table in ("int_esr__people", "int_asc_wds__workers")
            for (key,) in connection.execute(f"select distinct person_key from intermediate.{table}").fetchall()
        ]
    # The first of the twenty workers is the same person in both forms of the data set.
    assert len(keys) == 21 + 20 + 19
    released = "\n".join(text for _, text in texts_of(home.release_folder / "ahp_workforce.duckdb"))
    in_files = b"".join(path.read_bytes() for path in home.release_folder.rglob("*") if path.is_file())
    assert [key for key in keys if key in released or key.encode() in in_files] == []
