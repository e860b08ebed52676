"""`ahp export`: what may be asked, and how it ends.

Belongs here: the choice between the options, exit codes, and what is said on standard error. Does not: the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from dagster_project import present
from dagster_project.export.areas import EVERYTHING, AreaNotKnown
from dagster_project.export.exporting import FormatNotKnown, InTheWay, NothingToExport, export, read_formats
from dagster_project.export.sheets import CautionMissing
from dagster_project.home import Home
from dagster_project.verbs import FAILED, USAGE_OR_SET_UP, CommandError

_OPTIONS = "--region NAME, --ics NAME, --council NAME or --all"


def export_area(home: Home, asked: Mapping[str, str | None], formats: str, folder: Path, force: bool) -> None:
    """Export the one area that was asked for, and say what was written. Raises CommandError."""
    chosen = [(kind, name) for kind, name in asked.items() if name is not None]
    if len(chosen) != 1:
        raise CommandError(f"Say which tables are wanted, with exactly one of {_OPTIONS}.", USAGE_OR_SET_UP)
    ((kind, name),) = chosen
    try:
        exported = export(home, kind, name, read_formats(formats), folder, force)
    except (AreaNotKnown, FormatNotKnown, NothingToExport, InTheWay) as problem:
        raise CommandError(str(problem), USAGE_OR_SET_UP) from problem
    except CautionMissing as problem:
        raise CommandError(str(problem), FAILED) from problem
    if kind == EVERYTHING:
        typer.echo("One workbook for everything; --region, --ics or --council makes a smaller one.", err=True)
    for place in exported.places:
        typer.echo(present.safe_text(str(place)))
    typer.echo(
        f"Wrote {present.counted(exported.tables, 'table')} of {exported.area.title}, release {exported.release_id}.",
        err=True,
    )
