"""How long a refresh and a check take and how much memory, beside a floor measured in the same run.

`uv run python -m bench` times single refreshes and checks, `uv run python -m bench returns` a night of 8 returns from
every council, `uv run python -m bench roles` the coding of 100,000 job titles beside what finding the nearest labelled
title of some of them takes, `uv run python -m bench national INPUTS` a first night on what
`ahp synth --scale national -o INPUTS` wrote, beside plain SQL that reads, types and sums up the same files, and
`uv run python -m bench site HOME` the site of the latest release of HOME, as it is and with a page for every council.

Times are whole processes, in turn, so that a slow machine slows all of them alike: quote the ratios. The floor is what
DuckDB alone needs to read the same files and count their rows, with a Python process to run it in.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import duckdb
import openpyxl
import polars as pl
from rich.console import Console
from rich.table import Table

from dagster_project.home import BUNDLED_LANDING, PROJECT_ROOT, RELEASE_DATABASE
from dagster_project.memory import MemoryWatch
from dagster_project.rules import compiled_rules
from dagster_project.sources.councils import councils_on
from dagster_project.sources.return_layout import Part, offered, return_layout

RUNS = 3
# Looking at a process holds it up for some hundredths of a second.
SECONDS_BETWEEN_LOOKS = 1.0
# A day of each quarter of two years.
RETURN_DAYS = tuple(date(year, month, 28) for year in (2024, 2025) for month in (3, 6, 9, 12))
REFRESH = "from dagster_project.cli import main; main()"
FLOOR = """
import duckdb
for name in ("fig18", "fig19", "fig20", "fig21", "fig22", "fig23", "fig25", "principal_ot"):
    duckdb.sql(f"select council, count(*) from read_csv('%s/council_returns/{name}*.csv') group by all").fetchall()
"""

# The same files, every column typed by DuckDB, and each summed up by organisation and role as the warehouse does.
NATIONAL_FLOOR = """
import duckdb
connection = duckdb.connect()
connection.execute("set preserve_insertion_order = false")
for pattern, options, query in (
    ("esr/**/*.csv", "union_by_name = true", '''
        select "Ocs Code", "Staff Group", "Job Role", "AfC Band", count(distinct "Unique NHS Identifier"),
            sum("Contracted WTE"), count("Ethnic Origin"), count("Date of Birth") from rows_read group by all'''),
    ("skills_for_care/**/worker.csv", "delim = '|'", '''
        select cssr, esttype, mainjrid, emplstat, count(distinct workerid), sum(conthrs), count(ethnicity), count(age)
        from rows_read group by all'''),
    ("skills_for_care/**/workplace.csv", "delim = '|'", '''
        select cssr, esttype, count(*), sum(totalstaff) from rows_read group by all'''),
):
    connection.execute(f"create or replace table rows_read as from read_csv('%s/{pattern}', {options})")
    connection.execute(query).fetchall()
"""

# Every council of today without numbers is given those of one that has some: other pages of the same length.
EVERY_COUNCIL = """
create temp table given as
with has as (
    select distinct geography_code as old_code, row_number() over (order by geography_code) as place
    from (select distinct geography_code from marts.regional_workforce where geography_type = 'council')
),
lacks as (
    select organisation_code as new_code, organisation_name as new_name,
        row_number() over (order by organisation_code) as place
    from marts.dim_organisation
    where organisation_type = 'council' and valid_to is null
        and organisation_code not in (select old_code from has)
)
select new_code, new_name, old_code
from lacks inner join has on 1 + lacks.place % (select count(*) from has) = has.place
"""
SITE = """
import sys
from pathlib import Path
from dagster_project.contracts import public_tables, steps
from dagster_project.home import Home
from dagster_project.release.building import Candidate
from dagster_project.site.building import write_site
home = Home(Path(sys.argv[1]))
write_site(Candidate.open(Path(sys.argv[2]), public_tables(home.dbt_manifest)), None, steps(home.dbt_manifest))
"""

TITLES = 100_000
# Comparing all titles with each labelled one would take fifty times as long.
COMPARED = 2_000
ROLES = """
from pathlib import Path
from dagster_project.rules import Relation, run_rules
titles = Relation("intermediate.int_roles__titles", "select * from read_parquet('%s') group by all", (), ())
# As many threads as a night has.
begin = lambda connection: connection.execute("set threads = 2")
with run_rules(Path(), ["intermediate.int_roles__coded"], "2031-01-01T00:00:00Z", [titles], begin) as connection:
    assert connection.execute("select count(*) from intermediate.int_roles__coded").fetchone() == (%d,)
