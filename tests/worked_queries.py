"""Writes the SQL and the answers into the page of worked queries: `uv run python tests/worked_queries.py HOME`.

HOME is a home refreshed on the bundled inputs. Queries on tables that stay empty there are answered on the invented
example instead, which has councils' own returns.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from dagster_project.home import Home
from dagster_project.query import latest_release, open_release
from dagster_project.rules import run_rules
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.store import now
from dagster_project.synth.inputs import write_inputs

FOLDER = Path(__file__).parents[1] / "docs" / "queries"
PAGE = FOLDER / "README.md"
BLOCK = re.compile(r"<!-- (\w+)\.sql on the (bundled|invented) inputs -->\n.*?<!-- end of the answer -->", re.DOTALL)

RETURN = "council_returns/Derby_2026-03-31.xlsx"
A_YEAR_EARLIER = {
    ("Cover", "B6"): datetime(2025, 3, 31),
    ("Workforce", "L7"): 36,
    ("Workforce", "M7"): 28.5,
    ("Workforce", "N7"): 26.64,
    ("Workforce", "R7"): 10,
}
CORRECTED = {("Workforce", "R7"): 6.5}


@dataclass(frozen=True)
class Answer:
    """What a query returned: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def cells(self) -> list[list[str]]:
        return [[shown(value) for value in row] for row in self.rows]


def sql_of(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    found = connection.execute(sql)
    return Answer(tuple(column[0] for column in found.description or ()), tuple(map(tuple, found.fetchall())))


def shown(value: Any) -> str:
    """As `ahp sql` shows it, but for what is not known: that is an empty cell."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value.normalize(), "f")
        case float():
            return f"{value:.10g}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def block(name: str, inputs: str, found: Answer) -> str:
    """The piece of the page that no hand writes: the SQL and what it answers."""
    columns = list(zip(*found.rows, strict=True))
    numbers = [all(isinstance(value, int | float | Decimal | None) for value in column) for column in columns]
    lines = [
        "| " + " | ".join(found.columns) + " |",
        "| " + " | ".join("---:" if number else "---" for number in numbers) + " |",
        *("| " + " | ".join(_cell(cell) for cell in cells) + " |" for cells in found.cells()),
    ]
    return "\n".join(
        [
            f"<!-- {name}.sql on the {inputs} inputs -->",
            "",
            f"[`{name}.sql`]({name}.sql)",
            "",
            "```sql",
            sql_of(name).rstrip(),
            "```",
            "",
            *lines,
            "",
            "<!-- end of the answer -->",
        ]
    )


def stale(page: str, asked: Mapping[str, duckdb.DuckDBPyConnection]) -> list[str]:
    """The queries whose SQL or answer on the page is no longer that of its file and of these inputs."""
    found = ((name, inputs) for name, inputs in BLOCK.findall(page) if inputs in asked)
    return [name for name, inputs in found if block(name, inputs, answer(asked[inputs], sql_of(name))) not in page]


def _cell(text: str) -> str:
    """Text in a Markdown table: no line break, and no sign that Markdown takes for its own."""
    return re.sub(r"([|*<>])", r"\\\1", " ".join(text.split()))


def renewed(page: str, asked: Mapping[str, duckdb.DuckDBPyConnection]) -> str:
    """The page with every SQL as its file has it and every answer as these inputs give it."""

    def anew(found: re.Match[str]) -> str:
        name, inputs = found.groups()
        return block(name, inputs, answer(asked[inputs], sql_of(name)))

    return BLOCK.sub(anew, page)


@contextmanager
def bundled_release(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The latest release, opened as `ahp sql` opens it: no other file can be read, and none written."""
    with open_release(latest_release(home)) as connection:
        yield connection


@contextmanager
def invented_example(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables after two nights on `ahp synth --scale example`.

    Derby's return comes for a year earlier too, and in the second night once more with one number corrected.
    """
    write_inputs("example", folder / "inputs")
    home = Home(folder / "home")
    shutil.copytree(folder / "inputs" / "landing", home.own_landing)
    sent = home.own_landing / RETURN
    _write(sent, sent.with_name("Derby_2025-03-31.xlsx"), A_YEAR_EARLIER)
    _night(home)
    _write(sent, sent, CORRECTED)
    _night(home)
    with run_rules(home.store, _tables_asked("invented"), now()) as connection:
        yield connection


def _write(workbook: Path, written: Path, cells: Mapping[tuple[str, str], Any]) -> None:
    opened = openpyxl.load_workbook(workbook)
    for (sheet, cell), value in cells.items():
        opened[sheet][cell] = value
    opened.save(written)


def _night(home: Home) -> None:
    landing = land(home, expectations=check_lightly)
    assert not landing.refused, landing.refused


def _tables_asked(inputs: str) -> Sequence[str]:
    asked = {name for name, of in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if of == inputs}
    tables = (re.findall(r"\b(?:marts|quality|reference)\.\w+", sql_of(name)) for name in asked)
    return sorted({table for found in tables for table in found})


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        asked = {
            "bundled": stack.enter_context(bundled_release(Home(Path(sys.argv[1])))),
            "invented": stack.enter_context(invented_example(folder)),
        }
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), asked), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
