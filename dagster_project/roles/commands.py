"""`ahp roles`: what each of its verbs is called, what it takes, and how it ends.

Belongs here: arguments, exit codes, and which stream a sentence goes to. Does not: the work, which the modules beside
this one do.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.home import Home
from dagster_project.verbs import USAGE_OR_SET_UP, CommandError, library_output_on_standard_error, replacing

roles = typer.Typer(
    help="The role of a job title: code a list, say why, review what is doubtful.", no_args_is_help=True
)


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
) -> None:
    """Code a list of job titles with the night's own rules.

    The list may have the columns band_or_grade and employer_type (council, nhs, independent or unknown), and others.
    """
    from dagster_project import present
    from dagster_project.roles.coding import TitlesNotRead, code_titles
    from dagster_project.sources.problems import FileRefused

    with _by_the_rules(), replacing(output) as unfinished:
        try:
            coded = code_titles(titles, unfinished, Home.from_environment())
        except TitlesNotRead as problem:
            raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
        except FileRefused as problem:
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the path as one JSON object.")] = False,
) -> None:
    """Say why a job title has the role it has: the path from the title as written to its role."""
    from dagster_project import present
    from dagster_project.roles.explaining import explain as explained
    from dagster_project.roles.explaining import terminal

    with _by_the_rules():
        # What a terminal hands over need not be text.
        texts = [text and text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in (title, band)]
        explanation = explained(texts[0] or "", texts[1], employer_type.value, Home.from_environment())
    if as_json:
        typer.echo(json.dumps(explanation.as_dict(), indent=1, default=str))
    else:
        present.console_for(sys.stdout).print(terminal(explanation))


@contextlib.contextmanager
def _by_the_rules() -> Iterator[None]:
    """Keeps standard output for the answer, and says plainly when the rules cannot be read."""
    from dagster_project.dbt_project import DbtProblem

    with library_output_on_standard_error():
        try:
            yield
        except DbtProblem as problem:
            raise CommandError(f"The warehouse's own rules could not be read. {problem}", USAGE_OR_SET_UP) from problem
