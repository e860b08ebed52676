"""The command line as a person and a script meet it: what is printed, where, and the exit code."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return
from rich.console import Console
from toy_release import MADE_AT, RED_ESCAPE, RED_MARKUP, keep_for_good, make_release
from typer.testing import CliRunner, Result

from dagster_project import cli, present, query
from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.sources.store import Store

HEAVY_LIBRARIES = ("dagster", "dbt", "duckdb", "great_expectations", "pandas", "polars", "pyarrow")
ANSI = re.compile(r"\x1b\[")

Ahp = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, and the environment of a script: no terminal, no width, no colours asked for."""
    monkeypatch.setenv("AHP_HOME", str(tmp_path / "home"))
    for name in ("AHP_LANDING", "AHP_DEBUG", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Home(tmp_path / "home")


@pytest.fixture
def release(home: Home) -> Path:
    return make_release(home)


@pytest.fixture
def ahp(home: Home) -> Ahp:
    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(cli.app, list(arguments), **options)

    return run


def _program(*arguments: str, **environment: str) -> list[str]:
    return [sys.executable, "-c", "from dagster_project.cli import main; main()", *arguments]


def _on_a_terminal(renderable: Callable[[Console], Any], width: int, colourless: bool = False) -> str:
    page = io.StringIO()
    console = Console(file=page, width=width, force_terminal=True, color_system=None if colourless else "truecolor")
    console.print(renderable(console))
    return page.getvalue()


# Starting


def test_help_and_version_load_no_heavy_library() -> None:
    script = (
        "import sys\n"
        "from dagster_project.cli import app\n"
        "for arguments in (['--help'], ['sql', '--help'], ['--version']):\n"
        "    try:\n"
        "        app(arguments)\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0, end.code\n"
        f"print(sorted(set({HEAVY_LIBRARIES!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stderr.strip() == "[]"
    assert "refresh" in done.stdout


def test_every_verb_has_a_sentence_of_help(ahp: Ahp) -> None:
    shown = ahp("--help").stdout
    for verb in ("refresh", "status", "sql", "tables", "describe", "findings", "releases", "rollback", "serve", "test"):
        assert re.search(rf"{verb}\s+[A-Z]", shown), verb


def test_no_verb_shows_the_help_and_is_a_usage_error(ahp: Ahp) -> None:
    result = ahp()
    assert result.exit_code == 2
    assert "Usage: " in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["refrsh"], "No such command 'refrsh'. Did you mean 'refresh'? ./ahp --help shows what can be given."),
        (["sql", "--fromat", "csv"], "No such option: --fromat"),
        (["sql", "select 1", "--format", "xml"], "'xml' is not one of 'table', 'csv', 'json', 'parquet'."),
        (["findings", "--severity", "grave"], "'grave' is not one of 'error', 'warning', 'info'."),
        (["describe"], "Missing argument 'TABLE'."),
        (["--landing", "nowhere", "refresh"], "There is no landing folder nowhere. "),
        (["--home", __file__, "status"], "is a file, and the home is a folder."),
        (["serve", "--port", "0"], "--port"),
    ],
)
def test_a_usage_error_is_one_line_on_standard_error(ahp: Ahp, arguments: list[str], message: str) -> None:
    result = ahp(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_home_and_landing_go_to_the_environment_as_absolute_paths(
    ahp: Ahp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AHP_LANDING", "replaced by the option")
    (tmp_path / "drop").mkdir()
    ahp("--home", "elsewhere", "--landing", "drop", "tables")
    assert Home.from_environment() == Home(tmp_path / "elsewhere", tmp_path / "drop")


def test_an_unexpected_error_is_a_sentence_and_shows_its_traceback_only_on_request(
    ahp: Ahp, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom \x1b[31m")

    monkeypatch.setattr(query, "tables", fail)
    result = ahp("tables")
    assert result.exit_code == 1
    assert result.stderr == (
        "ahp met something it did not expect: RuntimeError: boom \\x1b[31m. AHP_DEBUG=1 shows where.\n"
    )
    monkeypatch.setenv("AHP_DEBUG", "1")
    assert "Traceback" in ahp("tables").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["tables"],
        ["describe", "x"],
        ["findings"],
        ["sql", "select 1"],
        ["sql", "select 1", "--as-at", "2024-03-31"],
        ["releases"],
    ],
    ids=" ".join,
)
def test_without_a_release_every_reading_verb_says_so(ahp: Ahp, arguments: list[str]) -> None:
    result = ahp(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "There is no release yet. Run ./ahp refresh first.\n"


# sql


@pytest.mark.usefixtures("release")
def test_a_table_shows_numbers_with_the_digits_they_need_and_nulls_apart_from_blanks(ahp: Ahp) -> None:
    shown = ahp("sql", "select * from fct_workforce order by organisation_name").stdout.splitlines()
    assert [line.split() for line in shown if line.strip() and "─" not in line] == [
        ["organisation_name", "as_at_date", "headcount", "fte", "fte_vacant", "note"],
        ["Derby", "City", "2024-09-30", "20", "17.5", "4", "=1+1"],
        ["Derbyshire", "2024-09-30", "12", "10.25", "null"],
        ["Nottingham", "2024-09-30", "1200", "1051.3", "0", "null"],
        ["3", "rows"],
    ]
    position = shown[0].index("headcount") + len("headcount")
    assert [line[:position].split()[-1] for line in shown[2:5]] == ["20", "12", "1200"]
    assert all(line[position - 1].isdigit() for line in shown[2:5])


@pytest.mark.usefixtures("release")
def test_output_to_a_pipe_has_no_colours_and_is_not_cut_to_80_columns(ahp: Ahp) -> None:
    long = "x" * 300
    for output_format in ("table", "csv", "json"):
        shown = ahp("sql", f"select '{long}' as a, 'y' as b", "--format", output_format).stdout
        assert long in shown
        assert not ANSI.search(shown)
    wide = ahp("sql", "select " + ", ".join(f"{number} as a_long_name_{number}" for number in range(100))).stdout
    assert "a_long_name_0" in wide.splitlines()[0]
    assert "a_long_name_99" in wide.splitlines()[0]


@pytest.mark.usefixtures("release")
def test_on_a_terminal_long_text_wraps_and_many_columns_stand_below_one_another(home: Home) -> None:
    long = query.run_sql(home, "select 1 as number, repeat('word ', 60) as words")
    shown = _on_a_terminal(lambda console: present.result_table(long, console), width=60, colourless=True)
    assert shown.count("word") == 60 + len(["words"])
    assert max(map(len, shown.splitlines())) <= 60

    many = query.run_sql(home, "select " + ", ".join(f"{number} as column_{number}" for number in range(30)))
    shown = _on_a_terminal(lambda console: present.result_table(many, console), width=60, colourless=True)
    assert "row 1" in shown
    assert re.search(r"column_29 +29", shown)


@pytest.mark.usefixtures("release")
def test_no_width_of_a_terminal_costs_a_digit_or_a_word(home: Home) -> None:
    values = {"a_rather_long_name": 123456789, "b": "several words", "another_long_name": 12345.75, "c": "2024-09-30"}
    result = query.run_sql(
        home, "select " + ", ".join(f"{value!r} as {name}" for name, value in values.items()) + " from range(3)"
    )
    for width in range(34, 100):
        shown = _on_a_terminal(lambda console: present.result_table(result, console), width, colourless=True)
        assert max(map(len, shown.splitlines())) <= width
        assert "…" not in shown
        for value in ("123456789", "several", "words", "12345.75", "2024-09-30"):
            assert shown.count(value) == 3, width


@pytest.mark.usefixtures("release")
def test_null_is_dim_on_a_terminal_and_no_color_takes_every_colour_away(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    nothing = query.run_sql(home, "select null as nothing, 'null' as word")
    monkeypatch.setenv("TERM", "xterm-256color")
    for no_color in (None, "1"):
        if no_color:
            monkeypatch.setenv("NO_COLOR", no_color)
        page = Terminal()
        console = present.console_for(page)
        console.print(present.result_table(nothing, console))
        assert bool(ANSI.search(page.getvalue())) is (no_color is None)


@pytest.mark.usefixtures("release")
def test_a_very_long_result_is_cut_short_in_a_table_only_and_says_so(ahp: Ahp) -> None:
    text = "select range as number from range(1001)"
    shown = ahp("sql", text).stdout
    assert "1,000 of 1,001 rows shown; --format csv -o FILE keeps them all" in shown
    assert re.search(r"^ *999 *$", shown, re.MULTILINE)
    assert ahp("sql", text, "--format", "csv").stdout.count("\n") == 1002


HOSTILE = ["[red]x[/red]", "\x1b[31m", "\x9b31m", "a\rb", "a\nb", "\u202eabc", ":smile:", "[/]", "\\"]


@pytest.mark.usefixtures("release")
def test_data_is_shown_and_never_interpreted(ahp: Ahp) -> None:
    chosen = ", ".join(
        " || ".join(f"chr({ord(character)})" for character in text) + f" as c{number}"
        for number, text in enumerate(HOSTILE)
    )
    shown = ahp("sql", f"select {chosen}").stdout
    for written in ("[red]x[/red]", r"\x1b[31m", r"\x9b31m", r"a\rb", r"a\nb", r"\u202eabc", ":smile:", "[/]", "\\"):
        assert written in shown
    as_json = ahp("sql", f"select {chosen}", "--format", "json").stdout
    assert list(json.loads(as_json)[0].values()) == HOSTILE
    for page in (shown, as_json):
        assert all(character.isprintable() or character == "\n" for character in page)
    as_csv = ahp("sql", f"select {chosen}", "--format", "csv").stdout_bytes.decode()
    assert list(csv.reader(io.StringIO(as_csv, newline="")))[1] == HOSTILE


def test_csv_on_a_terminal_writes_control_characters_out(home: Home, release: Path) -> None:
    result = query.run_sql(home, "select chr(27) || '[31m' as a, 'b' as b, 1 as c")
    assert present.csv_bytes(result, for_terminal=True) == b"a,b,c\n\\x1b[31m,b,1\n"
    assert present.csv_bytes(result) == b"a,b,c\n\x1b[31m,b,1\n"


@pytest.mark.usefixtures("release")
def test_a_hostile_column_name_or_message_is_written_out_too(ahp: Ahp) -> None:
    assert "[red]\\x1b" in ahp("sql", 'select 1 as "[red]\x1b"').stdout
    result = ahp("sql", 'select "[red]\x1b" from fct_workforce')
    assert "[red]\\x1b" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.usefixtures("release")
def test_csv_disarms_formulas_in_text_and_leaves_numbers_and_nulls_alone(ahp: Ahp) -> None:
    text = "select '=1+1' a, '+1' b, '-1' c, '@x' d, ' =1' e, 'a=1' f, -1 g, -1.50::decimal(4,2) h, null i, '' j"
    line = ahp("sql", text, "--format", "csv").stdout.splitlines()[1]
    assert line == "'=1+1,'+1,'-1,'@x,' =1,a=1,-1,-1.50,,\"\""


@pytest.mark.usefixtures("release")
def test_json_keeps_every_digit_as_a_number_and_dates_in_iso(ahp: Ahp) -> None:
    text = (
        "select 12345678901234567890123456.10::decimal(38,2) a, 9007199254740993 b, 1.5::double c, true d, null e,"
        " date '2024-09-30' f, timestamp '2024-09-30 01:02:03' g, 'nan'::double h, [1.50::decimal(4,2)] i"
    )
    shown = ahp("sql", text, "--format", "json").stdout
    (row,) = json.loads(shown, parse_float=Decimal)
    assert row["a"] == Decimal("12345678901234567890123456.10")
    assert (row["b"], row["c"], row["d"], row["e"]) == (9007199254740993, Decimal("1.5"), True, None)
    assert (row["f"], row["g"], row["h"]) == ("2024-09-30", "2024-09-30T01:02:03", None)
    assert '"i": [1.50]' in shown
    assert json.loads(ahp("sql", "select 1 as a where false", "--format", "json").stdout) == []


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("output_format", ["table", "csv", "json", "parquet"])
def test_every_type_and_doubled_names_can_be_written(ahp: Ahp, output_format: str, tmp_path: Path) -> None:
    text = (
        "select interval '1 month 2 days' a, [1, 2] a, {'x': 1} b, map {'k': 1} c, time '01:02:03' d, 'e'::enum('e') e,"
        " 'x'::blob f, sum(1) g, uuid() h, timestamptz '2024-06-01 01:02:03+00' i"
    )
    file = tmp_path / "result"
    result = ahp("sql", text, "--format", output_format, "-o", str(file))
    assert result.exit_code == 0, result.stderr
    if output_format == "parquet":
        assert pyarrow.parquet.read_table(file).column_names[:3] == ["a", "a_2", "b"]
    else:
        assert "1 month 2 days" in file.read_text(encoding="utf-8")
        assert "a_2" in file.read_text(encoding="utf-8")


@pytest.mark.usefixtures("release")
def test_parquet_goes_to_a_pipe_and_keeps_types(ahp: Ahp) -> None:
    written = ahp("sql", "select fte from fct_workforce", "--format", "parquet").stdout_bytes
    assert pyarrow.parquet.read_table(pyarrow.BufferReader(written)).schema.field("fte").type == pyarrow.decimal128(
        12, 2
    )


@pytest.mark.usefixtures("release")
def test_parquet_does_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(cli.CommandError, match="-o FILE"):
        cli.sql("select 1", cli.Format.parquet)


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("ending", "start"), [("csv", b"fte\n"), ("json", b"[\n"), ("parquet", b"PAR1"), ("txt", b" ")]
)
def test_the_ending_of_the_file_decides_the_format(ahp: Ahp, tmp_path: Path, ending: str, start: bytes) -> None:
    file = tmp_path / f"result.{ending}"
    result = ahp("sql", "select fte from fct_workforce", "-o", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Wrote 3 rows to {file}.\n"
    assert file.read_bytes().startswith(start)


@pytest.mark.usefixtures("release")
def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left_behind(ahp: Ahp, tmp_path: Path) -> None:
    result = ahp("sql", "select 1", "-o", str(tmp_path / "missing" / "result.csv"))
    assert result.exit_code == 2
    assert "result.csv could not be written: " in result.stderr
    assert not list(tmp_path.glob("**/*.part"))


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("argument", [[], ["-"]])
def test_sql_without_a_query_reads_standard_input(ahp: Ahp, argument: list[str]) -> None:
    result = ahp("sql", *argument, "--format", "csv", input="\ufeffselect 1 as a;\nselect 'é' as b\n")
    assert result.stdout == "b\né\n"


@pytest.mark.usefixtures("release")
def test_no_sql_and_sql_that_is_not_text_are_usage_errors(ahp: Ahp) -> None:
    assert "There is no SQL to run." in ahp("sql", "  ").stderr
    assert ahp("sql", input="").exit_code == 2
    result = ahp("sql", input=b"select '\xff'")
    assert (result.exit_code, result.stderr) == (2, "The SQL on standard input is not UTF-8 text. Save it as UTF-8.\n")


@pytest.mark.usefixtures("release")
def test_a_failed_query_ends_with_1_and_says_why(ahp: Ahp) -> None:
    result = ahp("sql", "copy fct_workforce to 'stolen.csv'")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "A query reads one release and nothing else" in result.stderr
    assert "DuckDB said: Permission Error" in result.stderr


@pytest.mark.usefixtures("release")
def test_statements_without_rows_say_so(ahp: Ahp) -> None:
    result = ahp("sql", "create temp table mine as select 1", "--format", "json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "The statements ran; none of them returns rows.\n"


@pytest.mark.usefixtures("release")
def test_a_plan_is_shown_as_the_engine_draws_it(ahp: Ahp) -> None:
    assert "───┐\n│" in ahp("sql", "explain select 1").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="head and its closed pipe are POSIX")
@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("output_format", ["table", "json"])
def test_a_reader_that_stops_early_is_no_error(output_format: str) -> None:
    command = _program("sql", "select range, repeat('x', 500) from range(2000)", "--format", output_format)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
@pytest.mark.usefixtures("release")
def test_control_c_ends_a_long_query_at_once() -> None:
    endless = "select count(*) from range(100000) a, range(1000000) b where a.range * b.range % 7 = 3"
    with subprocess.Popen(_program("sql", endless), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        time.sleep(2)
        running.send_signal(signal.SIGINT)
        try:
            assert running.wait(10) == 130
        finally:
            running.kill()
        assert running.communicate() == (b"", b"")


# Tables, findings, releases


@pytest.mark.usefixtures("release")
def test_tables_and_describe_show_rows_grain_caveats_and_columns(ahp: Ahp) -> None:
    assert re.search(r"marts\.fct_workforce +3 +One row per organisation and date\.", ahp("tables").stdout)
    shown = ahp("describe", "fct_workforce").stdout
    for words in ("As the councils returned it.", "Caveat: Comparing councils", "DECIMAL(12,2)", "What fte means."):
        assert words in shown
    result = ahp("describe", "fct_workfroce")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Nearest: marts.fct_workforce." in result.stderr


@pytest.mark.usefixtures("release")
def test_findings_show_what_where_and_what_to_do_safely(ahp: Ahp) -> None:
    shown = ahp("findings").stdout
    assert re.search(
        r"error +Derbyshire +returns.xlsx, sheet OTs, row 12 +Headcount is 7.5. +Send a whole number of people.", shown
    )
    assert re.search(r"warning +Derby City +returns.csv, cell F7 ", shown)
    assert RED_MARKUP in shown
    assert RED_ESCAPE not in shown
    assert r"\x1b[31mred" in shown
    assert "4 open findings: 2 errors, 1 warning, 1 info" in shown


@pytest.mark.usefixtures("release")
def test_findings_on_a_narrow_terminal_wrap_and_lose_nothing(home: Home) -> None:
    found = query.findings(home)
    shown = _on_a_terminal(lambda console: present.findings_table(found, console), width=80, colourless=True)
    assert max(map(len, shown.splitlines())) <= 80
    words = [word for message in found["suggestion"].to_pylist() for word in present.safe_text(message).split()]
    assert all(word in shown for word in words)


@pytest.mark.usefixtures("release")
def test_findings_can_be_narrowed_and_written_in_every_format(ahp: Ahp) -> None:
    arguments = ["findings", "--organisation", "DERBY", "--severity", "Warning"]
    (finding,) = json.loads(ahp(*arguments, "--format", "json").stdout)
    assert (finding["rule_id"], finding["source_cell"]) == ("text_in_number", "F7")
    assert ahp(*arguments, "--format", "csv").stdout.startswith("finding_id,rule_id,severity,")
    none = ahp("findings", "--organisation", "nottinghamshire", "--severity", "error")
    assert none.stdout == "There are no open error findings for an organisation called nottinghamshire.\n"
    assert json.loads(ahp("findings", "--organisation", "nottinghamshire", "--format", "json").stdout) == []
    assert "Nearest: Nottingham" in ahp("findings", "--organisation", "Notingham").stderr


@pytest.mark.usefixtures("release")
def test_releases_are_listed_and_rolled_back(ahp: Ahp, home: Home) -> None:
    newer = make_release(home, MADE_AT + timedelta(days=1))
    shown = ahp("releases").stdout
    assert shown.index(newer.name) < shown.index("2026-11-22T020000Z-ab12cd")
    assert re.search(rf"{newer.name} +23 November 2026, 02:00 GMT +in force", shown)
    result = ahp("rollback", "2026-11-22T020000Z-ab12cd")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2026-11-22T020000Z-ab12cd, made 22 November 2026, 02:00 GMT, is in force again." in result.stdout
    assert query.latest_release(home).release_id == "2026-11-22T020000Z-ab12cd"
    missing = ahp("rollback", "2026-01-01T000000Z-000000")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert f"Kept: {newer.name}, 2026-11-22T020000Z-ab12cd." in missing.stderr


# --as-at

LAST_YEAR = datetime(2024, 3, 30, 1, 0, 3, tzinfo=UTC)
SUM = "select sum(headcount) as headcount from fct_workforce"


@pytest.fixture
def past(home: Home) -> str:
    """Two nights of long ago: the folder of the first is gone, and its headcounts doubled in the second."""
    first = make_release(home, LAST_YEAR)
    second = make_release(
        home,
        LAST_YEAR + timedelta(days=2),
        change="update marts.fct_workforce set headcount = 2 * headcount; delete from quality.findings",
    )
    for folder in (first, second):
        keep_for_good(home, folder)
    shutil.rmtree(first)
    return first.name


def test_sql_as_at_a_past_night_says_which_release_answers_and_gives_what_it_held(ahp: Ahp, past: str) -> None:
    result = ahp("sql", "--as-at", "2024-03-31", SUM, "--format", "csv")
    assert (result.exit_code, result.stdout) == (0, "headcount\n1232\n")
    assert result.stderr == f"As at 31 March 2024: release {past}\n"
    assert ahp("sql", SUM, "--format", "csv").stdout == "headcount\n2464\n"
    result = ahp("sql", "--as-at", "2024-04-01T02:00:02", SUM, "--format", "csv")
    assert (result.stdout, result.stderr) == (
        "headcount\n1232\n",
        f"As at 1 April 2024, 02:00 BST: release {past}\n",
    )
    assert ahp("sql", "--as-at", "1 April 2024", SUM, "--format", "csv").stdout == "headcount\n2464\n"


def test_tables_describe_and_findings_can_be_read_as_at_a_past_night(ahp: Ahp, past: str) -> None:
    for arguments, words in (
        (["tables"], r"marts\.fct_workforce +3 +One row per organisation and date\."),
        (["describe", "fct_workforce"], r"Caveat: Comparing councils"),
        (["findings"], r"4 open findings: 2 errors, 1 warning, 1 info"),
    ):
        result = ahp(*arguments, "--as-at", "31/03/2024")
        assert (result.exit_code, result.stderr) == (0, f"As at 31 March 2024: release {past}\n")
        assert re.search(words, result.stdout)
    assert ahp("findings").stdout == "There are no open findings.\n"
    assert ahp("findings", "--as-at", "2024-04-01").stdout == "There were no open findings.\n"
    assert "Nearest: marts.fct_workforce." in ahp("describe", "fct_workfroce", "--as-at", "2024-03-31").stderr


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("day", "exit_code", "message"),
    [
        ("2024-03-29", 1, "Nothing had been released by then. The first night on record is 30 March 2024."),
        ("2999-01-01", 2, "2999-01-01 has not come yet. Today is "),
        ("yesterday", 2, "'yesterday' is not understood. Write a day like 2026-03-31 or 31/03/2026"),
    ],
)
@pytest.mark.parametrize("verb", [["sql", "select 1"], ["tables"], ["describe", "fct_workforce"], ["findings"]])
def test_a_night_that_cannot_be_read_is_a_sentence(
    ahp: Ahp, verb: list[str], day: str, exit_code: int, message: str
) -> None:
    result = ahp(*verb, "--as-at", day)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("past")
def test_nothing_can_be_changed_by_way_of_a_past_night(ahp: Ahp, home: Home, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    for text, reason in (
        ("delete from fct_workforce", "A release is never changed"),
        (
            f"copy fct_workforce to '{(tmp_path / 'stolen.csv').as_posix()}'",
            "A query reads one release and nothing else",
        ),
        ("set lock_configuration = false", "The settings of this connection are fixed"),
    ):
        result = ahp("sql", "--as-at", "2024-03-31", text)
        assert (result.exit_code, result.stdout) == (1, "")
        assert reason in result.stderr
    assert {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()} == before
    assert not (tmp_path / "stolen.csv").exists()


# Council returns


ODD = {**OCCUPATIONAL_THERAPISTS, "fte": "20"}


def test_the_template_of_a_council_is_written_and_begins_with_what_it_sent_last(
    ahp: Ahp, home: Home, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    done = ahp("template", "--council", "Derby", "--as-at", "31/03/2026", "-o", str(first))
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"Wrote the return of Derby to {first}.\n"
    nights = Nights.begin(home.root)
    nights.put("derby.xlsx", a_return())
    nights.night()
    for blank, said, titles in (
        ((), ", begun with the return as at 31 March 2026.", {"Occupational Therapist", "Community Assessor"}),
        (("--blank", "--force"), ".", set()),
    ):
        done = ahp("template", "--council", "derby city", "--as-at", "2026-09-30", "-o", str(second), *blank)
        assert done.exit_code == 0
        assert done.stderr == f"Wrote the return of Derby to {second}{said}\n"
        sheet = openpyxl.load_workbook(second, read_only=True)["Workforce"]
        cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
        assert cells & {"Occupational Therapist", "Community Assessor"} == titles


@pytest.mark.parametrize(
    ("council", "day", "file", "message"),
    [
        ("Atlantis", "2026-03-31", "new.xlsx", "Atlantis"),
        ("Derby", "the last day of March", "new.xlsx", "The day 'the last day of March' cannot be read."),
        ("Derby", "2026-03-31", "new.ods", "give new.ods that ending"),
        ("Derby", "2026-03-31", "filled in.xlsx", "is there already and may be filled in"),
        ("Derby", "2026-03-31", "no folder/new.xlsx", "could not be written"),
    ],
)
def test_a_template_that_cannot_be_written_is_a_usage_error(
    ahp: Ahp, tmp_path: Path, council: str, day: str, file: str, message: str
) -> None:
    (tmp_path / "filled in.xlsx").write_bytes(b"weeks of work")
    before = sorted(tmp_path.rglob("*"))
    done = ahp("template", "--council", council, "--as-at", day, "-o", str(tmp_path / file))
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "filled in.xlsx").read_bytes() == b"weeks of work"


def test_a_check_ends_with_what_is_to_do(ahp: Ahp, home: Home, tmp_path: Path) -> None:
    right, odd, broken = tmp_path / "right.xlsx", tmp_path / "odd.xlsx", tmp_path / "broken.xlsx"
    right.write_bytes(a_return())
    odd.write_bytes(a_return("Leicester", workforce=[ODD, ASSESSORS]))
    broken.write_bytes(b"")
    for files, exit_code in (((right,), 0), ((right, odd), 1), ((right, odd, broken), 2)):
        done = ahp("check", *map(str, files))
        assert done.exit_code == exit_code
        assert done.stderr == ""
        assert all(file.name in done.stdout for file in files)
    # A check leaves nothing behind but the rules of this code.
    assert not home.store.exists()
    assert not home.reports.exists()


def test_a_check_is_written_as_json_and_as_a_page(ahp: Ahp, tmp_path: Path) -> None:
    odd, page = tmp_path / "odd.xlsx", tmp_path / "report.html"
    odd.write_bytes(a_return(workforce=[ODD, ASSESSORS]))
    done = ahp("check", str(odd), "--json", "--html", str(page))
    assert done.exit_code == 1
    (file,) = json.loads(done.stdout)["files"]
    assert (file["file_name"], file["organisation_name"], file["status"]) == ("odd.xlsx", "Derby", "to_mend")
    assert "fte_exceeds_headcount" in {finding["rule_id"] for finding in file["findings"]}
    assert "odd.xlsx" in page.read_text(encoding="utf-8")


def test_a_check_of_a_file_that_is_not_there_is_a_usage_error(ahp: Ahp, tmp_path: Path) -> None:
    done = ahp("check", str(tmp_path / "missing.xlsx"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"There is no file {tmp_path / 'missing.xlsx'}.\n"


def test_a_submission_is_withdrawn_and_reinstated(ahp: Ahp, home: Home) -> None:
    nights = Nights.begin(home.root)
    nights.put("derby.xlsx", a_return())
    (event,) = nights.night().accepted
    why = ("--reason", "sent too early", "--by", "return officer")
    done = ahp("withdraw", event.submission_id[:8], *why)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "derby.xlsx is withdrawn." in done.stdout
    done = ahp("withdraw", event.submission_id, *why)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "derby.xlsx has been withdrawn already: sent too early.\n"
    done = ahp("reinstate", event.submission_id, *why)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "derby.xlsx is reinstated." in done.stdout
    done = ahp("reinstate", event.submission_id, *why)
    assert (done.exit_code, done.stderr) == (1, "derby.xlsx has not been withdrawn.\n")
    events = Store(home).events()
    assert [event.outcome for event in events] == ["accepted", "withdrawn", "accepted"]
    assert [(event.reason, event.decided_by) for event in events[1:]] == [("sent too early", "return officer")] * 2


@pytest.mark.parametrize("verb", ["withdraw", "reinstate"])
@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (("ffffffff", "--reason", "a", "--by", "b"), 1, "No submission's id starts with 'ffffffff'."),
        (("abc", "--reason", "a", "--by", "b"), 1, "'abc' is too short."),
        (("ffffffff", "--by", "b"), 2, "--reason"),
        (("ffffffff", "--reason", "a"), 2, "--by"),
        (("--reason", "a", "--by", "b"), 2, "SUBMISSION_ID"),
    ],
)
def test_what_cannot_be_withdrawn_or_reinstated_is_said(
    ahp: Ahp, home: Home, verb: str, arguments: tuple[str, ...], exit_code: int, message: str
) -> None:
    done = ahp(verb, *arguments)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert message in done.stderr
    assert Store(home).events() == []


# status


def test_status_ends_with_1_without_a_release_or_with_a_stale_one(ahp: Ahp, home: Home) -> None:
    result = ahp("status")
    assert result.exit_code == 1
    assert "none. Run ./ahp refresh to make one." in result.stdout
    made_at = datetime.now(UTC).replace(microsecond=0)
    make_release(home, made_at - timedelta(hours=31))
    result = ahp("status")
    assert result.exit_code == 1
    assert re.search(r"Latest release +.*, made 31 hours ago, older than the limit of 30 hours", result.stdout)
    make_release(home, made_at - timedelta(hours=2, minutes=5))
    result = ahp("status")
    assert result.exit_code == 0
    assert re.search(r"made 2 hours 5 minutes ago, within the limit of 30 hours", result.stdout)
    assert re.search(r"Open findings +2 errors, 1 warning, 1 info", result.stdout)
    assert re.search(r"Next run +\d+ \w+ \d{4}, 02:00 (GMT|BST), in ", result.stdout)
    assert re.search(r"Kept releases +2", result.stdout)


def test_status_says_why_the_last_refresh_did_not_release(ahp: Ahp, home: Home, release: Path) -> None:
    outcome = {"finished_at": "2026-11-22T02:00:08Z", "released": False, "reason": "Derby City [red]fell\x1b."}
    home.last_refresh.write_text(json.dumps(outcome), encoding="utf-8")
    shown = ahp("status").stdout
    assert re.search(r"Last refresh +not released, 22 November 2026, 02:00 GMT, .* ago: Derby City \[red\]fell", shown)


def test_status_names_the_refused_files_that_still_lie_there_and_what_counts_in_their_place(
    ahp: Ahp, home: Home
) -> None:
    assert re.search(r"Refused files +none", ahp("status").stdout)
    unplaced = {**OCCUPATIONAL_THERAPISTS, "return_group": "Cleaners"}
    nights = Nights.begin(home.root)
    nights.put("derby.xlsx", a_return())
    nights.put("rutland.xlsx", a_return("Rutland", workforce=[unplaced]))
    nights.put("notes.csv", b"")
    nights.night()
    nights.put("derby again.xlsx", a_return(workforce=[unplaced]))
    nights.put("taken away.csv", b"\0").rename(home.root / "taken away.csv")
    nights.night()
    shown = ahp("status").stdout
    assert re.search(r"Refused files +3 *\n", shown)
    assert re.search(
        rf"refused {FOLDER}/derby again.xlsx: .*Cleaners.*the return of Derby as at 31 March 2026\.", shown
    )
    assert "Nothing of it counts. derby.xlsx stays in force." in shown
    assert re.search(rf"refused {FOLDER}/notes.csv: The file is empty", shown)
    assert re.search(rf"refused {FOLDER}/rutland.xlsx: .*the return of Rutland as at 31 March 2026\.", shown)
    assert shown.count("Nothing of it counts. What counted before, if anything, stays in force.") == 2
    assert shown.count("report: quarantine/") == 3
    (nights.home.own_landing / FOLDER / "notes.csv").unlink()
    nights.put("derby again.xlsx", a_return(workforce=[OCCUPATIONAL_THERAPISTS, {**ASSESSORS, "headcount": "9"}]))
    nights.night()
    shown = ahp("status").stdout
    assert re.search(r"Refused files +1 *\n", shown)
    assert "derby" not in shown


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=-5), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=25, minutes=1), "25 hours 1 minute"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hours"),
    ],
)
def test_lengths_of_time_are_in_words(length: timedelta, words: str) -> None:
    assert present.duration(length) == words


def test_moments_are_in_the_time_of_london() -> None:
    assert present.moment(datetime(2026, 7, 1, 1, 0, tzinfo=UTC)) == "1 July 2026, 02:00 BST"


# refresh


@dataclass
class Highlight:
    geography_name: str
    headcount: int | None
    fte: float | None
    fte_vacant: float | None
    vacancy_rate_percent: float | None
    councils_returned: int
    councils_expected: int
    as_at_date: str


@dataclass
class Outcome:
    """What run_refresh gives, as far as the command line uses it."""

    started_at: str = "2026-11-22T02:00:00Z"
    finished_at: str = "2026-11-22T02:00:08Z"
    released: bool = True
    release_id: str | None = "2026-11-22T020000Z-ab12cd"
    reason: str | None = None
    files: dict[str, int] = field(default_factory=lambda: {"accepted": 8, "refused": 1, "unchanged": 3})
    findings: dict[str, int] = field(default_factory=lambda: {"error": 2, "warning": 41, "info": 1})
    bundled_inputs: bool = True
    refused: list[dict[str, str]] = field(
        default_factory=lambda: [
            {"file": "odd[red].csv", "reason": 'The heading "Foo" is not known.', "report": "quarantine/odd/report.txt"}
        ]
    )
    seconds: float = 8.42
    peak_memory_mb: float = 412.3
    highlights: list[Highlight] = field(
        default_factory=lambda: [
            Highlight("East Midlands", 323, 263.05, 43.12, 14.08, 9, 9, "2024-06-30"),
            Highlight("West Midlands", 1271, 250.33, 33.1, None, 13, 14, "2024-06-30"),
        ]
    )
    invented_sources: list[str] = field(default_factory=lambda: ["esr"])


class AnotherRefreshIsRunning(Exception):
    pass


class SetUpProblem(Exception):
    pass


Run = Callable[[Home, bool], Outcome]


@pytest.fixture
def refresh_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Puts a function in the place of the nightly job."""

    def replace(run: Run) -> None:
        job = ModuleType("dagster_project.refresh")
        contents = {
            "run_refresh": run,
            "AnotherRefreshIsRunning": AnotherRefreshIsRunning,
            "SetUpProblem": SetUpProblem,
        }
        for name, value in contents.items():
            setattr(job, name, value)
        monkeypatch.setitem(sys.modules, "dagster_project.refresh", job)

    return replace


def _noisy_night(home: Home, full: bool) -> Outcome:
    logging.getLogger("ahp.progress").info("Read %s: %d cells", "odd\x1b.csv", 130)
    print("noise of a library")
    return Outcome()


@pytest.mark.usefixtures("release")
def test_the_summary_of_a_refresh_tells_everything_a_person_needs(
    ahp: Ahp, home: Home, refresh_by: Callable[[Run], None]
) -> None:
    refresh_by(_noisy_night)
    result = ahp("refresh")
    assert result.exit_code == 0
    shown = result.stdout
    assert shown.startswith("Released 2026-11-22T020000Z-ab12cd\nin ")
    for words in (
        "No landing folder yet, so the bundled examples were used, among them the Midlands returns; drop files in ",
        "Invented numbers, of nobody real: Electronic Staff Record (NHS). ",
        str(home.root / "landing" / "council_returns"),
        "8 accepted, 1 refused, 3 unchanged",
        'refused odd[red].csv: The heading "Foo" is not known.',
        f"report: {Path('quarantine/odd/report.txt')}",
        "2 errors, 41 warnings, 1 info",
        "8.4 seconds, 412 MB of memory at most",
        './ahp sql "select geography_name, return_group, fte from regional_workforce where ',
        "./ahp findings",
    ):
        assert words in shown
    assert re.search(r"East Midlands +323 +263\.05 +43\.12 +14\.08% +9 of 9", shown)
    assert re.search(r"West Midlands +1,271 +250\.33 +33\.10 +null +13 of 14", shown)
    assert not ANSI.search(result.output)


def test_progress_and_noise_go_to_standard_error_line_by_line(ahp: Ahp, refresh_by: Callable[[Run], None]) -> None:
    refresh_by(_noisy_night)
    result = ahp("refresh", "--json")
    assert result.stderr == "Read odd\\x1b.csv: 130 cells\nnoise of a library\n"
    assert json.loads(result.stdout) == json.loads(json.dumps(Outcome(), default=vars))


def test_what_child_processes_print_stays_off_standard_output(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "from dagster_project.verbs import library_output_on_standard_error\n"
        "with library_output_on_standard_error():\n"
        "    subprocess.run([sys.executable, '-c', 'print(\"noise\")'], check=True)\n"
        "print('answer')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("answer\n", "noise\n")


def test_the_flags_and_the_home_reach_the_job(ahp: Ahp, home: Home, refresh_by: Callable[[Run], None]) -> None:
    seen: list[tuple[Home, bool]] = []

    def remember(given: Home, full: bool) -> Outcome:
        seen.append((given, full))
        return Outcome()

    refresh_by(remember)
    ahp("refresh")
    ahp("refresh", "--full")
    assert seen == [(home, False), (home, True)]


def test_a_summary_repeats_the_home_that_was_asked_for(
    ahp: Ahp, tmp_path: Path, refresh_by: Callable[[Run], None]
) -> None:
    refresh_by(lambda home, full: Outcome())
    elsewhere = tmp_path / "else where"
    make_release(Home(elsewhere))
    assert f"./ahp --home '{elsewhere}' findings" in ahp("--home", str(elsewhere), "refresh").stdout


def test_a_night_without_a_release_says_why_and_what_stands(
    ahp: Ahp, home: Home, refresh_by: Callable[[Run], None]
) -> None:
    reason = "nothing is lost: Derby City [red]went missing\x1b."
    refresh_by(lambda home, full: Outcome(released=False, release_id=None, reason=reason, findings={}, highlights=[]))
    result = ahp("refresh")
    assert result.exit_code == 1
    assert "Not released: nothing is lost: Derby City [red]went missing\\x1b." in result.stdout
    assert "There is no earlier release." in result.stdout
    assert "Findings" not in result.stdout
    release = make_release(home)
    result = ahp("refresh")
    assert result.exit_code == 1
    assert f"The last release stands: {release.name}, made 22 November 2026, 02:00 GMT." in result.stdout


@pytest.mark.parametrize(
    ("error", "exit_code", "message"),
    [
        (AnotherRefreshIsRunning("Another refresh is running."), 3, "Another refresh is running.\n"),
        (AnotherRefreshIsRunning(), 3, "Another refresh is running. Try again when it has ended.\n"),
        (SetUpProblem("The home cannot be written to."), 2, "The home cannot be written to.\n"),
        (KeyboardInterrupt(), 130, "Stopped before the end. Nothing new was released.\n"),
        (
            ValueError("two\nlines"),
            1,
            "The refresh stopped: ValueError: two lines. Nothing new was released. AHP_DEBUG=1 shows where.\n",
        ),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_refresh_that_cannot_end_has_its_own_exit_code(
    ahp: Ahp,
    refresh_by: Callable[[Run], None],
    error: BaseException,
    exit_code: int,
    message: str,
    flags: list[str],
) -> None:
    def fail(home: Home, full: bool) -> Outcome:
        raise error

    refresh_by(fail)
    result = ahp("refresh", *flags)
    assert (result.exit_code, result.stdout, result.stderr) == (exit_code, "", message)


def test_the_job_gives_what_the_command_line_uses() -> None:
    from dagster_project import refresh

    for mine, real in ((Outcome, refresh.RefreshOutcome), (Highlight, refresh.Highlight)):
        assert list(mine.__dataclass_fields__) == list(real.__dataclass_fields__)
    assert issubclass(refresh.AnotherRefreshIsRunning, Exception)
    assert issubclass(refresh.SetUpProblem, Exception)


# serve and test


def test_serve_hands_over_the_home_and_the_address(ahp: Ahp, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[object, ...]] = []
    servers = ModuleType("dagster_project.serve")
    servers.serve = lambda *arguments: seen.append(arguments)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dagster_project.serve", servers)
    ahp("serve")
    ahp("serve", "--host", "0.0.0.0", "--port", "80", "--site-port", "81")
    assert seen == [(home, "127.0.0.1", 3000, 3001), (home, "0.0.0.0", 80, 81)]


def test_test_passes_arguments_on_to_pytest_and_its_exit_code_back(ahp: Ahp, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        seen.update(command=command, **options)
        return subprocess.CompletedProcess(command, 5)

    monkeypatch.setattr(subprocess, "run", run)
    result = ahp("test", "-k", "no_such_test", "--quiet", "tests/unit")
    assert result.exit_code == 5
    assert seen["command"][:3] == [sys.executable, "-m", "pytest"]
    assert seen["command"][-4:] == ["-k", "no_such_test", "--quiet", "tests/unit"]
    assert seen["cwd"] == PROJECT_ROOT


def test_test_without_pytest_says_how_to_install_it(ahp: Ahp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    result = ahp("test")
    assert (result.exit_code, result.stderr) == (2, "pytest is not installed. Install it with: uv sync --group dev\n")


def test_the_installed_program_runs(home: Home) -> None:
    done = subprocess.run(
        _program("status"), capture_output=True, text=True, encoding="utf-8", env=os.environ.copy(), check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "Latest release" in done.stdout
