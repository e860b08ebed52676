"""One night's landing: every file in the landing folder is accepted, refused with its report, or known already.

Belongs here: the order of steps from a file to its landed rows. Does not: any one step.
A bad file stops only itself.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from dagster_project.home import ABSOLUTE_PATH, Home
from dagster_project.sources import expecting
from dagster_project.sources.catalogue import SourceCard, load_card, load_cards
from dagster_project.sources.invented import are_marked
from dagster_project.sources.landed import Reading
from dagster_project.sources.opening import Sheet, load_bytes, open_with_remarks
from dagster_project.sources.person_level.cards import PersonLevelCard, load_person_level_cards
from dagster_project.sources.person_level.encrypted import (
    BYTES_KEY_VARIABLE,
    BytesKey,
    EncryptedFile,
    NotReadable,
    bytes_keys,
    change_key,
    encrypt,
    encrypted_file,
)
from dagster_project.sources.person_level.examining import beginning_of, examine
from dagster_project.sources.person_level.headings import has_a_row_for_each_person, recognise
from dagster_project.sources.person_level.keys import pseudonym_key
from dagster_project.sources.person_level.reading import ROWS_REFUSED, Origin, read_extract
from dagster_project.sources.person_level.workbooks import examine_workbook
from dagster_project.sources.problems import FileRefused, Problem, refused
from dagster_project.sources.reading import headings_known, read_sheets
from dagster_project.sources.released_roles import RELEASED_ROLES_TABLE, land_released_roles
from dagster_project.sources.return_reading import looks_like_a_return, read_return
from dagster_project.sources.role_decisions import DECISIONS_TABLE, prepare_table
from dagster_project.sources.store import (
    ACCEPTED,
    CLEARED,
    LANDED_TABLES,
    QUARANTINED,
    ROW_TABLES,
    WITHDRAWN,
    CheckCount,
    Event,
    Lying,
    Store,
    cells_frame,
    now,
    reader_version,
    sha256_of,
)

if TYPE_CHECKING:
    import polars as pl

COUNCIL_RETURNS = "council_returns"
MOST_PROBLEMS_LISTED = 100
# Of two files saved within this many seconds nobody can say which is the newer; some disks keep time that coarsely.
SAVED_TOGETHER_SECONDS = 2
Expectations = Callable[[str, "pl.DataFrame"], list[expecting.Outcome]]
progress = logging.getLogger("ahp.progress")
_logger = logging.getLogger(__name__)
_CAME_TOGETHER = "returns_came_together"
_NOT_FILES_OF_A_PERSON = ("thumbs.db", "desktop.ini")
_EXTRACTS_END_WITH = (".csv", ".txt", ".tsv", ".psv")


@dataclass(frozen=True)
class _Arrival:
    """A file that must be read: where its bytes are, when it was saved, and since when the store has known it.

    `not_opened` says why the system did not give its bytes; its `sha256` is then a stand-in. `is_read_again` marks an
    extract that was landed before, whose bytes lie nowhere else.
    """

    card: SourceCard | PersonLevelCard
    path: Path
    source_file: str
    sha256: str
    received_at: str
    size_bytes: int
    is_stored: bool = False
    # The bytes in the store as if they lay there in plain, where they are encrypted.
    encrypted: EncryptedFile | None = None
    is_bundled: bool = False
    is_known_of_old: bool = False
    is_read_again: bool = False
    saved_at: float = 0.0
    not_opened: Problem | None = None

    @property
    def submission_id(self) -> str:
        return self.sha256[:16]


@dataclass
class _Read:
    """An arrival and what came of reading it: a reading with remarks, or the problems that stop it."""

    arrival: _Arrival
    content: bytes = b""
    reading: Reading | None = None
    problems: list[Problem] = field(default_factory=list)
    checks: list[CheckCount] = field(default_factory=list)
    was_opened: bool = True
    # Whose return it is and of which day, also where it is refused for something else.
    organisation_code: str = ""
    as_at_date: date | None = None
    # Whether its rows are people, wherever it lay; nothing of such a file is copied.
    has_people: bool = False

    @property
    def is_new_return(self) -> bool:
        return (
            self.reading is not None
            and self.reading.as_at_date is not None
            and self.reading.rows is None
            and not self.arrival.is_stored
        )


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


def land(home: Home, *, full: bool = False, expectations: Expectations = expecting.check) -> Landing:
    """Reads whatever is new in the landing folder, and anew what another version of the reader had read.

    `full` reads every stored submission anew. `expectations` checks the rows of a landed table against its suite.
    Nothing is written to the landing folder.
    """
    store, cards, reader = Store(home), load_cards(), reader_version()
    keys = bytes_keys(home)
    _take_up_another_key(store, keys)
    store.forget_waiting_rows()
    events = store.events()
    result = Landing()
    every_card = landing_cards()
    lying = [
        arrival
        for card in every_card
        for path in files_in(home.landing / card.landing_folder)
        if (arrival := _arrival(card, path, source_file_of(home.landing, path))) is not None
    ]
    arrivals, again = _to_read(home, store, cards, lying, events, reader, full, result)
    again += _encrypted_to_read(home, store, keys, events, reader, full, {arrival.sha256 for arrival in arrivals})
    recorded = _read_and_record(store, [*again, *arrivals], reader, expectations)
    for arrival, event in recorded:
        if event.outcome == QUARANTINED:
            result.refused.append(event)
        else:
            (result.reread if arrival.is_stored or arrival.is_read_again else result.accepted).append(event)
    _keep_encrypted(store, keys, lying)
    _clear_what_was_taken_away(home, store)
    left = {arrival.source_file for arrival in arrivals} - {arrival.source_file for arrival, _ in recorded}
    _remember_look(home, store, every_card, [arrival for arrival in lying if arrival.source_file not in left])
    prepare_table(home.store)
    land_released_roles(home)
    result.rows = {
        **{table: store.landed_rows(table) for table in (*LANDED_TABLES, DECISIONS_TABLE, RELEASED_ROLES_TABLE)},
        **store.write_registers(cards),
    }
    result.checks = checks_in_force(store)
    return result


def seems_settled(home: Home) -> bool:
    """Whether, at a glance, a landing would read nothing: every file has been read as it is, by this reader.

    A hint for what to get ready, from names, sizes and times alone; the landing itself looks at the content.
    """
    reader = reader_version()
    read = {event.source_file: event for event in Store(home).events()}
    if any(event.reader != reader for event in read.values()):
        return False
    for card in landing_cards():
        for path in files_in(home.landing / card.landing_folder):
            event = read.get(source_file_of(home.landing, path))
            try:
                state = path.stat()
            except OSError:
                return False
            saved = datetime.fromtimestamp(state.st_mtime, UTC).isoformat()
            if event is None or event.size_bytes != state.st_size or event.read_at < saved:
                return False
    return True


def landing_cards() -> list[SourceCard | PersonLevelCard]:
    """The cards of everything that may be landed, each with a folder of its own."""
    return [*load_cards(), *load_person_level_cards()]


def speak_of_the_same(one: Event, other: Event, cards: list[SourceCard]) -> bool:
    """Whether two submissions may hold numbers of one council, group and day, so that the later one replaces these."""
    if not _days_of(one, cards) & _days_of(other, cards):
        return False
    if one.has_people or other.has_people:
        return one.has_people and other.has_people and one.source == other.source
    if one.organisation_code and other.organisation_code:
        return one.organisation_code == other.organisation_code
    # A council's own return speaks of all figures.
    return bool(one.organisation_code or other.organisation_code or set(one.figures) & set(other.figures))


def _days_of(event: Event, cards: list[SourceCard]) -> set[str]:
    if event.as_at_date:
        return {event.as_at_date}
    named = (card.document(document) for card in cards for document in event.documents)
    return {document.as_at_date.isoformat() for document in named if document}


def _clear_what_was_taken_away(home: Home, store: Store) -> None:
    """Records that a refused file no longer lies where it lay, so that its findings do not stay open for good."""
    events = store.events()
    latest_of_path = {event.source_file: event for event in events}
    # The same bytes may have come again under another name, and count now.
    latest_of_submission = _latest_by_submission(events)
    for card in landing_cards():
        folder = home.landing / card.landing_folder
        if not folder.is_dir():
            # A shared drive that cannot be reached says nothing about the files on it.
            continue
        present = {source_file_of(home.landing, path) for path in files_in(folder)}
        gone = [
            event
            for event in latest_of_path.values()
            if event.source == card.source
            and event.outcome == QUARANTINED
            and event.source_file not in present
            and latest_of_submission[event.submission_id] is event
        ]
        for position, event in enumerate(gone):
            read_at = now()
            event_id = store.next_event_id(read_at, position, event.sha256)
            store.record(replace(event, event_id=event_id, read_at=read_at, outcome=CLEARED))


def checks_in_force(store: Store) -> list[CheckCount]:
    """How each expectation fared when each accepted submission was last read."""
    latest = _latest_by_submission(store.events())
    return [CheckCount(**check) for event in latest.values() if event.outcome == ACCEPTED for check in event.checks]


def _to_read(
    home: Home,
    store: Store,
    cards: list[SourceCard],
    lying: list[_Arrival],
    events: list[Event],
    reader: str,
    full: bool,
    result: Landing,
) -> tuple[list[_Arrival], list[_Arrival]]:
    """The files that are new, and the submissions to read anew."""
    # A night on which a file could not be opened says nothing about its content.
    latest_of_path = {event.source_file: event for event in events if event.sha256 != _stand_in_hash(event.source_file)}
    last_event_of_path = {event.source_file: event for event in events}
    latest_of_submission = _latest_by_submission(events)
    put_back = _PutBack(home, cards, events, lying, store.last_look())
    arrivals: list[_Arrival] = []
    taken: set[tuple[str, str]] = set()
    for arrival in lying:
        source_file, sha256, kind = arrival.source_file, arrival.sha256, _kind(arrival.source_file)
        known = latest_of_path.get(source_file)
        held = latest_of_submission.get(arrival.submission_id)
        same_as_before = known is not None and known.sha256 == sha256
        same_as_another = known is None and held is not None
        last_tried = known if same_as_before else held
        counts_anew = held is not None and put_back.counts_anew(arrival, held)
        # What was refused under one ending may be whole under another.
        settled = (
            held is not None
            and held.outcome != CLEARED
            # A person's copy of a bundled file is the person's.
            and (home.uses_bundled_inputs or not held.is_bundled)
            and not counts_anew
            and not put_back.may_have_been_settled(arrival, held)
            and (
                # What somebody took back stays taken back, however often it lies there.
                held.outcome in (ACCEPTED, WITHDRAWN)
                or (last_tried is not None and last_tried.reader == reader and _kind(last_tried.source_file) == kind)
            )
        )
        could_be_opened = known is last_event_of_path.get(source_file)
        is_read_again = _must_be_read_again(home, arrival.card, held, reader, full)
        if arrival.not_opened is None and (
            (sha256, kind) in taken
            or ((same_as_before or same_as_another) and settled and could_be_opened and not is_read_again)
        ):
            result.unchanged.append(source_file)
            if held is not None and held.outcome == QUARANTINED:
                result.still_refused.append(held)
            continue
        if arrival.not_opened is not None and held is not None and held is last_event_of_path.get(source_file):
            result.unchanged.append(source_file)
            result.still_refused.append(held)
            continue
        taken.add((sha256, kind))
        # Trying again what lay here before must not make it newer than what has come since.
        first_met = last_tried if (same_as_before or same_as_another) and not counts_anew else None
        if first_met and first_met.is_bundled == home.uses_bundled_inputs:
            arrival = replace(arrival, received_at=first_met.received_at, is_known_of_old=True)
        if is_read_again and held is not None and not counts_anew:
            arrival = replace(arrival, received_at=held.received_at, is_read_again=True)
        arrivals.append(replace(arrival, is_bundled=home.uses_bundled_inputs))
    arriving = {arrival.sha256 for arrival in arrivals}
    by_source = {card.source: card for card in load_cards()}
    again = [
        _Arrival(
            card=by_source[event.source],
            path=store.bytes_path(event.sha256),
            source_file=event.source_file,
            sha256=event.sha256,
            received_at=event.received_at,
            size_bytes=event.size_bytes,
            is_stored=True,
            is_bundled=event.is_bundled,
        )
        for event in latest_of_submission.values()
        if event.outcome != WITHDRAWN
        and store.bytes_path(event.sha256).exists()
        and event.sha256 not in arriving
        and (full or event.reader != reader)
    ]
    return arrivals, again


def _must_be_read_again(
    home: Home, card: SourceCard | PersonLevelCard, held: Event | None, reader: str, full: bool
) -> bool:
    """Whether an extract that counts was read otherwise than it would be now."""
    if not isinstance(card, PersonLevelCard) or held is None or held.outcome != ACCEPTED:
        return False
    return full or held.reader != reader or held.key_fingerprint != pseudonym_key(home).fingerprint


def _encrypted_to_read(
    home: Home,
    store: Store,
    keys: tuple[BytesKey, ...],
    events: list[Event],
    reader: str,
    full: bool,
    arriving: set[str],
) -> list[_Arrival]:
    """The extracts to read anew from their encrypted bytes, since they lie in the landing folder no more."""
    cards = {card.source: card for card in load_person_level_cards()}
    found, locked = [], 0
    for event in _latest_by_submission(events).values():
        path = store.encrypted_path(event.sha256)
        card = cards.get(event.source)
        if card is None or event.outcome == WITHDRAWN or event.sha256 in arriving or not path.exists():
            continue
        has_another_key = event.key_fingerprint and event.key_fingerprint != pseudonym_key(home).fingerprint
        if not (full or event.reader != reader or has_another_key):
            continue
        encrypted = _unlocked(path, event.source_file, keys)
        if encrypted is None:
            locked += 1
            continue
        found.append(
            _Arrival(
                card=card,
                path=path,
                source_file=event.source_file,
                sha256=event.sha256,
                received_at=event.received_at,
                size_bytes=event.size_bytes,
                is_stored=True,
                encrypted=encrypted,
                is_bundled=event.is_bundled,
            )
        )
    if locked:
        progress.info(
            "Left %s extracts as they were read before: their bytes are kept encrypted, and %s does not hold the key.",
            f"{locked:,}",
            BYTES_KEY_VARIABLE,
        )
    return found


def _unlocked(path: Path, source_file: str, keys: tuple[BytesKey, ...]) -> EncryptedFile | None:
    """Raises RuntimeError when it is no encrypted file."""
    try:
        return encrypted_file(path, keys)
    except NotReadable:
        raise _damaged(source_file, path.name) from None


def _damaged(source_file: str, sha256: str) -> RuntimeError:
    return RuntimeError(
        f"The stored copy of {source_file} ({sha256[:12]}) is damaged. Put it back from a copy of the store."
    )


def _take_up_another_key(store: Store, keys: tuple[BytesKey, ...]) -> None:
    """Encrypts anew what is kept under an earlier key. Raises RuntimeError when something of it is damaged."""
    try:
        changed = change_key(store.bytes_folder, keys)
    except NotReadable as damage:
        raise _damaged("an extract", str(damage)) from None
    if changed:
        progress.info("Encrypted %s kept extracts anew, under the key that is now in use", f"{changed:,}")


def _keep_encrypted(store: Store, keys: tuple[BytesKey, ...], lying: list[_Arrival]) -> None:
    """Keeps the bytes of the extracts that count and lie in the landing folder, where there is a key for it."""
    if not keys:
        return
    latest = _latest_by_submission(store.events())
    for arrival in lying:
        event = latest.get(arrival.submission_id)
        target = store.encrypted_path(arrival.sha256)
        if event is None or event.outcome != ACCEPTED or not event.has_people or target.exists():
            continue
        try:
            with arrival.path.open("rb") as file:
                kept = encrypt(file, target, keys[0])
        except FileNotFoundError:
            continue
        if kept != arrival.sha256:
            # Somebody wrote to it after it was read.
            target.unlink()


class _PutBack:
    """Which of the files known already somebody has put there again since a night last looked."""

    def __init__(
        self,
        home: Home,
        cards: list[SourceCard],
        events: list[Event],
        lying: list[_Arrival],
        before: dict[str, Lying] | None,
    ) -> None:
        self._cards = cards
        self._events = events
        self._latest = list(_latest_by_submission(events).values())
        self._lying = {arrival.sha256 for arrival in lying}
        # The bundled inputs are put there by nobody, and before the first look nothing can be told apart.
        self._placed = (
            set() if home.uses_bundled_inputs or before is None else set(_placed_anew(_as_lying(lying), before))
        )
        self._placed_bytes = {arrival.sha256 for arrival in lying if arrival.source_file in self._placed}

    def counts_anew(self, arrival: _Arrival, held: Event) -> bool:
        """Whether it is an arrival of its own, newer than all that has counted since it first came.

        Where that was put there again as well, a folder was copied or moved, and the order they first came in holds.
        """
        is_placed = arrival.source_file in self._placed
        if not is_placed and not self.may_have_been_settled(arrival, held):
            return False
        since = self._accepted_since(held)
        if is_placed and not any(event.sha256 in self._placed_bytes for event in since):
            return _came_together_once(held) or (held.outcome == ACCEPTED and bool(since))
        return not since and not is_placed

    def may_have_been_settled(self, arrival: _Arrival, held: Event) -> bool:
        """Whether a return that was refused beside another may be read again: saved again, or the only one left."""
        if not _came_together_once(held):
            return False
        rivals = {
            event.sha256
            for event in self._events
            if _came_together_once(event)
            and (event.organisation_code, event.as_at_date) == (held.organisation_code, held.as_at_date)
        } - {held.sha256}
        accepted = {event.sha256 for event in self._latest if event.outcome == ACCEPTED}
        return arrival.source_file in self._placed or not rivals & (self._lying | accepted)

    def _accepted_since(self, held: Event) -> list[Event]:
        return [
            event
            for event in self._latest
            if event.outcome == ACCEPTED
            and (event.received_at, event.event_id) > (held.received_at, held.event_id)
            and speak_of_the_same(held, event, self._cards)
        ]


def _came_together_once(event: Event) -> bool:
    return event.outcome in (QUARANTINED, CLEARED) and any(
        problem["rule_id"] == _CAME_TOGETHER for problem in event.problems
    )


def _remember_look(
    home: Home, store: Store, cards: Sequence[SourceCard | PersonLevelCard], lying: list[_Arrival]
) -> None:
    """Keeps what lay there for the next night; of a folder or file that cannot be reached, what was known before."""
    if home.uses_bundled_inputs:
        return
    unreached = tuple(f"{card.landing_folder}/" for card in cards if not (home.landing / card.landing_folder).is_dir())
    closed = {arrival.source_file for arrival in lying if arrival.not_opened}
    before = {
        source_file: was
        for source_file, was in (store.last_look() or {}).items()
        if source_file in closed or source_file.startswith(unreached)
    }
    store.remember_look(before | _as_lying(lying))


def _as_lying(arrivals: list[_Arrival]) -> dict[str, Lying]:
    return {
        arrival.source_file: Lying(arrival.sha256, arrival.saved_at) for arrival in arrivals if not arrival.not_opened
    }


def _placed_anew(lying: dict[str, Lying], before: dict[str, Lying]) -> Iterator[str]:
    """The files that did not lie there, or were saved at another time; not those that only have another name now."""
    gone = {was for path, was in before.items() if path not in lying or lying[path].sha256 != was.sha256}
    for source_file, file in lying.items():
        was = before.get(source_file)
        lay_there = (
            was is not None and was.sha256 == file.sha256 and abs(was.saved_at - file.saved_at) < SAVED_TOGETHER_SECONDS
        )
        if not lay_there and file not in gone:
            yield source_file


def _kind(source_file: str) -> str:
    return PurePath(source_file).suffix.lower()


def _arrival(card: SourceCard | PersonLevelCard, path: Path, source_file: str) -> _Arrival | None:
    """The file as it lies there, or None when it has gone since the folder was listed."""
    try:
        state = path.stat()
        return _Arrival(card, path, source_file, sha256_of(path), now(), state.st_size, saved_at=state.st_mtime)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = Problem(
            "file_refused",
            f"The file could not be opened ({error.strerror or type(error).__name__}).",
            "Check that it may be read, that no program keeps it locked, and that its folder is connected.",
        )
        return _Arrival(card, path, source_file, _stand_in_hash(source_file), now(), 0, not_opened=problem)


def _stand_in_hash(source_file: str) -> str:
    return hashlib.sha256(f"could not be opened: {source_file}".encode()).hexdigest()


def _read_and_record(
    store: Store, arrivals: list[_Arrival], reader: str, expectations: Expectations
) -> list[tuple[_Arrival, Event]]:
    # The files of one night are numbered through, so that their events have an order.
    files = [file for arrival in arrivals if (file := _read(store, arrival)) is not None]
    # The same bytes may lie there twice, under an ending that fits them and under one that does not.
    whole = {file.arrival.sha256 for file in files if file.reading}
    files = [file for file in files if file.reading or file.arrival.sha256 not in whole]
    _settle_which_counts(files)
    _notice_another_key(store, files)
    _check(files, expectations)
    recorded = []
    for position, file in enumerate(files):
        event = _event(store, file, position, reader)
        if file.reading is not None and file.reading.rows is not None:
            store.take_rows(file.reading.rows.table, event.submission_id)
            progress.info("Read %s: %s rows", event.file_name, f"{sum(event.rows.values()):,}")
        elif file.reading is not None:
            store.keep_bytes(file.content, event.sha256)
            store.write_cells(event.submission_id, event.source, event.source_file, file.reading.cells)
            progress.info("Read %s: %s cells", event.file_name, f"{sum(event.rows.values()):,}")
        else:
            store.forget_cells(event.submission_id)
            event = replace(event, report=store.quarantine(file.arrival.path, event))
            progress.info("Refused %s: %s", event.file_name, event.problems[0]["message"])
        store.record(event)
        recorded.append((file.arrival, event))
    store.forget_waiting_rows()
    return recorded


def _settle_which_counts(files: list[_Read]) -> None:
    """Of returns that came together for one council and day the one saved last counts, where that can be told.

    A return that has just come is newer than a collation of the same night: the council's own word is the later one.
    """
    together: dict[tuple[str, date], list[_Read]] = {}
    # Events are numbered in this order, and the last of them is the newest.
    files.sort(key=lambda file: file.arrival.saved_at if file.is_new_return else 0.0)
    for file in files:
        if file.is_new_return and file.reading and file.reading.as_at_date:
            together.setdefault((file.reading.organisation_code, file.reading.as_at_date), []).append(file)
    for returns in together.values():
        last = returns[-1]
        differing = [file for file in returns if not _holds_the_same(file, last)]
        at_once = [file for file in returns if last.arrival.saved_at - file.arrival.saved_at < SAVED_TOGETHER_SECONDS]
        is_clear = not any(file in differing for file in at_once)
        if not is_clear:
            for file in at_once:
                file.reading, file.problems = None, [_came_together(file, at_once)]
        for file in returns:
            # What lay there before keeps its day.
            if file.reading and not file.arrival.is_known_of_old:
                file.arrival = replace(file.arrival, received_at=now())
        if is_clear and differing:
            last.problems.append(_saved_last(last, differing))


def _holds_the_same(one: _Read, other: _Read) -> bool:
    """Whether two files land the same cells; a workbook that is only saved again has other bytes."""
    return one.reading is not None and other.reading is not None and one.reading.cells == other.reading.cells


def _notice_another_key(store: Store, files: list[_Read]) -> None:
    """Warns where people cannot be followed from earlier extracts, whose pseudonyms were made with another key."""
    with_people = [(file, file.reading.rows) for file in files if file.reading and file.reading.rows]
    if not with_people:
        return
    read_now = {file.arrival.submission_id for file in files}
    earlier = [
        event
        for event in _latest_by_submission(store.events()).values()
        if event.outcome == ACCEPTED and event.key_fingerprint and event.submission_id not in read_now
    ]
    for file, rows in with_people:
        others = [
            event
            for event in earlier
            if event.source == file.arrival.card.source and event.key_fingerprint != rows.key_fingerprint
        ]
        if others:
            file.problems.append(
                Problem(
                    "pseudonym_key_changed",
                    f"Its pseudonyms were made with another key than those of {len(others):,} earlier extracts, so "
                    "nobody in it can be followed from them.",
                    "Put the earlier key back, or put the earlier extracts into the landing folder again: those that "
                    "lie there are read anew with the key in use.",
                )
            )


def _came_together(file: _Read, rivals: list[_Read]) -> Problem:
    others = ", ".join(f"'{other.arrival.source_file}'" for other in rivals if other is not file)
    return Problem(
        _CAME_TOGETHER,
        f"It came together with {others}, for the same council and the same day, and they differ. Both were saved at "
        "the same time, so it is not known which one counts.",
        "Remove the file that should not count, and save the other one again.",
    )


def _saved_last(last: _Read, earlier: list[_Read]) -> Problem:
    others = ", ".join(f"'{other.arrival.source_file}'" for other in earlier)
    return Problem(
        _CAME_TOGETHER,
        f"It came together with {others}, for the same council and the same day. This one was saved last, so it "
        "counts.",
        "Remove the older file from the landing folder when that is right; save it again when it should count.",
    )


def _read(store: Store, arrival: _Arrival) -> _Read | None:
    """What a file holds, or None when it went or changed meanwhile: it is then read on the next refresh.

    Raises OSError or RuntimeError when the store's own copy is not what was put there.
    """
    file = _Read(arrival)
    try:
        if arrival.not_opened:
            raise FileRefused(arrival.not_opened)
        if isinstance(arrival.card, PersonLevelCard):
            file.has_people = True
            file.reading = _people(store, arrival, arrival.card)
            if file.reading is None:
                return None
        else:
            _must_be_no_extract(file)
            content = _content(arrival)
            if content is None:
                return None
            file.content = content
            file.reading = _reading(file, arrival.card)
        file.problems = list(file.reading.problems)
        file.organisation_code, file.as_at_date = file.reading.organisation_code, file.reading.as_at_date
    except FileRefused as refusal:
        file.problems = list(refusal.problems)
        file.organisation_code, file.as_at_date = refusal.organisation_code, refusal.as_at_date
        # A refusal that names a place has seen what stands there.
        file.was_opened = any(problem.sheet or problem.row for problem in refusal.problems)
    return file


def _content(arrival: _Arrival) -> bytes | None:
    try:
        content = load_bytes(arrival.path, arrival.source_file)
    except OSError:
        if arrival.is_stored:
            raise
        _leave_for_the_next_refresh(arrival, "it could no longer be opened")
        return None
    if hashlib.sha256(content).hexdigest() == arrival.sha256:
        return content
    if arrival.is_stored:
        raise _damaged(arrival.source_file, arrival.sha256)
    _leave_for_the_next_refresh(arrival, "it was still being written")
    return None


def _people(store: Store, arrival: _Arrival, card: PersonLevelCard) -> Reading | None:
    """The rows of an extract, waiting in the store; None when the file went or changed meanwhile.

    Raises FileRefused for whatever is wrong with the file, foreseen or not, KeyNotUsable, OSError when the store cannot
    be written to, and RuntimeError when its own encrypted copy is damaged.
    """
    is_text = PurePath(arrival.source_file).suffix.lower() in _EXTRACTS_END_WITH
    if not is_text and all(table.has_people for table in card.tables):
        raise refused(
            "The file is not a CSV file, the only kind in which extracts with a row for each person are read.",
            f"Export the extract as a CSV file, with one of the endings {', '.join(_EXTRACTS_END_WITH)}.",
        )
    key = pseudonym_key(store.home)
    plain = arrival.encrypted or arrival.path
    try:
        state = arrival.path.stat()
        if is_text:
            examined = examine(plain)
        else:
            content = (
                arrival.encrypted.read_bytes() if arrival.encrypted else load_bytes(arrival.path, arrival.source_file)
            )
            examined = examine_workbook(plain, PurePath(arrival.source_file).name, content, card)
    except NotReadable:
        raise _damaged(arrival.source_file, arrival.sha256) from None
    except OSError:
        if arrival.is_stored:
            raise
        _leave_for_the_next_refresh(arrival, "it could no longer be opened")
        return None
    if examined.sha256 != arrival.sha256:
        _leave_for_the_next_refresh(arrival, "it was still being written")
        return None
    origin = Origin(arrival.submission_id, card.source, arrival.source_file)
    try:
        rows = read_extract(examined, card, key, origin, lambda table: store.waiting_rows(table, arrival.submission_id))
        read = arrival.path.stat()
    except FileNotFoundError:
        _leave_for_the_next_refresh(arrival, "it could no longer be opened")
        return None
    except (FileRefused, OSError):
        raise
    except Exception as error:
        # What an unforeseen error says, and where it was raised, may quote a row.
        _logger.warning("Reading %s failed (%s).", arrival.source_file, type(error).__name__)
        raise refused(
            f"The file could not be read, for a reason that was not foreseen ({type(error).__name__}).",
            "Export the extract again. If it is refused as well, tell the people who look after this warehouse.",
        ) from None
    if (read.st_size, read.st_mtime_ns) != (state.st_size, state.st_mtime_ns):
        _leave_for_the_next_refresh(arrival, "it was still being written")
        return None
    return Reading(problems=rows.problems, as_at_date=rows.as_at_date, rows=rows, is_invented=rows.is_invented)


def _leave_for_the_next_refresh(arrival: _Arrival, why: str) -> None:
    progress.info("Left %s for the next refresh: %s", arrival.source_file, why)


def extract_card_of(path: Path) -> PersonLevelCard | None:
    """The card of an extract with a row for each person, by the headings of a file; None for any other file."""
    if path.suffix.lower() not in _EXTRACTS_END_WITH:
        return None
    try:
        heading = recognise(beginning_of(path))
    except OSError:
        return None
    return heading.card if heading and heading.tells_people_apart else None


def folder_of(path: Path) -> str:
    """The landing folder of the source whose headings a file has; that of councils' returns where it has none."""
    extract = extract_card_of(path)
    if extract is not None:
        return extract.landing_folder
    cards = {card.source: card for card in load_cards()}
    nearest = cards[COUNCIL_RETURNS]
    try:
        sheets = open_with_remarks(load_bytes(path, path.name), path.name).sheets
    except (FileRefused, OSError):
        return nearest.landing_folder
    if not looks_like_a_return(sheets):
        today = datetime.now(UTC).date()
        # Of cards that know as many of them, the first in this order.
        nearest = max(
            (nearest, *(card for card in cards.values() if card is not nearest)),
            key=lambda card: headings_known(sheets, card, today),
        )
    return nearest.landing_folder