"""
NEAREST = """
import duckdb
duckdb.execute("set threads = 2")
duckdb.execute('''
    select titles.title, arg_max(labelled.title, jaro_winkler_similarity(titles.title, labelled.title))
    from (select lower(title_raw) as title from read_parquet('%s') limit %d) as titles
    cross join (select distinct lower(title_raw) as title from read_csv('%s')) as labelled
    group by titles.title
''').fetchall()
"""
TITLES_FLOOR = """
import duckdb
duckdb.execute("set threads = 2")
duckdb.execute("select count(distinct lower(trim(title_raw))) from read_parquet('%s')").fetchall()
"""


def main() -> None:
    if sys.argv[1:] == ["roles"]:
        _show(_titles_coded())
        return
    if sys.argv[1:2] == ["national"] and len(sys.argv) == 3:
        _show(_a_national_night(Path(sys.argv[2])))
        return
    if sys.argv[1:2] == ["site"] and len(sys.argv) == 3:
        _show(_a_site(Path(sys.argv[2])))
        return
    if sys.argv[1:] == ["returns"]:
        measured: dict[str, list[tuple[float, float]]] = _a_night_of_returns()
        _show(measured)
        return
    measured = {"first refresh": [], "nothing new": [], "check of one return": [], "floor": []}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            measured["first refresh"].append(_timed(REFRESH, "refresh", home=home))
            measured["nothing new"].append(_timed(REFRESH, "refresh", home=home))
            filled = Path(folder) / "derby.xlsx"
            filled.write_bytes(_a_return("Derby", date(2026, 3, 31)))
            measured["check of one return"].append(_timed(REFRESH, "check", str(filled), home=home, ends_with=(0, 1)))
            measured["floor"].append(_timed(FLOOR % BUNDLED_LANDING.as_posix(), home=home))
    _show(measured)


def _a_night_of_returns() -> dict[str, list[tuple[float, float]]]:
    """One first night on 8 returns of each council that exists, and the floor over the bundled files."""
    with tempfile.TemporaryDirectory() as folder:
        home, landing = Path(folder) / "home", Path(folder) / "home" / "landing" / "council_returns"
        landing.mkdir(parents=True)
        for day in RETURN_DAYS:
            for council in councils_on(day):
                made = landing / f"{council.organisation_code} {day.isoformat()}.xlsx"
                made.write_bytes(_a_return(council.organisation_name, day))
        return {
            f"a night of {len(list(landing.iterdir())):,} returns": [_timed(REFRESH, "refresh", home=home)],
            "floor": [_timed(FLOOR % BUNDLED_LANDING.as_posix(), home=home)],
        }


def _a_site(home: Path) -> dict[str, list[tuple[float, float]]]:
    """The site of the latest release, that of the same release with numbers for every council, and the floor."""
    release = (
        home / "releases" / json.loads((home / "releases" / "latest.json").read_text(encoding="utf-8"))["release_id"]
    )
    measured: dict[str, list[tuple[float, float]]] = {}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            for every_council in (False, True):
                copy = Path(folder) / ("every council" if every_council else "as it is")
                shutil.copytree(release, copy, ignore=shutil.ignore_patterns("site"))
                if every_council:
                    _give_numbers_to_every_council(copy / RELEASE_DATABASE)
                seconds = _timed(SITE, str(home), str(copy), home=home)
                pages = len(list((copy / "site").rglob("*.html")))
                measured.setdefault(f"a site of {pages} pages", []).append(seconds)
            measured.setdefault("floor", []).append(_timed(FLOOR % BUNDLED_LANDING.as_posix(), home=home))
    return measured


def _give_numbers_to_every_council(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(EVERY_COUNCIL)
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where schema_name = 'marts'"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
        for table, names in sorted(columns.items()):
            for code, name in (("organisation_code", "organisation_name"), ("geography_code", "geography_name")):
                if {code, name} <= names and table != "marts.dim_organisation":
                    connection.execute(
                        f"insert into {table} select found.* replace (new_code as {code}, new_name as {name}) "
                        f"from {table} as found inner join given on found.{code} = given.old_code"
                    )


def _a_national_night(inputs: Path) -> dict[str, list[tuple[float, float]]]:
    """One first night on national inputs, and plain DuckDB on the same files."""
    landing = (inputs / "landing").resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AHP_LANDING"] = str(landing)
        try:
            night = _timed(REFRESH, "refresh", home=Path(folder) / "home")
        finally:
            del os.environ["AHP_LANDING"]
        return {"a national night": [night], "floor": [_timed(NATIONAL_FLOOR % landing.as_posix(), home=Path(folder))]}


def _titles_coded() -> dict[str, list[tuple[float, float]]]:
    """The coding of many titles by the night's rules, the nearest labelled title of some, and reading them all once."""
    labelled = PROJECT_ROOT / "tests" / "fixtures" / "role_titles" / "tuning.csv"
    nearest = f"nearest labelled title of {COMPARED:,}"
    measured: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        titles = Path(folder) / "titles.parquet"
        _write_titles(labelled, titles)
        # dbt compiles the rules once for each version of the code, which is not to be measured.
        compiled_rules()
        for _ in range(RUNS):
            for name, code in (
                (f"{TITLES:,} titles coded", ROLES % (titles.as_posix(), TITLES)),
                (nearest, NEAREST % (titles.as_posix(), COMPARED, labelled.as_posix())),
                ("floor", TITLES_FLOOR % titles.as_posix()),
            ):
                measured.setdefault(name, []).append(_timed(code, home=Path(folder) / "home"))
    return measured


