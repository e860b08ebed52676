"""Reading one release, the latest or that of a past night: SQL that reads nothing else and writes nothing, and the few
fixed questions of `ahp`.

Belongs here: opening a release, asking it, and saying in plain English what went wrong. Does not: what the answers
look like on a screen.
"""

from __future__ import annotations

import difflib
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dagster_project.contracts import PUBLIC_SCHEMAS, first_sentence
from dagster_project.home import RELEASE_DATABASE, Home
from dagster_project.sources.dates import in_words, read_date

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from dagster_project.release.archive import ArchivedRelease
    from dagster_project.release.publishing import Release

NIGHTLY_TIME = time(2, 0)
NIGHTLY_TIMEZONE = "Europe/London"
DEFAULT_FRESHNESS_LIMIT_HOURS = 36.0

NO_RELEASE = "There is no release yet. Run ./ahp refresh first."

# The largest list of choices that an error message spells out.
CHOICES_SHOWN = 20


class QueryError(Exception):
    """The question could not be answered. The message says why and what to do, in plain English."""


class NoReleaseError(QueryError):
    """Nothing has been released in this home."""

    def __init__(self) -> None:
        super().__init__(NO_RELEASE)


class UnknownTable(QueryError):
    """A table was asked for by a name that no table has."""


class AsAtNotUnderstood(QueryError):
    """No day or moment up to now can be read from what was asked for."""


@dataclass(frozen=True)
class AsAt:
    """A moment in the past; `day` is set where a whole day was asked for, and the moment is then its last."""

    moment: datetime
    day: date | None = None


@dataclass(frozen=True)
class ReleasedColumn:
    """One column of a released table: its DuckDB type and its description."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class ReleasedTable:
    """One table of a release. The first sentence of the description is its grain."""

    schema: str
    name: str
    rows: int
    description: str
    caveats: tuple[str, ...]
    columns: tuple[ReleasedColumn, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def grain(self) -> str:
        return first_sentence(self.description)


@dataclass(frozen=True)
class RefusedFile:
    """A file that was refused and still lies in the landing folder. `report` is a path inside the home.

    `organisation_name` and `as_at_date` say whose return of which day it was to be, '' and None where not known.
    `in_force` is the name of the return of that council and day which counts in its place, '' where there is none.
    """

    source_file: str
    reason: str
    report: str
    organisation_name: str = ""
    as_at_date: date | None = None
    in_force: str = ""


@dataclass(frozen=True)
class Status:
    """How things stand at one moment. `last_refresh` is the JSON of the newest refresh, or None before the first."""

    now: datetime
    last_refresh: dict[str, Any] | None
    latest: Release | None
    findings: dict[str, int]
    freshness_limit: timedelta
    next_run: datetime
    kept: tuple[Release, ...]
    refused: tuple[RefusedFile, ...] = ()

    @property
    def age(self) -> timedelta | None:
        return self.now - self.latest.created_at if self.latest else None

    @property
    def is_fresh(self) -> bool:
        return self.age is not None and self.age <= self.freshness_limit


def latest_if_any(home: Home) -> Release | None:
    """The release in force, or None before the first one.

    Raises QueryError when the folder of releases is damaged.
    """
    from dagster_project.release import publishing

    try:
        return publishing.latest_release(home)
    except publishing.ReleaseError as error:
        raise QueryError(str(error)) from error


def latest_release(home: Home) -> Release:
    """The release in force.

    Raises NoReleaseError before the first one, and QueryError when the folder of releases is damaged.
    """
    release = latest_if_any(home)
    if release is None:
        raise NoReleaseError
    return release


def read_as_at(text: str, now: datetime) -> AsAt:
    """The day or moment a text means. Days are London's, and so are times that do not name their own zone.

    A day means its end, and today means now. Raises AsAtNotUnderstood, also for what has not come yet.
    """
    london = ZoneInfo(NIGHTLY_TIMEZONE)
    today = now.astimezone(london).date()
    if ":" in text:
        as_at = AsAt(_read_moment(text))
    else:
        day = _read_day(text)
        as_at = AsAt(now) if day == today else AsAt(datetime.combine(day, time.max, tzinfo=london), day)
    if as_at.moment > now:
        raise AsAtNotUnderstood(f"{text} has not come yet. Today is {in_words(today)}.")
    return as_at


def release_as_at(home: Home, as_at: AsAt) -> ArchivedRelease:
    """What the release held that was in force at that moment, whether or not its folder is still kept.

    Raises NoReleaseError before the first release, and QueryError when none was in force yet, or when what it held is
    missing or damaged.
    """
    from dagster_project.release import archive, publishing

    acts = publishing.acts_in_force(home)
    if not acts:
        raise NoReleaseError
    before = [act for act in acts if act.instant <= as_at.moment]
    if not before:
        first = acts[0].instant.astimezone(ZoneInfo(NIGHTLY_TIMEZONE)).date()
        raise QueryError(f"Nothing had been released by then. The first night on record is {in_words(first)}.")
    try:
        return archive.archived_release(home, before[-1].release_id)
    except archive.ArchiveError as error:
        raise QueryError(str(error)) from error


@contextmanager
def open_release(release: Release | ArchivedRelease) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads this one release and reaches nothing else: no file, no network, no setting.

    Raises QueryError when the release cannot be opened.
    """
    from dagster_project.release.archive import ArchivedRelease, ArchiveError

    if not isinstance(release, ArchivedRelease):
        with _opened(release.database, release.release_id) as connection:
            yield connection
        return
    # A file and not a database in memory, which nobody can open for reading only.
    with tempfile.TemporaryDirectory(prefix="ahp-", ignore_cleanup_errors=True) as folder:
        database = Path(folder) / RELEASE_DATABASE
        try:
            release.restore(database)
        except ArchiveError as error:
            raise QueryError(str(error)) from error
        with _opened(database, release.release_id) as connection:
            yield connection


