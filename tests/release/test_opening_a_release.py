"""The examples of docs/opening-a-release.md run on a release as they stand, where Python can run them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from homes import Refreshed

PAGE = Path(__file__).parents[2] / "docs" / "opening-a-release.md"
LATEST = "var/releases/latest"
ABOUT_ALL_PROGRAMS = ("Which release, and for how long", "What of this was run")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", examples("python"), ids=lambda example: example.split()[1])
def test_an_example_in_python_runs(example: str, bundled: Refreshed, capsys: pytest.CaptureFixture[str]) -> None:
    assert LATEST in example
    defined: dict[str, Any] = {}
    exec(example.replace(LATEST, bundled.release_folder.as_posix()), defined)
    assert "Derby" in capsys.readouterr().out or len(defined["rows"]) > 10
    if "frame" in defined:
        assert (defined["frame"]["measure"] == "vacancy_rate").any()


def test_people_whom_nobody_counted_stay_unknown_in_the_example_with_pandas(
    bundled: Refreshed, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = [example for example in examples("python") if "import pandas" in example]
    defined: dict[str, Any] = {}
    exec(example.replace(LATEST, bundled.release_folder.as_posix()), defined)
    assert str(defined["workforce"]["headcount"].dtype) == "int64[pyarrow]"
    assert re.search(r"Derby +17", capsys.readouterr().out)


@pytest.mark.parametrize("example", examples("sql"), ids=["descriptions", "own data"])
def test_an_example_in_sql_runs(example: str, bundled: Refreshed, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("ons_code,people_waiting\nE06000015,400\n", encoding="utf-8")
    with duckdb.connect(bundled.release_folder / "ahp_workforce.duckdb", read_only=True) as connection:
        for statement in connection.extract_statements(example.replace("mine.csv", mine.as_posix())):
            assert connection.execute(statement).fetchall()


def sections_not_run(page: str) -> dict[str, bool]:
    """Every section on a program, and whether it says that this project has not run what it shows."""
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE))
    programs = [name for name in sections if name not in ABOUT_ALL_PROGRAMS]
    return {name: sections[name].strip().startswith("Not run by this project.") for name in programs}


def test_the_page_says_of_each_program_whether_its_examples_were_run() -> None:
    said = sections_not_run(PAGE.read_text(encoding="utf-8"))
    # Those run here, above, and the client by hand.
    run = {"DuckDB's command line", "Python", "Joining data of your own"}
    assert said == {name: name not in run for name in said}
    assert set(said) == run | {"R", "Excel", "Power BI", "DBeaver"}
    assert sections_not_run("## Stata\n\nuse ahp\n") == {"Stata": False}


def test_what_the_page_says_of_the_files_is_so(bundled: Refreshed) -> None:
    release = bundled.release_folder
    findings = (release / "csv" / "quality" / "findings.csv").read_bytes()
    assert not findings.startswith(b"\xef\xbb\xbf")
    assert "£" in findings.decode("utf-8")
    with duckdb.connect(release / "ahp_workforce.duckdb", read_only=True) as connection:
        ((tags,),) = connection.execute("select tags from duckdb_databases() where not internal").fetchall()
        assert tags["storage_version"] == "v1.0.0+"
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