def _must_be_no_extract(file: _Read) -> None:
    """Raises FileRefused when a text file among the collations and returns has a row for each person.

    It is found before anything else is read, so that neither a copy nor a message holds what stands in it.
    """
    card = None if file.arrival.is_stored else extract_card_of(file.arrival.path)
    if card is not None:
        file.has_people = True
        raise _in_the_wrong_folder(card)


def _must_hold_no_extract(file: _Read, sheets: Sequence[Sheet]) -> None:
    """Raises FileRefused when a sheet has a row for each person."""
    for sheet in sheets:
        card = has_a_row_for_each_person(sheet.rows)
        if card is not None:
            file.has_people = True
            raise _in_the_wrong_folder(card)


def _in_the_wrong_folder(card: PersonLevelCard) -> FileRefused:
    return refused(
        f"The file is an extract with a row for each person ({card.title}).",
        f"Put it into the folder '{card.landing_folder}' as a CSV file, and take it out of this one.",
    )


def _reading(file: _Read, card: SourceCard) -> Reading:
    """Raises FileRefused for whatever is wrong with the file, foreseen or not: the other files are still read."""
    arrival = file.arrival
    try:
        opened = open_with_remarks(file.content, arrival.source_file)
        _must_hold_no_extract(file, opened.sheets)
        received_on = date.fromisoformat(arrival.received_at[:10])
        if looks_like_a_return(opened.sheets):
            if card.source != COUNCIL_RETURNS:
                folder = load_card(COUNCIL_RETURNS).landing_folder
                raise refused(
                    "The file is a council's return workbook.",
                    f"Put it into the folder '{folder}', and take it out of this one.",
                )
            reading = read_return(opened.sheets, received_on)
        else:
            reading = read_sheets(opened.sheets, card, received_on)
            reading.is_invented = are_marked(row for sheet in opened.sheets for row in sheet.rows)
        reading.problems[:0] = opened.remarks
        return reading
    except FileRefused:
        raise
    except Exception as error:
        _logger.warning("Reading %s failed.", arrival.source_file, exc_info=True)
        raise refused(
            f"The file could not be read, for a reason that was not foreseen ({type(error).__name__}).",
            "Copy the table alone into a new workbook and send that. If it is refused as well, send both to the "
            "people who look after this warehouse.",
        ) from error


