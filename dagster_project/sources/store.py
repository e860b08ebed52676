"""The store: accepted bytes by their hash, the ledger of everything that ever arrived, landed Parquet, and quarantine.

Belongs here: keeping and finding again. Does not: judging a file. Nothing here is ever edited in place: the ledger
only grows, bytes are written once, and a landed file is replaced whole when its bytes are read anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.home import Home
from dagster_project.sources.catalogue import CARDS_FOLDER, SourceCard
from dagster_project.sources.dates import in_words
from dagster_project.sources.invented import INVENTED_TITLE
from dagster_project.sources.landed import RETURN_TOTALS_TABLE, TOTALS_TABLE, LandedCell, return_document_name
from dagster_project.sources.person_level.cards import RowTable, lists_of_cards, row_tables
from dagster_project.sources.person_level.encrypted import ENCRYPTED
from dagster_project.sources.problems import Problem
from dagster_project.sources.return_layout import SEEDS, return_layout

if TYPE_CHECKING:
    import polars as pl

COLLATION_TABLES = ("council_workforce", "council_pipeline", "council_pay", "council_leadership", TOTALS_TABLE)
RETURN_TABLES = (*return_layout().landed_tables, RETURN_TOTALS_TABLE)
# Cells of tables that are no counts of staff, and whose rows are not of councils.
PUBLISHED_TABLES = ("employer_standards", "maturity")
CELL_TABLES = (*COLLATION_TABLES, *PUBLISHED_TABLES, *RETURN_TABLES)
# One row for each person or assignment, pseudonymised; all others hold one for each published cell.
ROW_TABLES = tuple(row_tables())
LANDED_TABLES = (*CELL_TABLES, *ROW_TABLES)
REGISTER_TABLES = ("submissions", "landing_problems", "documents", "return_questions")
ACCEPTED, QUARANTINED = "accepted", "quarantined"
# A refused file that somebody has taken out of the landing folder again; it asks nothing of anybody any more.
CLEARED = "cleared"
# An accepted submission that somebody has taken back, with a reason. What was in force before it is in force again.
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class CheckCount:
    """How one expectation fared on one submission's rows: how many it looked at, how many broke it."""

    table: str
    expectation: str
    severity: str
    evaluated: int
    failed: int


@dataclass(frozen=True)
class Lying:
    """A file as it lay in the landing folder: its content, and when it was saved, in seconds since 1970."""

    sha256: str
    saved_at: float


