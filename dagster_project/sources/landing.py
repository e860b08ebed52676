"""One night's landing: every file in the landing folder is accepted, refused with its report, or known already.

Belongs here: the order of steps from a file to its landed rows. Does not: any one step.
A bad file stops only itself.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from dagster_project.home import Home
from dagster_project.sources import expecting
from dagster_project.sources.catalogue import SourceCard, load_cards
from dagster_project.sources.opening import open_file
from dagster_project.sources.problems import FileRefused, Problem
from dagster_project.sources.reading import Reading, read_sheets
from dagster_project.sources.store import (
    ACCEPTED,
    CELL_TABLES,
    QUARANTINED,
    CheckCount,
    Event,
    Store,
    cells_frame,
    now,
    reader_version,
    sha256_of,
)

progress = logging.getLogger("ahp.progress")
_NOT_FILES_OF_A_PERSON = ("Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class _Arrival:
    """A file that must be read: where its bytes are, and since when the store has known it."""

    card: SourceCard
    path: Path
    source_file: str
    sha256: str
    received_at: str

    @property
    def submission_id(self) -> str:
        return self.sha256[:16]


@dataclass
class Landing:
    """What a landing did: the events recorded, the files already known, and rows now landed by table.

    `still_refused` are those of the known files that were refused before and have not been mended.
    """

    accepted: list[Event] = field(default_factory=list)
    refused: list[Event] = field(default_factory=list)
    still_refused: list[Event] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    reread: list[Event] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    checks: list[CheckCount] = field(default_factory=list)


def land(home: Home, *, full: bool = False) -> Landing:
    """Reads whatever is new in the landing folder, and anew what another version of the reader had read.

    `full` reads every stored submission anew. Nothing is written to the landing folder.
    """
    store, cards, reader = Store(home), load_cards(), reader_version()
    events = store.events()
    result = Landing()
    arrivals, again = _to_read(home, store, cards, events, reader, full, result)
    recorded = _read_and_record(store, [*again, *arrivals], reader)
    for arrival, event in zip([*again, *arrivals], recorded, strict=True):
        if event.outcome == QUARANTINED:
            result.refused.append(event)
        else:
            (result.reread if arrival in again else result.accepted).append(event)
    result.rows = {**{table: store.landed_rows(table) for table in CELL_TABLES}, **store.write_registers(cards)}
    result.checks = checks_in_force(store)
    return result


def checks_in_force(store: Store) -> list[CheckCount]:
    """How each expectation fared when each accepted submission was last read."""
    latest = _latest_by_submission(store.events())
    return [CheckCount(**check) for event in latest.values() if event.outcome == ACCEPTED for check in event.checks]


def _to_read(
    home: Home,
    store: Store,
    cards: list[SourceCard],
    events: list[Event],
    reader: str,
    full: bool,
    result: Landing,
) -> tuple[list[_Arrival], list[_Arrival]]:
    """The files that are new, and the submissions to read anew."""
    latest_of_path = {event.source_file: event for event in events}
    latest_of_submission = _latest_by_submission(events)
    arrivals: list[_Arrival] = []
    taken: set[str] = set()
    for card in cards:
        for path in files_in(home.landing / card.landing_folder):
            source_file = path.relative_to(home.landing).as_posix()
            sha256 = sha256_of(path)
            known = latest_of_path.get(source_file)
            held = latest_of_submission.get(sha256[:16])
            same_as_before = known is not None and known.sha256 == sha256
            same_as_another = known is None and held is not None
            settled = held is not None and (held.outcome == ACCEPTED or held.reader == reader)
            if sha256 in taken or ((same_as_before or same_as_another) and settled):
                result.unchanged.append(source_file)
                if held is not None and held.outcome == QUARANTINED:
                    result.still_refused.append(held)
                continue
            taken.add(sha256)
            arrivals.append(_Arrival(card, path, source_file, sha256, now()))
    by_source = {card.source: card for card in cards}
    again = [
        _Arrival(
            card=by_source[event.source],
            path=store.bytes_path(event.sha256),
            source_file=event.source_file,
            sha256=event.sha256,
            received_at=event.received_at,
        )
        for event in latest_of_submission.values()
        if store.bytes_path(event.sha256).exists() and event.sha256 not in taken and (full or event.reader != reader)
    ]
    return arrivals, again


def _read_and_record(store: Store, arrivals: list[_Arrival], reader: str) -> list[Event]:
    readings: dict[str, Reading] = {}
    problems: dict[str, list[Problem]] = {}
    for arrival in arrivals:
        try:
            sheets = open_file(arrival.path, arrival.source_file)
            reading = read_sheets(sheets, arrival.card, date.fromisoformat(arrival.received_at[:10]))
        except FileRefused as refusal:
            problems[arrival.sha256] = list(refusal.problems)
        else:
            readings[arrival.sha256] = reading
            problems[arrival.sha256] = list(reading.problems)
    counts = _check(arrivals, readings, problems)
    recorded = []
    for position, arrival in enumerate(arrivals):
        event = _event(store, arrival, position, reader, readings.get(arrival.sha256), problems, counts)
        if event.outcome == ACCEPTED:
            store.keep_bytes(arrival.path, arrival.sha256)
            store.write_cells(event.submission_id, event.source, event.source_file, readings[arrival.sha256].cells)
            progress.info("Read %s: %s cells", event.file_name, f"{sum(event.rows.values()):,}")
        else:
            store.forget_cells(event.submission_id)
            event = _with_report(store, arrival, event)
            progress.info("Refused %s: %s", event.file_name, event.problems[0]["message"])
        store.record(event)
        recorded.append(event)
    return recorded


def _check(
    arrivals: list[_Arrival], readings: dict[str, Reading], problems: dict[str, list[Problem]]
) -> dict[str, list[CheckCount]]:
    """Runs each landed table's expectations over all that was read; a critical failure takes its file out."""
    import polars as pl

    counts: dict[str, list[CheckCount]] = {arrival.submission_id: [] for arrival in arrivals}
    sha_of = {arrival.submission_id: arrival.sha256 for arrival in arrivals}
    for table in CELL_TABLES:
        frames = [
            cells_frame(arrival.submission_id, arrival.card.source, arrival.source_file, cells)
            for arrival in arrivals
            if arrival.sha256 in readings
            and (cells := [cell for cell in readings[arrival.sha256].cells if cell.landed_table == table])
        ]
        if not frames:
            continue
        landed = pl.concat(frames)
        rows_of = dict(landed.group_by("submission_id").len().iter_rows())
        for outcome in expecting.check(table, landed):
            failed: dict[str, list[Problem]] = {}
            for submission_id, problem in outcome.broken:
                failed.setdefault(submission_id, []).append(problem)
            for submission_id, rows in rows_of.items():
                counts[submission_id].append(
                    CheckCount(table, outcome.expectation, outcome.severity, rows, len(failed.get(submission_id, ())))
                )
            for submission_id, found in failed.items():
                sha256 = sha_of[submission_id]
                if outcome.is_critical and sha256 in readings:
                    del readings[sha256]
                    problems[sha256] = []
                problems[sha256].extend(found)
    return counts