def _check(files: list[_Read], expectations: Expectations) -> None:
    """Runs each landed table's expectations over all that was read; a critical failure takes its file out."""
    import polars as pl

    of_submission = {file.arrival.submission_id: file for file in files if file.reading}
    critical: dict[str, list[Problem]] = {}
    for table in LANDED_TABLES:
        frames = _profiles(files, table) if table in ROW_TABLES else _cells(files, table)
        if not frames:
            continue
        landed = pl.concat(frames)
        rows_of = dict(landed.group_by("submission_id").len().iter_rows())
        for outcome in expectations(table, landed):
            failed: dict[str, list[Problem]] = {}
            for submission_id, problem in outcome.broken:
                failed.setdefault(submission_id, []).append(problem)
            for submission_id, rows in rows_of.items():
                found = failed.get(submission_id, [])
                file = of_submission[submission_id]
                file.checks.append(CheckCount(table, outcome.expectation, outcome.severity, rows, len(found)))
                if outcome.is_critical and found:
                    critical.setdefault(submission_id, []).extend(found)
                else:
                    file.problems.extend(found)
    for submission_id, found in critical.items():
        file = of_submission[submission_id]
        # What would have been a remark is no reason for the refusal, but why rows could not be used is.
        reasons = [problem for problem in file.problems if problem.rule_id == ROWS_REFUSED]
        file.reading, file.problems = None, [*found, *reasons]


