"""The command line `ahp`: what each verb is called, what it takes, and how it ends.

Belongs here: arguments, exit codes, and which stream a sentence goes to. Does not: the work, which the verbs call, nor
the layout of what they print (present). Heavy libraries are imported by the verb that needs them, so that
`ahp --help` starts at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import io
import json
import logging
import os
import shlex
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.roles.commands import roles
from dagster_project.verbs import (
    ANOTHER_REFRESH,
    FAILED,
    STOPPED,
    USAGE_OR_SET_UP,
    CommandError,
    library_output_on_standard_error,
    replace_file,
)

if TYPE_CHECKING:
    import pyarrow
    from rich.console import Console, RenderableType

    from dagster_project.release.archive import ArchivedRelease
    from dagster_project.sources.store import Event

NIGHT = "Every night"
RETURNS = "Council returns"
READ = "Read the latest release"
LOOK_AFTER = "Look after it"


class PlainErrors(TyperGroup):
    """Whatever goes wrong is said in plain sentences, never as a traceback; AHP_DEBUG=1 shows that too."""

    def main(self, *args: Any, **extra: Any) -> Any:
        extra["standalone_mode"] = False
        try:
            exit_code = super().main(*args, **extra)
            sys.stdout.flush()
        except Exception as error:
            exit_code = _exit_code_after_saying(error)
        sys.exit(exit_code)


class Format(StrEnum):
    """What a result is written as."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class InventedScale(StrEnum):
    """How much is invented: the source of the bundled example, one integrated care system, a region, or the country."""

    example = "example"
    small = "small"
    region = "region"
    national = "national"


class Severity(StrEnum):
    """How grave a finding is."""

    error = "error"
    warning = "warning"
    info = "info"


app = typer.Typer(
    name="ahp",
    cls=PlainErrors,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.add_typer(roles, name="roles", rich_help_panel=RETURNS)

FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        case_sensitive=False,
        help="How to write the result. Left out, the ending of the -o file decides, or else it is a table. In csv, "
        "text that a spreadsheet would run as a formula (starting with = + - or @) gets an apostrophe in front.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", dir_okay=False, help="Write to this file, replacing it."),
]


AsAtOption = Annotated[
    str | None,
    typer.Option(
        "--as-at",
        metavar="DAY",
        help="Read what the release held that was in force at the end of this day, such as 2026-03-31, or at this "
        "moment in London, such as 2026-03-31T14:00.",
    ),
]