@contextmanager
def _opened(database: Path, release_id: str) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    try:
        connection = duckdb.connect(
            database,
            read_only=True,
            config={
                "enable_external_access": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
                # A release is never written to, and the engine would spill large sorts into its folder.
                "temp_directory": "",
            },
        )
    except duckdb.Error as error:
        raise QueryError(
            f"The release {release_id} could not be opened. "
            f"Run ./ahp refresh to make a new one, or go back to an earlier one with ./ahp rollback.\n"
            f"DuckDB said: {error}"
        ) from error
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set search_path = '{','.join(_schemas(connection))}'")
        # Without external access the engine still lets COPY write to the release's own write-ahead log,
        # and that would change what the next reader sees.
        connection.execute("set disabled_filesystems = 'LocalFileSystem'")
        connection.execute("set lock_configuration = true")
        try:
            yield connection
        except BaseException:
            # Closing waits for a statement that was cut short, unless it is told to stop.
            connection.interrupt()
            raise


def run_sql(home: Home, text: str, past: ArchivedRelease | None = None) -> pyarrow.Table | None:
    """Run every statement on the latest release, or on a past one; the rows of the last that returns any, or None.

    Raises QueryError, with the engine's own message, when the SQL is wrong or asks for more than reading.
    """
    import duckdb

    with open_release(past or latest_release(home)) as connection:
        try:
            statements = connection.extract_statements(text)
            only_rows = [duckdb.ExpectedResultType.QUERY_RESULT]
            answering = [statement.expected_result_type == only_rows for statement in statements]
            last = max((number for number, answers in enumerate(answering) if answers), default=None)
            rows: pyarrow.Table | None = None
            for number, statement in enumerate(statements):
                result = connection.execute(statement)
                if number == last:
                    rows = result.to_arrow_table()
            return rows
        except duckdb.Error as error:
            raise QueryError(_explained(error, connection)) from error
        except RuntimeError as error:
            # The engine's own name for it would hide that a person pressed Ctrl-C.
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise error.__cause__ from None
            raise


def tables(home: Home, past: ArchivedRelease | None = None) -> list[ReleasedTable]:
    """Every table of the latest release, or of a past one, in the order of its manifest.

    Raises NoReleaseError.
    """
    return [
        ReleasedTable(
            schema=table["schema"],
            name=table["name"],
            rows=table["rows"],
            description=table["description"],
            caveats=tuple(table.get("caveats", ())),
            columns=tuple(
                ReleasedColumn(column["name"], column["data_type"], column["description"])
                for column in table["columns"]
            ),
        )
        for table in (past or latest_release(home)).manifest["tables"]
    ]