def _cells(files: list[_Read], table: str) -> list[pl.DataFrame]:
    return [
        cells_frame(file.arrival.submission_id, file.arrival.card.source, file.arrival.source_file, cells)
        for file in files
        if file.reading and (cells := [cell for cell in file.reading.cells if cell.landed_table == table])
    ]


def _profiles(files: list[_Read], table: str) -> list[pl.DataFrame]:
    """What the promises of a row table are held against: how each field of an extract is filled."""
    read = [file.reading.rows for file in files if file.reading and file.reading.rows]
    return [rows.profile for rows in read if rows.table == table]


def _event(store: Store, file: _Read, position: int, reader: str) -> Event:
    arrival, reading, read_at = file.arrival, file.reading, now()
    people = reading.rows if reading else None
    rows: dict[str, int] = {people.table: people.count} if people else {}
    for cell in reading.cells if reading else ():
        rows[cell.landed_table] = rows.get(cell.landed_table, 0) + 1
    return Event(
        event_id=store.next_event_id(read_at, position, arrival.sha256),
        submission_id=arrival.submission_id,
        sha256=arrival.sha256,
        source=arrival.card.source,
        source_file=arrival.source_file,
        size_bytes=arrival.size_bytes,
        received_at=arrival.received_at,
        read_at=read_at,
        outcome=ACCEPTED if reading else QUARANTINED,
        reader=reader,
        documents=reading.documents if reading else [],
        figures=reading.figures if reading else [],
        rows=rows,
        problems=[problem.as_dict() for problem in _listed(file.problems)],
        checks=[asdict(count) for count in file.checks],
        is_bundled=arrival.is_bundled,
        was_opened=file.was_opened,
        organisation_code=file.organisation_code,
        as_at_date=file.as_at_date.isoformat() if file.as_at_date else "",
        bytes_kept=not file.has_people,
        rows_refused=people.refused if people else {},
        rows_out_of_scope=people.out_of_scope if people else 0,
        key_fingerprint=people.key_fingerprint if people else "",
        is_invented=reading is not None and reading.is_invented,
    )