def _event(
    store: Store,
    arrival: _Arrival,
    position: int,
    reader: str,
    reading: Reading | None,
    problems: dict[str, list[Problem]],
    counts: dict[str, list[CheckCount]],
) -> Event:
    read_at = now()
    rows: dict[str, int] = {}
    for cell in reading.cells if reading else ():
        rows[cell.landed_table] = rows.get(cell.landed_table, 0) + 1
    return Event(
        event_id=store.next_event_id(read_at, position, arrival.sha256),
        submission_id=arrival.submission_id,
        sha256=arrival.sha256,
        source=arrival.card.source,
        source_file=arrival.source_file,
        size_bytes=arrival.path.stat().st_size,
        received_at=arrival.received_at,
        read_at=read_at,
        outcome=ACCEPTED if reading else QUARANTINED,
        reader=reader,
        documents=reading.documents if reading else [],
        figures=reading.figures if reading else [],
        rows=rows,
        problems=[problem.as_dict() for problem in problems[arrival.sha256]],
        checks=[asdict(count) for count in counts[arrival.submission_id]],
    )


def _with_report(store: Store, arrival: _Arrival, event: Event) -> Event:
    report = store.quarantine(arrival.path, event)
    return Event(**{**asdict(event), "report": report})


def files_in(folder: Path) -> list[Path]:
    """The files a person put there, in name order; what programs leave behind is passed over."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "~$")) and path.name not in _NOT_FILES_OF_A_PERSON
    ]


def _latest_by_submission(events: list[Event]) -> dict[str, Event]:
    return {event.submission_id: event for event in events}