def main() -> None:
    """Run the command line with the arguments of this process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A pipe on Windows would otherwise have an encoding that lacks half the characters of a table.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    app(prog_name="ahp")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ahp {metadata.version('ahp-workforce-warehouse')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where everything is kept. Left out: AHP_HOME, or else var in the clone."),
    ] = None,
    landing: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where files are dropped; it is only read. Left out: AHP_LANDING, or else landing in the home.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """A nightly warehouse of allied health professional workforce numbers.

    Begin with [bold]ahp refresh[/bold], then ask the release anything with [bold]ahp sql[/bold].
    """
    context.obj = "./ahp"
    if home:
        if home.exists() and not home.is_dir():
            raise CommandError(
                f"{home} is a file, and the home is a folder. Name a folder, new or not.", USAGE_OR_SET_UP
            )
        os.environ["AHP_HOME"] = str(home.expanduser().resolve())
        context.obj += f" --home {shlex.quote(str(home))}"
    if landing:
        if not landing.is_dir():
            raise CommandError(f"There is no landing folder {landing}. Make it, or name another.", USAGE_OR_SET_UP)
        os.environ["AHP_LANDING"] = str(landing.expanduser().resolve())
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE_OR_SET_UP)


@app.command(rich_help_panel=NIGHT)
def refresh(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Read every stored file again, not only the new ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as one JSON object.")] = False,
) -> None:
    """Run the nightly job now: land, build, check, release.

    Exit code 0: released. 1: not released, and the last release stands. 2: usage or set-up. 3: another refresh is
    running.
    """
    from dagster_project import present, query

    with library_output_on_standard_error():
        from dagster_project.refresh import AnotherRefreshIsRunning, SetUpProblem, run_refresh

        home = Home.from_environment()
        try:
            with _progress():
                outcome = dataclasses.asdict(run_refresh(home, full))
        except AnotherRefreshIsRunning as error:
            raise CommandError(
                str(error) or "Another refresh is running. Try again when it has ended.", ANOTHER_REFRESH
            ) from error
        except SetUpProblem as error:
            raise CommandError(str(error), USAGE_OR_SET_UP) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped before the end. Nothing new was released.", STOPPED) from error
        except Exception as error:
            raise CommandError(
                f"The refresh stopped: {_in_words(error)} Nothing new was released. AHP_DEBUG=1 shows where.",
                FAILED,
            ) from error
    if as_json:
        typer.echo(json.dumps(outcome, default=_for_json))
    else:
        _show(present.refresh_summary(outcome, home, query.latest_if_any(home), context.obj))
    if not outcome["released"]:
        raise typer.Exit(FAILED)


@app.command(rich_help_panel=NIGHT)
def status() -> None:
    """How things stand: last refresh, latest release and its age, open findings, refused files, next run.

    Exit code 1 when there is no release, or when it is older than the freshness limit.
    """
    from dagster_project import present, query

    standing = query.status(Home.from_environment(), datetime.now(UTC))
    _show(present.status_report(standing))
    if not standing.is_fresh:
        raise typer.Exit(FAILED)


@app.command(rich_help_panel=RETURNS)
def template(
    council: Annotated[str, typer.Option(metavar="NAME", help="The council, as in the official list of councils.")],
    as_at: Annotated[str, typer.Option("--as-at", metavar="DATE", help="The day of the count, such as 2026-03-31.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.xlsx", dir_okay=False, help="Where to write the workbook.")
    ],
    blank: Annotated[bool, typer.Option("--blank", help="Do not begin with what the council sent last.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
) -> None:
    """Write the return workbook for one council and one day, begun with what the council sent last."""
    from dagster_project.returns.earlier import last_return
    from dagster_project.returns.template import CouncilNotKnown, write_template
    from dagster_project.sources.councils import council_called
    from dagster_project.sources.dates import in_words, read_date

    day = read_date(as_at)
    if day is None:
        raise CommandError(
            f"The day '{as_at}' cannot be read. Write it like 2026-03-31 or 31/03/2026.", USAGE_OR_SET_UP
        )
    if output.suffix.lower() != ".xlsx":
        raise CommandError(f"The workbook is written as .xlsx; give {output.name} that ending.", USAGE_OR_SET_UP)
    if output.exists() and not force:
        raise CommandError(
            f"{output} is there already and may be filled in. Name another file, or add --force to replace it.",
            USAGE_OR_SET_UP,
        )
    found = council_called(council, day)
    earlier = last_return(Home.from_environment(), found.organisation_code) if found and not blank else None
    try:
        workbook = write_template(
            council, day, earlier.rows if earlier else None, earlier.as_at_date if earlier else None
        )
    except CouncilNotKnown as problem:
        raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
    replace_file(output, workbook)
    begun = f", begun with the return as at {in_words(earlier.as_at_date)}" if earlier else ""
    typer.echo(f"Wrote the return of {found.organisation_name if found else council} to {output}{begun}.", err=True)


@app.command(rich_help_panel=RETURNS)
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Returns or collations not yet sent.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="OUT", dir_okay=False, help="Also write the report as one page for a browser."),
    ] = None,
) -> None:
    """Look at files before they are sent: the night's own rules, the same findings, the same words.

    Exit code 0: nothing to mend. 1: something is. 2: a file cannot be read.
    """
    from dagster_project import present
    from dagster_project.dbt_project import DbtProblem
    from dagster_project.returns import report
    from dagster_project.returns.checking import check_files

    with library_output_on_standard_error():
        try:
            checked = check_files(files, Home.from_environment())
        except FileNotFoundError as problem:
            raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
        except DbtProblem as problem:
            raise CommandError(f"The warehouse's own rules could not be read. {problem}", USAGE_OR_SET_UP) from problem
    if html:
        replace_file(html, report.as_html(checked))
    if as_json:
        sys.stdout.buffer.write(report.as_json(checked))
    else:
        console = present.console_for(sys.stdout)
        console.print(report.terminal(checked, console.width))
        if html:
            typer.echo(f"The page is {html}.", err=True)
    raise typer.Exit(checked.exit_code)


ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept and shown.")]
RoleOption = Annotated[
    str, typer.Option("--by", metavar="ROLE", help="The role of whoever decides, never a name; it is kept and shown.")
]
SubmissionArgument = Annotated[
    str, typer.Argument(metavar="SUBMISSION_ID", help="As in the table submissions; its first characters will do.")
]


@app.command(rich_help_panel=RETURNS)
def withdraw(submission_id: SubmissionArgument, reason: ReasonOption, by: RoleOption) -> None:
    """Take a submission back: from the next refresh it counts no more, and what was in force before does again."""
    from dagster_project.sources.withdrawing import withdraw as take_back

    event = _decided(lambda: take_back(Home.from_environment(), submission_id, reason, by))
    typer.echo(
        f"{event.file_name} is withdrawn. From the next refresh it counts no more, and what was in force before it "
        "counts again. Its content stays in the store."
    )


@app.command(rich_help_panel=RETURNS)
def reinstate(submission_id: SubmissionArgument, reason: ReasonOption, by: RoleOption) -> None:
    """Put a withdrawn submission in force again, as the newest of its council and day."""
    from dagster_project.sources.withdrawing import reinstate as put_back

    event = _decided(lambda: put_back(Home.from_environment(), submission_id, reason, by))
    typer.echo(f"{event.file_name} is reinstated. From the next refresh it counts again.")


@app.command(rich_help_panel=READ)
def sql(
    text: Annotated[
        str | None,
        typer.Argument(metavar="QUERY", help="One or more statements of DuckDB SQL. Left out: standard input."),
    ] = None,
    output_format: FormatOption = None,
    output: OutputOption = None,
    as_at: AsAtOption = None,
) -> None:
    """Ask the latest release anything, in SQL, or that of a past night. Nothing can be changed by it.

    Tables may be named with or without their schema. Of several statements the last result is shown.
    """
    from dagster_project import present, query

    statements = _standard_input() if text in (None, "-") else text
    if not statements or not statements.strip():
        raise CommandError('There is no SQL to run. Try: ./ahp sql "from regional_workforce limit 10"', USAGE_OR_SET_UP)
    written_as = _settled(output_format, output)
    home, past = Home.from_environment(), _past_release(as_at)
    result = query.run_sql(home, statements, past)
    invented = (past or query.latest_release(home)).manifest.get("invented_sources")
    if invented:
        typer.echo(present.invented_note(invented), err=True)
    if result is None:
        typer.echo("The statements ran; none of them returns rows.", err=True)
    else:
        _write(result, written_as, output, present.result_table)


@app.command(rich_help_panel=READ)
def tables(as_at: AsAtOption = None) -> None:
    """The tables of the latest release, with what one row of each stands for."""
    from dagster_project import present, query

    _show(present.table_list(query.tables(Home.from_environment(), _past_release(as_at))))


@app.command(rich_help_panel=READ)
def describe(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="With or without its schema.")],
    as_at: AsAtOption = None,
) -> None:
    """One table: its grain, caveats, and every column with its unit."""
    from dagster_project import present, query

    described = query.describe(Home.from_environment(), table, _past_release(as_at))
    _show(present.table_description(described, context.obj))


@app.command(rich_help_panel=READ)
def export(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", file_okay=False, help="The folder to write to, new or not.")
    ],
    region: Annotated[str | None, typer.Option(metavar="NAME", help="An ADASS region.")] = None,
    ics: Annotated[str | None, typer.Option(metavar="NAME", help="An integrated care system.")] = None,
    council: Annotated[str | None, typer.Option(metavar="NAME", help="A council.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything, in one workbook.")] = False,
    formats: Annotated[
        str, typer.Option("--format", metavar="FORMATS", help="ods, xlsx, csv or parquet; several with commas between.")
    ] = "ods",
    force: Annotated[bool, typer.Option("--force", help="Replace files that hold something else.")] = False,
) -> None:
    """Write the regional tables for people who open them in a spreadsheet: one workbook for an area.

    Names of files carry the release; the same release gives the same files.
    """
    from dagster_project.export.commands import export_area

    asked = {"adass_region": region, "ics": ics, "council": council, "all": "everything" if everything else None}
    export_area(Home.from_environment(), asked, formats, output, force)


@app.command(rich_help_panel=READ)
def findings(
    organisation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this organisation; any part of its name will do.")
    ] = None,
    severity: Annotated[Severity | None, typer.Option(case_sensitive=False, help="Only findings this grave.")] = None,
    output_format: FormatOption = None,
    output: OutputOption = None,
    as_at: AsAtOption = None,
) -> None:
    """Open findings: what in the data should be mended, where it is, and how to mend it."""
    from dagster_project import present, query

    written_as = _settled(output_format, output)
    found = query.findings(Home.from_environment(), organisation, severity, _past_release(as_at))
    if found.num_rows == 0 and written_as is Format.table:
        wanted = [f"{severity} findings" if severity else "findings"]
        wanted += [f"for an organisation called {organisation}"] if organisation else []
        typer.echo(f"There {'were' if as_at else 'are'} no open {' '.join(wanted)}.")
    else:
        _write(found, written_as, output, present.findings_table)


@app.command(rich_help_panel=LOOK_AFTER)
def releases() -> None:
    """The releases that are kept, newest first."""
    from dagster_project import present, query
    from dagster_project.release import publishing

    kept = publishing.releases(Home.from_environment())
    if not kept:
        raise query.NoReleaseError
    _show(present.release_list(kept))


@app.command(rich_help_panel=LOOK_AFTER)
def rollback(
    release_id: Annotated[str, typer.Argument(metavar="RELEASE_ID", help="One that `ahp releases` lists.")],
) -> None:
    """Put an earlier release in force again. The next refresh that releases puts a new one in its place."""
    from dagster_project import present
    from dagster_project.release import publishing

    try:
        release = publishing.rollback(Home.from_environment(), release_id)
    except publishing.ReleaseError as error:
        raise CommandError(str(error), FAILED) from error
    typer.echo(f"Release {release.release_id}, made {present.moment(release.created_at)}, is in force again.")


@app.command(rich_help_panel=LOOK_AFTER)
def synth(
    scale: Annotated[
        InventedScale,
        typer.Option(case_sensitive=False, help="One integrated care system, a region, or the country."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", file_okay=False, help="A new or empty folder to write to.")
    ],
    months: Annotated[
        int | None,
        typer.Option(min=1, max=60, help="How many months. Left out: example 2, small 6, region 24, national 2."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files, to the byte.")] = 1,
) -> None:
    """Write invented inputs for every source, with planted faults and the right answers. No row is a person."""
    from dagster_project import present
    from dagster_project.synth.inputs import FolderNotEmpty, write_inputs

    try:
        invented = write_inputs(scale.value, output, months, seed, lambda sentence: typer.echo(sentence, err=True))
    except FolderNotEmpty as problem:
        raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
    typer.echo(
        f"Wrote {present.counted(invented.files, 'invented file')} with {present.counted(invented.rows, 'row')} to "
        f"{output}. {output / 'README.txt'} says what is there.",
        err=True,
    )


@app.command(rich_help_panel=NIGHT)
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the page of the nights.")] = 3000,
    site_port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the latest release's site.")] = 3001,
) -> None:
    """Run Dagster's web page and daemon with the nightly schedule on, and the latest release's site, until stopped."""
    from dagster_project.serve import serve as run_servers

    raise typer.Exit(run_servers(Home.from_environment(), host, port, site_port))


@app.command(
    rich_help_panel=LOOK_AFTER,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def test(context: typer.Context) -> None:
    """Run the tests of the warehouse. Whatever follows is passed on to pytest, and its exit code passed back."""
    if find_spec("pytest") is None:
        raise CommandError("pytest is not installed. Install it with: uv sync --group dev", USAGE_OR_SET_UP)
    # Files are kept whole, since the tests of one share what took long to make, and begun in their own order, in which
    # those that take long come first.
    on_all_processors = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", "-o", "testpaths=tests", *on_all_processors, *context.args]
    raise typer.Exit(subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode)


def _decided(act: Callable[[], Event]) -> Event:
    """Does what adds to the store while no refresh is under way."""
    from filelock import Timeout

    from dagster_project.lock import ANOTHER_REFRESH_IS_RUNNING, refresh_lock
    from dagster_project.sources.withdrawing import NotPossible

    try:
        with refresh_lock(Home.from_environment()):
            return act()
    except Timeout as problem:
        raise CommandError(ANOTHER_REFRESH_IS_RUNNING, ANOTHER_REFRESH) from problem
    except NotPossible as problem:
        raise CommandError(str(problem), FAILED) from problem


def _past_release(as_at: str | None) -> ArchivedRelease | None:
    """What was in force then, once it is said which release that is; None where the latest is asked for."""
    from dagster_project import present, query
    from dagster_project.sources.dates import in_words

    if as_at is None:
        return None
    try:
        asked = query.read_as_at(as_at, datetime.now(UTC))
    except query.AsAtNotUnderstood as problem:
        raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
    past = query.release_as_at(Home.from_environment(), asked)
    when = in_words(asked.day) if asked.day else present.moment(asked.moment)
    typer.echo(f"As at {when}: release {past.release_id}", err=True)
    return past


def _show(renderable: RenderableType) -> None:
    from dagster_project import present

    present.console_for(sys.stdout).print(renderable)


def _settled(output_format: Format | None, output: Path | None) -> Format:
    """The format asked for, or else the one the file is named after. Refuses to fill a terminal with Parquet."""
    by_ending = {f".{known}": known for known in Format}
    settled = output_format or (by_ending.get(output.suffix.lower()) if output else None) or Format.table
    if settled is Format.parquet and output is None and sys.stdout.isatty():
        raise CommandError("Parquet is not text. Say where it should go: --format parquet -o FILE", USAGE_OR_SET_UP)
    return settled


def _write(
    result: pyarrow.Table,
    written_as: Format,
    output: Path | None,
    as_table: Callable[[pyarrow.Table, Console], RenderableType],
) -> None:
    from dagster_project import present

    if written_as is Format.table and output is None:
        console = present.console_for(sys.stdout)
        console.print(as_table(result, console))
        return
    match written_as:
        case Format.table:
            page = io.StringIO()
            console = present.console_for(page)
            console.print(as_table(result, console))
            contents = page.getvalue().encode()
        case Format.csv:
            contents = present.csv_bytes(result, for_terminal=output is None and sys.stdout.isatty())
        case Format.json:
            contents = present.json_bytes(result)
        case Format.parquet:
            contents = present.parquet_bytes(result)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(contents)
        sys.stdout.buffer.flush()
    else:
        replace_file(output, contents)
        typer.echo(f"Wrote {present.counted(result.num_rows, 'row')} to {output}.", err=True)


def _standard_input() -> str:
    if sys.stdin.isatty():
        end = "Ctrl-Z and Return" if os.name == "nt" else "Ctrl-D"
        typer.echo(f"Type the SQL; {end} on a line of its own ends it.", err=True)
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError("The SQL on standard input is not UTF-8 text. Save it as UTF-8.", USAGE_OR_SET_UP) from error


class _Narrator(logging.Handler):
    """Hands every progress sentence on, made safe to show: file names are chosen by other people."""

    def __init__(self, say: Callable[[str], object]) -> None:
        super().__init__(logging.INFO)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        from dagster_project import present

        self._say(present.safe_text(record.getMessage()))


@contextlib.contextmanager
def _progress() -> Iterator[None]:
    """Show what run_refresh logs to `ahp.progress`: below a clock on a terminal, otherwise line by line."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from dagster_project import present

    console = present.console_for(sys.stderr)
    logger = logging.getLogger("ahp.progress")
    narrator = _Narrator(console.print)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(narrator)
    logger.setLevel(logging.INFO)
    # The loggers above it belong to libraries, which would print every sentence a second time.
    logger.propagate = False
    try:
        if console.is_terminal:
            columns = SpinnerColumn(), TextColumn("Refreshing"), TimeElapsedColumn()
            with Progress(*columns, console=console, transient=True) as progress:
                progress.add_task("refresh", total=None)
                yield
            console.print()
        else:
            yield
    finally:
        logger.removeHandler(narrator)
        logger.setLevel(level)
        logger.propagate = propagate


def _exit_code_after_saying(error: Exception) -> int:
    """Say on standard error what went wrong, and give the exit code that says it to a script."""
    from dagster_project import query

    if os.environ.get("AHP_DEBUG"):
        traceback.print_exception(error)
    match error:
        case OSError() if error.errno == errno.EPIPE:
            # Whoever read has read enough. The interpreter would complain when it flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        case CommandError():
            _complain(str(error))
            return error.exit_code
        case query.UnknownTable():
            _complain(str(error))
            return USAGE_OR_SET_UP
        case query.QueryError():
            _complain(str(error))
            return FAILED
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            asked = f"./{context.command_path}" if context else "./ahp"
            message = error.format_message().replace("Value error, ", "")
            message += "" if message.endswith((".", "?")) else "."
            _complain(f"{message} {asked} --help shows what can be given.")
            return error.exit_code
        case _:
            _complain(f"ahp met something it did not expect: {_in_words(error)} AHP_DEBUG=1 shows where.")
            return FAILED


def _complain(message: str) -> None:
    from dagster_project import present

    typer.echo(present.safe_lines(message), err=True)


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(":. ") + "."


def _for_json(value: object) -> str | float:
    match value:
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)