def describe(home: Home, name: str, past: ArchivedRelease | None = None) -> ReleasedTable:
    """One table of the latest release, or of a past one, named with or without its schema.

    Raises UnknownTable when there is no such table, with the nearest names.
    """
    known = tables(home, past)
    wanted = name.strip().casefold()
    for table in known:
        if wanted in (table.name, table.full_name):
            return table
    raise UnknownTable(_no_such_table(name, [table.full_name for table in known]))


def findings(
    home: Home, organisation: str | None = None, severity: str | None = None, past: ArchivedRelease | None = None
) -> pyarrow.Table:
    """Open findings, the gravest first; `organisation` is a whole name or any part of one, in any case.

    Raises QueryError when no organisation has that name.
    """
    import duckdb

    with open_release(past or latest_release(home)) as connection:
        try:
            chosen = None if organisation is None else _organisations_called(connection, organisation)
            return connection.execute(
                """
                select *
                from quality.findings
                where status = 'open'
                    and ($organisations is null or list_contains($organisations, organisation_name))
                    and ($severity is null or severity = $severity)
                order by
                    list_position(['error', 'warning', 'info'], severity),
                    organisation_name, source_file, source_sheet, source_row, finding_id
                """,
                {"organisations": chosen, "severity": severity},
            ).to_arrow_table()
        except duckdb.Error as error:
            # A release of long ago may have had other columns.
            raise QueryError(_explained(error, connection)) from error


def status(home: Home, now: datetime) -> Status:
    """How things stand at `now`, which carries its time zone. Works before the first refresh and the first release."""
    from dagster_project.release import publishing

    latest = latest_if_any(home)
    return Status(
        now=now,
        last_refresh=_last_refresh(home),
        latest=latest,
        findings=latest.manifest["findings"] if latest else {},
        freshness_limit=timedelta(hours=_freshness_limit_hours(latest)),
        next_run=next_run(now),
        kept=tuple(publishing.releases(home)),
        refused=tuple(_refused_files(home)),
    )


def next_run(now: datetime) -> datetime:
    """The first nightly start after `now`, in London's own time.

    Two o'clock in London happens exactly once on every date: the clocks change at one o'clock UTC, and go from one
    to two in spring and from two back to one in autumn.
    """
    london = ZoneInfo(NIGHTLY_TIMEZONE)
    today = now.astimezone(london).date()
    tonight = datetime.combine(today, NIGHTLY_TIME, tzinfo=london)
    if tonight.astimezone(UTC) > now.astimezone(UTC):
        return tonight
    return datetime.combine(today + timedelta(days=1), NIGHTLY_TIME, tzinfo=london)


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise AsAtNotUnderstood(_how_to_write(text)) from error
    if moment.tzinfo:
        return moment
    london = moment.replace(tzinfo=ZoneInfo(NIGHTLY_TIMEZONE))
    if london.utcoffset() != london.replace(fold=1).utcoffset():
        raise AsAtNotUnderstood(
            f"The clocks of London change around {text}, so that it means two moments or none. "
            "Write which clock is meant: end it with +00:00 for GMT or +01:00 for BST."
        )
    return london


def _read_day(text: str) -> date:
    day = read_date(text)
    if day is None:
        raise AsAtNotUnderstood(_how_to_write(text))
    return day


def _how_to_write(text: str) -> str:
    return (
        f"'{text}' is not understood. Write a day like 2026-03-31 or 31/03/2026, or a moment in London like "
        "2026-03-31T14:00."
    )