def _write_titles(labelled: Path, titles: Path) -> None:
    """Distinct titles: the labelled ones, each with names of places that are in no list."""
    with labelled.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    random = Random(1)
    places = ["".join(random.choices("aeioubcdfglmnrst", k=random.randint(4, 11))) for _ in range(5_000)]
    made: dict[tuple[str, str | None, str], None] = {}
    while len(made) < TITLES:
        row = random.choice(rows)
        title = row["title_raw"] + random.choice([" - ", " (", ", "]) + " ".join(random.choices(places, k=2))
        made[title, row["band_or_grade"] or None, row["employer_type"] or "unknown"] = None
    columns = zip(("title_raw", "band_or_grade", "employer_type"), zip(*made, strict=True), strict=True)
    pl.DataFrame({name: list(values) for name, values in columns}).write_parquet(titles)


def _a_return(council: str, day: date) -> bytes:
    """A return of 25 rows that is right as it stands. Filling the template itself would take twenty times as long."""
    random = Random(f"{council} {day}")
    workbook = openpyxl.Workbook(write_only=True)
    for part in return_layout().parts:
        sheet = workbook.create_sheet(part.part)
        sheet.append([column.heading for column in part.columns])
        for row in _rows_of(part, council, day, random):
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _rows_of(part: Part, council: str, day: date, random: Random) -> Iterator[list[object]]:
    answers = {"council": council, "as_at_date": day, "service_age_scope": "Adults", "principal_ot_in_post": "Yes"}
    if part.shape == "answers":
        for question in part.questions:
            states = question.states_group or question.states_learners
            listed = "None" if question.states_learners else "Listed in this return"
            yield [question.question, answers.get(question.field, listed if states else None), None]
    if part.part == "Workforce":
        for number in range(25):
            people = random.randint(1, 30)
            fte = round(people * random.uniform(0.6, 1), 2)
            texts = {
                "job_title": f"Post {number}",
                "return_group": offered("return_group")[number % 5],
                "headcount": people,
            }
            numbers = {"fte": fte, "fte_permanent": fte, "fte_temporary": 0, "fte_vacant": random.randint(0, 3)}
            yield [(texts | numbers).get(column.field) for column in part.columns]


def _show(measured: dict[str, list[tuple[float, float]]]) -> None:
    floor = statistics.median(seconds for seconds, _ in measured["floor"])
    table = Table("Command", "Seconds, median", "Seconds, least to most", "Times the floor", "Peak memory, MB")
    for name, runs in measured.items():
        seconds = [second for second, _ in runs]
        middle = statistics.median(seconds)
        table.add_row(
            name,
            f"{middle:.1f}",
            f"{min(seconds):.1f} to {max(seconds):.1f}",
            f"{middle / floor:.0f}",
            f"{max(memory for _, memory in runs):.0f}",
        )
    Console().print(table)


def _timed(code: str, *arguments: str, home: Path, ends_with: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """Wall seconds, and the most memory (MB) a process and its children held together. Stops when it fails."""
    environment = os.environ | {"AHP_HOME": str(home)}
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=said
        )
        watch = MemoryWatch(process.pid)
        while process.poll() is None:
            watch.look()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_BETWEEN_LOOKS)
        if process.returncode not in ends_with:
            said.seek(0)
            sys.exit(said.read().decode(errors="replace"))
    return time.monotonic() - started, watch.peak_mb


if __name__ == "__main__":
    main()
