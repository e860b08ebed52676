"""From a release to the files of one area.

Belongs here: the steps, the names of the files, and not writing over what somebody keeps. Does not: what is in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project import query
from dagster_project.export.areas import ALL_AREAS, EVERYTHING, Area, find_area
from dagster_project.export.sheets import Book, make_book
from dagster_project.export.tables import DATA_QUALITY, TABLES, choose, read
from dagster_project.verbs import USAGE_OR_SET_UP, CommandError, replace_file

if TYPE_CHECKING:
    import duckdb

    from dagster_project.home import Home
    from dagster_project.release.publishing import Release

FORMATS = ("ods", "xlsx", "csv", "parquet")
# In words, what the day of a document is.
_DAY_OF_PUBLICATION = " (the day of publication stands in for the day of the count, which the document does not give)"


class FormatNotKnown(Exception):
    """A format that is not one of FORMATS was asked for."""


class NothingToExport(Exception):
    """The release holds no row for the area."""


class InTheWay(Exception):
    """A file that was to be written is there already and holds something else."""


@dataclass(frozen=True)
class Exported:
    """What an export made: the area, the files and folders of each format, and which sources in it are invented."""

    area: Area
    release_id: str
    places: tuple[Path, ...]
    tables: int


def read_formats(text: str) -> tuple[str, ...]:
    """The formats named in a text such as ods,csv, each once. Raises FormatNotKnown."""
    asked = tuple(dict.fromkeys(part.strip().lower().removeprefix(".") for part in text.split(",") if part.strip()))
    unknown = [part for part in asked if part not in FORMATS]
    if unknown or not asked:
        named = f"There is no format {' or '.join(unknown)}." if unknown else "No format is named."
        raise FormatNotKnown(f"{named} Choose from {', '.join(FORMATS)}; several are given with commas between them.")
    return asked


def export(home: Home, kind: str, name: str, formats: Sequence[str], folder: Path, replace: bool = False) -> Exported:
    """Writes the tables of one area of the latest release into a folder, which is made where it is not there.

    `kind` is a key of areas.KINDS or EVERYTHING. Names of files carry the release, so those of another release stand
    beside them; the same release gives the same bytes, and a file that holds them already is left as it is.
    Raises AreaNotKnown, NothingToExport, CautionMissing, InTheWay (unless `replace`), QueryError and CommandError.
    """
    release = query.latest_release(home)
    with query.open_release(release) as connection:
        area = ALL_AREAS if kind == EVERYTHING else find_area(connection, kind, name)
        book = book_of(connection, release, area)
    files = _files(book, f"ahp-{area.file_name}-{release.release_id}", formats)
    if not replace:
        _refuse_to_overwrite(folder, files)
    for path, contents in files.items():
        place = folder / path
        if not (place.is_file() and place.read_bytes() == contents):
            _make(place.parent)
            replace_file(place, contents)
    places = dict.fromkeys(folder / Path(path).parts[0] for path in files)
    return Exported(area, release.release_id, tuple(places), len(book.data))


def book_of(connection: duckdb.DuckDBPyConnection, release: Release, area: Area) -> Book:
    """The workbook of an area, before any format. Raises NothingToExport, CautionMissing and QueryError."""
    import duckdb

    try:
        choosing = choose(connection, area)
        answers = [read(connection, table) for table in (DATA_QUALITY, *TABLES)]
    except (duckdb.CatalogException, duckdb.BinderException) as problem:
        raise query.QueryError(
            f"The release {release.release_id} was made by another version of this warehouse and lacks something that "
            f"the tables are made of. ./ahp refresh makes a new one.\nDuckDB said: {problem}"
        ) from problem
    with_rows = [rows for rows in answers[1:] if rows.rows]
    if all(rows.table.is_background for rows in with_rows):
        raise NothingToExport(
            f"The release {release.release_id} holds nothing of {area.title}. {_with_numbers(connection)}"
        )
    statuses = connection.execute(
        "select value_status, symbol, meaning, has_number from reference.value_statuses order by sort_order"
    ).fetchall()
    titles = dict(
        connection.execute(
            "select rule_id, title from reference.finding_rules "
            "union all select measure, measure_name from reference.measures"
        ).fetchall()
    )
    return make_book(
        release.manifest, area, _documents(connection), statuses, titles, choosing, [answers[0], *with_rows]
    )


def _documents(connection: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, date], Sequence[str]]:
    """The titles of the documents behind each source and day, with what their day is."""
    found: defaultdict[tuple[str, date], list[str]] = defaultdict(list)
    for source, day, title, basis in connection.execute(
        """
        select distinct source, as_at_date, document_title, as_at_basis
        from marts.dim_period
        order by source, as_at_date, document_title
        """
    ).fetchall():
        found[source, day].append(f"{title}{_DAY_OF_PUBLICATION if basis == 'publication' else ''}")
    return found


def _with_numbers(connection: duckdb.DuckDBPyConnection) -> str:
    names = [
        name
        for (name,) in connection.execute(
            """
            select distinct geography_name
            from marts.regional_workforce
            where geography_type = 'adass_region'
            order by geography_name
            """
        ).fetchall()
    ]
    return f"Regions with numbers: {', '.join(names) or 'none'}."


def _files(book: Book, name: str, formats: Sequence[str]) -> dict[str, bytes]:
    """Contents by path below the folder, with forward slashes."""
    files: dict[str, bytes] = {}
    for written_as in formats:
        match written_as:
            case "ods":
                from dagster_project.export.ods import as_ods

                files[f"{name}.ods"] = as_ods(book)
            case "xlsx":
                from dagster_project.export.xlsx import as_xlsx

                files[f"{name}.xlsx"] = as_xlsx(book)
            case "csv":
                from dagster_project.export.loose_files import as_csv

                files |= {f"{name}-csv/{file}": contents for file, contents in as_csv(book).items()}
            case "parquet":
                from dagster_project.export.loose_files import as_parquet

                files |= {f"{name}-parquet/{file}": contents for file, contents in as_parquet(book).items()}
    return files


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CommandError(
            f"The folder {folder} could not be made: {problem.strerror or problem}. Name one that you may write to.",
            USAGE_OR_SET_UP,
        ) from problem


def _refuse_to_overwrite(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, contents in files.items():
        place = folder / path
        if place.exists() and not (place.is_file() and place.read_bytes() == contents):
            raise InTheWay(
                f"{place} is there already and differs from what the release gives; somebody may have worked in it. "
                "Name another folder, or add --force to replace it."
            )