def _listed(problems: list[Problem]) -> list[Problem]:
    """No more problems than a person reads; the last one then says how many there are besides."""
    if len(problems) <= MOST_PROBLEMS_LISTED:
        return problems
    further = len(problems) - MOST_PROBLEMS_LISTED
    return [
        *problems[:MOST_PROBLEMS_LISTED],
        Problem(
            problems[MOST_PROBLEMS_LISTED].rule_id,
            f"{further:,} further problems were found in the file and are not listed.",
            "Mend those that are listed; what remains is named when the file comes again.",
        ),
    ]


def files_in(folder: Path) -> list[Path]:
    """The files a person put there, in name order; what programs leave behind is passed over.

    A folder below it that cannot be listed stands for the files in it, so that it is reported and not passed over.
    """
    found: list[Path] = []

    def not_listed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            found.append(Path(error.filename))

    for here, folders, names in os.walk(folder, onerror=not_listed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(here, name) for name in names if _is_of_a_person(name) and _is_file(Path(here, name))]
    return sorted(found)


def _is_of_a_person(name: str) -> bool:
    return not name.startswith((".", "~$")) and name.casefold() not in _NOT_FILES_OF_A_PERSON


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # Not even its kind can be learned; it is kept in the list, so that it is reported.
        return True


def source_file_of(landing: Path, path: Path) -> str:
    """Where a file lies below the landing folder, as it is recorded and published.

    A name may hold what no text can and what looks like a path on somebody's computer; both are written as '_'.
    """
    name = path.relative_to(landing).as_posix().encode("utf-8", errors="replace").decode()
    name = re.sub(r'[\\:*?"<>|\x00-\x1f\x7f]', "_", name)
    return re.sub(ABSOLUTE_PATH, lambda found: found.group().replace("/", "_"), name)


def _latest_by_submission(events: list[Event]) -> dict[str, Event]:
    return {event.submission_id: event for event in events}