def _schemas(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The public schemas this release has, in the order in which a bare table name is looked up."""
    present = {name for (name,) in connection.execute("select schema_name from duckdb_schemas()").fetchall()}
    return [schema for schema in PUBLIC_SCHEMAS if schema in present]


def _last_refresh(home: Home) -> dict[str, Any] | None:
    try:
        outcome: dict[str, Any] = json.loads(home.last_refresh.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise QueryError(
            f"The record of the last refresh, {home.last_refresh}, could not be read. The next ./ahp refresh renews it."
        ) from error
    return outcome


def _refused_files(home: Home) -> Iterator[RefusedFile]:
    """In the order of their names."""
    from dagster_project.sources.councils import councils
    from dagster_project.sources.landing import files_in, source_file_of
    from dagster_project.sources.store import ACCEPTED, QUARANTINED, Store

    events = Store(home).events()
    latest_of_submission = {event.submission_id: event for event in events}
    latest_of_path = {event.source_file: event for event in events}
    # The newest arrival comes last, so that it is the one that is kept.
    in_force = {
        (event.organisation_code, event.as_at_date): event.file_name
        for event in sorted(latest_of_submission.values(), key=lambda event: (event.received_at, event.event_id))
        if event.outcome == ACCEPTED and event.organisation_code
    }
    lying = sorted(source_file_of(home.landing, path) for path in files_in(home.landing)) if latest_of_path else []
    for source_file in lying:
        event = latest_of_path.get(source_file)
        # The same content may count under a name that fits it.
        if event is None or latest_of_submission[event.submission_id].outcome != QUARANTINED:
            continue
        council = councils().get(event.organisation_code)
        yield RefusedFile(
            source_file=source_file,
            reason=event.problems[0]["message"],
            report=event.report,
            organisation_name=council.organisation_name if council else "",
            as_at_date=date.fromisoformat(event.as_at_date) if event.as_at_date else None,
            in_force=in_force.get((event.organisation_code, event.as_at_date), ""),
        )


def _freshness_limit_hours(latest: Release | None) -> float:
    if latest is None:
        return DEFAULT_FRESHNESS_LIMIT_HOURS
    with open_release(latest) as connection:
        row = connection.execute(
            "select value from reference.policies where policy = 'freshness_limit_hours'"
        ).fetchone()
    return float(row[0]) if row else DEFAULT_FRESHNESS_LIMIT_HOURS


def _organisations_called(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[str]:
    """The organisations whose name is, or else holds, `wanted`. An organisation may be known and have no finding."""
    known = [
        name
        for (name,) in connection.execute(
            """
            select organisation_name from quality.findings where organisation_name is not null
            union
            select organisation_name from marts.dim_organisation where organisation_name is not null
            order by organisation_name
            """
        ).fetchall()
    ]
    part = wanted.strip().casefold()
    exactly = [name for name in known if name.casefold() == part]
    chosen = exactly or [name for name in known if part in name.casefold()]
    if not chosen:
        raise QueryError(f"No organisation is called {wanted!r}. {choices('Organisations', wanted, known)}")
    return chosen


def choices(what: str, wanted: str, known: Sequence[str]) -> str:
    """The names nearest to `wanted` when there are any, otherwise as many as a message can hold."""
    nearest = _nearest(wanted, known)
    if nearest:
        return f"Nearest: {', '.join(nearest)}."
    more = f" and {len(known) - CHOICES_SHOWN} more" if len(known) > CHOICES_SHOWN else ""
    return f"{what}: {', '.join(known[:CHOICES_SHOWN]) or 'none'}{more}."


def _nearest(wanted: str, known: Sequence[str]) -> list[str]:
    """Names that read like `wanted`, whether or not either carries a schema."""
    spelling = {form.casefold(): name for name in known for form in (name, name.rpartition(".")[2])}
    close = difflib.get_close_matches(wanted.strip().casefold(), spelling, n=5, cutoff=0.6)
    return list(dict.fromkeys(spelling[form] for form in close))[:3]


def _no_such_table(name: str, known: Sequence[str]) -> str:
    return f"There is no table called {name}. {choices('Tables', name, known)} ./ahp tables lists them all."


def _explained(error: duckdb.Error, connection: duckdb.DuckDBPyConnection) -> str:
    """What went wrong in plain English, then the engine's own words."""
    return f"{_plain_reason(error, connection)}\nDuckDB said: {str(error).strip()}"


def _plain_reason(error: duckdb.Error, connection: duckdb.DuckDBPyConnection) -> str:
    import duckdb

    said = str(error)
    if "read-only mode" in said:
        return "A release is never changed, so a query can only read it."
    if "configuration has been locked" in said:
        return "The settings of this connection are fixed, so that a query can only read the release."
    if isinstance(error, duckdb.PermissionException) or "disabled" in said:
        return (
            "A query reads one release and nothing else: no other file, database or extension, and it writes "
            "none. To keep a result, use --format csv -o FILE."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return "The query needs more memory than this computer has. Ask for fewer rows or columns, or group them."
    if missing := re.search(r"Table with name (.+?) does not exist", said):
        known = [
            f"{schema}.{table}"
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() order by all"
            ).fetchall()
        ]
        return _no_such_table(missing[1], known)
    if isinstance(error, duckdb.ParserException):
        return "The SQL could not be read."
    if isinstance(error, duckdb.BinderException) and "eferenced column" in said:
        return "The query names a column that is not there. ./ahp describe TABLE lists the columns of a table."
    return "The query could not be run."