@dataclass(frozen=True)
class Event:
    """One line of the ledger: a file arrived (or was read anew) and this came of it. Times are UTC, ISO 8601."""

    event_id: str
    submission_id: str
    sha256: str
    source: str
    source_file: str
    size_bytes: int
    received_at: str
    read_at: str
    outcome: str
    reader: str
    documents: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    report: str = ""
    # The bundled inputs stand in until somebody lands a file of their own, and count no more from then on.
    is_bundled: bool = False
    # False where a refused file could not even be opened.
    was_opened: bool = True
    # The council and day of a return, from its cover; '' for a collation, which speaks for many.
    organisation_code: str = ""
    as_at_date: str = ""
    # Why and by which role a submission was withdrawn or reinstated; '' for an arrival.
    reason: str = ""
    decided_by: str = ""
    # False where a file has a row for each person: then neither its bytes, unless encrypted under a key that somebody
    # gives for it, nor a copy in quarantine are kept.
    bytes_kept: bool = True
    # How many rows of the file could not be used, by reason; the others landed.
    rows_refused: dict[str, int] = field(default_factory=dict)
    # How many rows were read and not landed, because they are of people whom this warehouse is not about.
    rows_out_of_scope: int = 0
    # Which key its pseudonyms were made with; '' where it has none.
    key_fingerprint: str = ""
    # True where the file itself says that its numbers are invented.
    is_invented: bool = False

    @property
    def file_name(self) -> str:
        return self.source_file.rsplit("/", 1)[-1]

    @property
    def has_people(self) -> bool:
        """Whether the file has a row for each person."""
        return not self.bytes_kept


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reader_version() -> str:
    """A short hash of everything that decides how a file is read: cards, layouts, names, reading code, expectations.

    A file read by another version is read anew from its stored bytes, so a release depends on store and commit alone.
    """
    digest = hashlib.sha256()
    suites = CARDS_FOLDER.parent.parent / "expectations"
    names = [SEEDS / name for name in ("organisations.csv", "organisation_names.csv", "return_choices.csv")]
    code = [*CARDS_FOLDER.rglob("*.py"), *CARDS_FOLDER.rglob("*.yml")]
    for path in sorted([*code, *names, *lists_of_cards(), *suites.glob("*.json")]):
        digest.update(path.name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


class Store:
    """The store of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.bytes_folder = home.store / "bytes"
        self.ledger_folder = home.store / "ledger"
        self.landed_folder = home.store / "landed"
        self.last_look_file = home.store / "last_look.json"

    def events(self) -> list[Event]:
        """The whole ledger, oldest first."""
        return [
            Event(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(self.ledger_folder.glob("*.json"))
        ]

    def record(self, event: Event) -> None:
        self.ledger_folder.mkdir(parents=True, exist_ok=True)
        _write_whole(
            self.ledger_folder / f"{event.event_id}.json",
            json.dumps(asdict(event), ensure_ascii=False, indent=1).encode(),
        )

    def next_event_id(self, read_at: str, position: int, sha256: str) -> str:
        moment = re.sub(r"[^0-9TZ]", "", read_at)
        return f"{moment}-{position:05d}-{sha256[:12]}"

    def last_look(self) -> dict[str, Lying] | None:
        """What lay in the landing folder when a night last looked, by its place there; None where that is not known."""
        try:
            files = json.loads(self.last_look_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            # Not worth a night: at worst a file that was put there again has to be saved once more.
            return None
        return {source_file: Lying(*lying) for source_file, lying in files.items()}

    def remember_look(self, files: Mapping[str, Lying]) -> None:
        self.last_look_file.parent.mkdir(parents=True, exist_ok=True)
        lines = {source_file: [lying.sha256, lying.saved_at] for source_file, lying in files.items()}
        _write_whole(self.last_look_file, json.dumps(lines, ensure_ascii=False, indent=1).encode())

    def bytes_path(self, sha256: str) -> Path:
        return self.bytes_folder / sha256[:2] / sha256

    def encrypted_path(self, sha256: str) -> Path:
        """Where the bytes of an extract of people lie, if anywhere."""
        kept = self.bytes_path(sha256)
        return kept.with_name(f"{kept.name}{ENCRYPTED}")

    def keep_bytes(self, content: bytes, sha256: str) -> None:
        kept = self.bytes_path(sha256)
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(kept, content)

    def write_cells(self, submission_id: str, source: str, source_file: str, cells: Sequence[LandedCell]) -> None:
        """Lands one submission: one Parquet file for each landed table it has cells for."""
        for table in CELL_TABLES:
            path = self.landed_folder / table / f"{submission_id}.parquet"
            rows = [cell for cell in cells if cell.landed_table == table]
            if rows:
                _write_parquet(path, cells_frame(submission_id, source, source_file, rows))
            else:
                path.unlink(missing_ok=True)

    def waiting_rows(self, table: str, submission_id: str) -> Path:
        """Where the rows of an extract wait until it is known whether they count."""
        return self.landed_folder / table / f"{submission_id}.parquet.partial"

    def take_rows(self, table: str, submission_id: str) -> None:
        """Lands the rows of an extract that are waiting."""
        waiting = self.waiting_rows(table, submission_id)
        os.replace(waiting, self.landed_folder / table / f"{submission_id}.parquet")

    def forget_waiting_rows(self) -> None:
        """Removes what an interrupted landing left behind."""
        for table in ROW_TABLES:
            for path in (self.landed_folder / table).glob("*.partial*"):
                path.unlink()

    def take_cells(self, other: Store, submission_id: str) -> None:
        """Copies what another store landed of a submission."""
        for table in LANDED_TABLES:
            landed = other.landed_folder / table / f"{submission_id}.parquet"
            if landed.exists():
                (self.landed_folder / table).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(landed, self.landed_folder / table / landed.name)

    def forget_cells(self, submission_id: str) -> None:
        for table in LANDED_TABLES:
            (self.landed_folder / table / f"{submission_id}.parquet").unlink(missing_ok=True)

    def write_registers(self, cards: Iterable[SourceCard]) -> dict[str, int]:
        """Writes the landed tables that are drawn from the ledger and the cards. Gives their row counts."""
        import polars as pl

        events = self.events()
        for table in CELL_TABLES:
            # A file without rows, so that a table nobody has sent yet still has its columns.
            _write_parquet(self.landed_folder / table / "_no_rows.parquet", cells_frame("", "", "", []))
        for name, row_table in row_tables().items():
            _write_parquet(self.landed_folder / name / "_no_rows.parquet", no_rows_frame(row_table))
        submissions = pl.DataFrame(
            [
                {
                    **{name: getattr(event, name) for name in _SUBMISSION_COLUMNS},
                    "file_name": event.file_name,
                    "figures": ", ".join(event.figures),
                    "cells": sum(event.rows.values()),
                    "problems": len(event.problems),
                    "is_bundled": event.is_bundled,
                    "organisation_code": event.organisation_code or None,
                    "as_at_date": date.fromisoformat(event.as_at_date) if event.as_at_date else None,
                    "reason": event.reason or None,
                    "decided_by": event.decided_by or None,
                    "bytes_kept": event.bytes_kept,
                    "rows_refused": sum(event.rows_refused.values()),
                    "rows_out_of_scope": event.rows_out_of_scope,
                    "key_fingerprint": event.key_fingerprint or None,
                    "is_invented": event.is_invented,
                }
                for event in events
            ],
            schema={
                **dict.fromkeys(_SUBMISSION_COLUMNS, pl.String),
                "size_bytes": pl.Int64,
                "file_name": pl.String,
                "figures": pl.String,
                "cells": pl.Int64,
                "problems": pl.Int64,
                "is_bundled": pl.Boolean,
                "organisation_code": pl.String,
                "as_at_date": pl.Date,
                "reason": pl.String,
                "decided_by": pl.String,
                "bytes_kept": pl.Boolean,
                "rows_refused": pl.Int64,
                "rows_out_of_scope": pl.Int64,
                "key_fingerprint": pl.String,
                "is_invented": pl.Boolean,
            },
        )
        problems = pl.DataFrame(
            [
                {"event_id": event.event_id, "submission_id": event.submission_id, **problem}
                for event in events
                for problem in event.problems
            ],
            schema={
                "event_id": pl.String,
                "submission_id": pl.String,
                **{part.name: pl.Int64 if part.name == "row" else pl.String for part in fields(Problem)},
            },
        )
        documents = pl.DataFrame(
            [{"source": card.source, **document.model_dump()} for card in cards for document in card.documents]
            + [
                return_document(event.source, day, is_invented=event.is_invented)
                for event, day in _days_of_returns(events)
            ]
        )
        questions = pl.DataFrame(
            [
                {
                    "field": question.field,
                    "question": question.question,
                    "part": part.part,
                    "choice_list": question.choices or None,
                    "return_group": question.states_group or None,
                    "learner_type": question.states_learners or None,
                }
                for part in return_layout().parts
                for question in part.questions
            ],
            infer_schema_length=None,
        )
        registers = dict(zip(REGISTER_TABLES, (submissions, problems, documents, questions), strict=True))
        for name, frame in registers.items():
            _write_parquet(self.landed_folder / name / f"{name}.parquet", frame)
        return {name: frame.height for name, frame in registers.items()}

    def landed_rows(self, table: str) -> int:
        import polars as pl

        paths = list((self.landed_folder / table).glob("*.parquet"))
        return int(pl.scan_parquet(paths).select(pl.len()).collect().item()) if paths else 0

    def quarantine(self, path: Path, event: Event) -> str:
        """Keeps the refused file with a readable report beside it. Gives the report's path inside the home.

        A file the system does not give is reported without a copy, and so is one with a row for each person.
        """
        self.home.quarantine.mkdir(parents=True, exist_ok=True)
        stem = f"{event.sha256[:12]}_{_safe_name(event.file_name)}"
        kept = self.home.quarantine / stem
        if event.bytes_kept and not kept.exists():
            partial = kept.with_name(f"{kept.name}.partial")
            with contextlib.suppress(FileNotFoundError, PermissionError, IsADirectoryError):
                shutil.copyfile(path, partial)
                os.replace(partial, kept)
        report = self.home.quarantine / f"{stem}.report.txt"
        _write_whole(report, _report(event).encode())
        return report.relative_to(self.home.root).as_posix()


def return_document(source: str, day: date, *, is_invented: bool = False) -> dict[str, Any]:
    """The councils' own returns for one day, as a document: what it is called and what its numbers stand for.

    Who employs, who pays and whom the staff serve differ from row to row and stand there.
    """
    return {
        "source": source,
        "document": return_document_name(day, is_invented=is_invented),
        "title": f"{INVENTED_TITLE if is_invented else ''}Council returns as at {in_words(day)}",
        "published_on": day,
        "as_at_date": day,
        "as_at_basis": "collection",
        "academic_year": None,
        "pay_year": None,
        "employer": None,
        "funder": None,
        "service_age_scope": None,
    }


def _days_of_returns(events: Sequence[Event]) -> list[tuple[Event, date]]:
    days = {
        (event.source, event.as_at_date, event.is_invented): event
        for event in events
        if event.organisation_code and event.as_at_date and event.outcome in (ACCEPTED, WITHDRAWN)
    }
    return [(event, date.fromisoformat(day)) for (_, day, _), event in sorted(days.items())]


_SUBMISSION_COLUMNS = (
    "event_id",
    "submission_id",
    "sha256",
    "source",
    "source_file",
    "size_bytes",
    "received_at",
    "read_at",
    "outcome",
    "reader",
)


def cells_frame(submission_id: str, source: str, source_file: str, cells: Sequence[LandedCell]) -> pl.DataFrame:
    import polars as pl

    names = [part.name for part in fields(LandedCell) if part.name != "landed_table"]
    schema = {name: pl.Int64 if name == "source_row" else pl.String for name in names}
    frame = pl.DataFrame([[getattr(cell, name) for name in names] for cell in cells], schema=schema, orient="row")
    return frame.select(
        pl.lit(submission_id).alias("submission_id"),
        pl.lit(source).alias("source"),
        pl.lit(source_file).alias("source_file"),
        pl.all(),
    )


def no_rows_frame(table: RowTable) -> pl.DataFrame:
    import polars as pl

    types = {"source_row": pl.Int64, "as_at_date": pl.Date}
    return pl.DataFrame(schema={name: types.get(name, pl.String) for name in table.columns})


def _report(event: Event) -> str:
    lines = [
        f"{event.file_name} was not used.",
        "",
        f"Where it came from: {event.source_file}",
        f"When it was read:   {event.read_at}",
        f"Its fingerprint:    {event.sha256} (SHA-256)",
        "",
        "Nothing of this file is counted. If an earlier file holds the same figures, that one stays in force.",
        *([] if event.bytes_kept else ["It has a row for each person, so no copy of it was kept."]),
        "",
        f"What was found ({len(event.problems)}):",
    ]
    for number, details in enumerate(event.problems, start=1):
        problem = Problem(**details)
        lines += [
            "",
            f"{number}. In {problem.where}: {problem.message}",
            f"   What to do: {problem.suggestion}",
        ]
    lines += ["", "Put the mended file in the landing folder; it is read on the next refresh."]
    return "\n".join(lines) + "\n"


def _safe_name(name: str) -> str:
    # Systems allow 255 bytes for a name, and a letter may take four.
    return re.sub(r"[^\w.-]+", "_", name)[-50:].strip("._") or "file"


def _write_whole(path: Path, content: bytes) -> None:
    """Writes beside and moves into place, so that nobody ever reads half a file."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def _write_parquet(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    frame.write_parquet(partial)
    os.replace(partial, path)
