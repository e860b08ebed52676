"""`ahp roles`: what each of its verbs is called, what it takes, and how it ends.

Belongs here: arguments, exit codes, and which stream a sentence goes to. Does not: the work, which the modules beside
this one do.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.home import Home
from dagster_project.verbs import (
    ANOTHER_REFRESH,
    FAILED,
    USAGE_OR_SET_UP,
    CommandError,
    library_output_on_standard_error,
    replace_file,
    replacing,
)

roles = typer.Typer(
    help="The role of a job title: code a list, say why, review what is doubtful.", no_args_is_help=True
)


AsAtOption = Annotated[
    str | None,
    typer.Option(
        "--as-at",
        metavar="DAY",
        help="With the decisions known at the end of this day, such as 2026-03-31, or at this moment in London, such "
        "as 2026-03-31T14:00.",
    ),
]
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")


class EmployerType(StrEnum):
    """Who employs."""

    council = "council"
    nhs = "nhs"
    independent = "independent"
    unknown = "unknown"


@roles.command()
def code(
    titles: Annotated[Path, typer.Argument(metavar="TITLES.csv", help="With a column title_raw.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="CODED.csv", dir_okay=False, help="Write to this file, replacing it."),
    ],
    as_at: AsAtOption = None,
) -> None:
    """Code a list of job titles with the night's own rules.

    The list may have the columns band_or_grade and employer_type (council, nhs, independent or unknown), and others.
    """
    from dagster_project import present
    from dagster_project.roles.coding import TitlesNotRead, code_titles
    from dagster_project.sources.problems import FileRefused

    if output.exists() and titles.exists() and output.samefile(titles):
        raise CommandError(
            f"{output} is the list itself, and coding would replace it. Write to another file.", USAGE_OR_SET_UP
        )
    at = _moment(as_at)
    with _by_the_rules(), replacing(output) as unfinished:
        try:
            coded = code_titles(titles, unfinished, Home.from_environment(), at)
        except TitlesNotRead as problem:
            raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
        except FileRefused as problem:
            if titles.suffix.lower() in _WORKBOOKS:
                raise CommandError(
                    f"{titles} is a workbook, and a list of titles is read as CSV alone. Save the sheet with the "
                    "titles as 'CSV UTF-8 (Comma delimited)', and give that file.",
                    USAGE_OR_SET_UP,
                ) from problem
            (first, *_) = problem.problems
            raise CommandError(f"{titles}: {first.message} {first.suggestion}", USAGE_OR_SET_UP) from problem
    typer.echo(
        f"Wrote {present.counted(coded.rows, 'row')} to {output}: {coded.coded:,} with a role, "
        f"{coded.rows - coded.coded:,} uncoded.",
        err=True,
    )


@roles.command()
def explain(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="A job title, in quotation marks.")],
    band: Annotated[str | None, typer.Option("--band", metavar="BAND", help="Its band or grade, as written.")] = None,
    employer_type: Annotated[
        EmployerType, typer.Option("--employer-type", case_sensitive=False, help="Who employs.")
    ] = EmployerType.unknown,
    as_at: AsAtOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the path as one JSON object.")] = False,
) -> None:
    """Say why a job title has the role it has: the path from the title as written to its role."""
    from dagster_project import present
    from dagster_project.roles.explaining import explain as explained
    from dagster_project.roles.explaining import terminal

    at = _moment(as_at)
    with _by_the_rules():
        # What a terminal hands over need not be text.
        texts = [text and text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in (title, band)]
        explanation = explained(texts[0] or "", texts[1], employer_type.value, Home.from_environment(), at)
    if as_json:
        typer.echo(json.dumps(explanation.as_dict(), indent=1, default=str))
    else:
        present.console_for(sys.stdout).print(terminal(explanation))


@roles.command()
def review(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", dir_okay=False, help="Write the whole queue, as .csv or .xlsx."),
    ] = None,
) -> None:
    """The titles a person should look at, most FTE first, with the nearest known ones and what deciding would move."""
    from dagster_project import present
    from dagster_project.roles.reviewing import DECISION, queue_table, review_queue

    kind = output.suffix.lower() if output else ""
    if kind not in ("", ".csv", ".xlsx") or (output and not kind):
        raise CommandError(
            "The queue is written as .csv or .xlsx; give the file one of these endings.", USAGE_OR_SET_UP
        )
    queue = review_queue(Home.from_environment())
    if output is None:
        present.console_for(sys.stdout).print(queue_table(queue))
        return
    from dagster_project.roles.queue_file import as_csv, as_workbook, choices

    replace_file(output, as_csv(queue) if kind == ".csv" else as_workbook(queue, *choices()))
    if not queue:
        typer.echo(f"Nothing waits: {output} holds its headings alone.", err=True)
        return
    typer.echo(
        f"Wrote {present.counted(len(queue), 'title')} to {output}. Fill in {', '.join(DECISION)} for those you "
        "decide, and hand the file to ./ahp roles accept.",
        err=True,
    )


@roles.command()
def accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The queue with decisions, as .csv, .xlsx or .ods.")],
) -> None:
    """Take people's decisions on titles; they count from the next refresh, and none is ever changed.

    Exit code 1: a row cannot be accepted, so nothing was recorded. 3: a refresh is running.
    """
    from filelock import Timeout

    from dagster_project import present
    from dagster_project.lock import ANOTHER_REFRESH_IS_RUNNING, refresh_lock
    from dagster_project.roles.deciding import DecisionsNotRead, DecisionsRefused, accept_decisions

    home = Home.from_environment()
    try:
        with _by_the_rules(), refresh_lock(home):
            accepted = accept_decisions(file, home)
    except Timeout as problem:
        raise CommandError(ANOTHER_REFRESH_IS_RUNNING, ANOTHER_REFRESH) from problem
    except DecisionsNotRead as problem:
        raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
    except DecisionsRefused as problem:
        listed = "\n".join(problem.problems)
        raise CommandError(f"Nothing was recorded.\n{listed}", FAILED) from problem
    known = f" {present.counted(accepted.known, 'decision')} had been recorded before." if accepted.known else ""
    if not accepted.recorded:
        typer.echo(f"Nothing changes.{known}")
        return
    typer.echo(f"Recorded {present.counted(accepted.recorded, 'decision')}.{known} From the next refresh:")
    for change in accepted.changes:
        typer.echo(present.safe_text(change))


def _moment(as_at: str | None) -> str | None:
    """The instant a --as-at means, in UTC; None where there is none."""
    from dagster_project.query import AsAtNotUnderstood, read_as_at

    if as_at is None:
        return None
    try:
        moment = read_as_at(as_at, datetime.now(UTC)).moment.astimezone(UTC)
    except AsAtNotUnderstood as problem:
        raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextlib.contextmanager
def _by_the_rules() -> Iterator[None]:
    """Keeps standard output for the answer, and says plainly when the rules cannot be read."""
    from dagster_project.dbt_project import DbtProblem
    from dagster_project.rules import rules_are_compiled

    if not rules_are_compiled():
        typer.echo("Preparing the rules, once for this version of the code.", err=True)
    with library_output_on_standard_error():
        try:
            yield
        except DbtProblem as problem:
            raise CommandError(f"The warehouse's own rules could not be read. {problem}", USAGE_OR_SET_UP) from problem
