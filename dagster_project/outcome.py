"""What came of a refresh, whoever started it: gathered from the store and the releases, and kept in the home.

Belongs here: counting and remembering. Does not: running the job, or showing the outcome to a person.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dagster_project.home import Home
from dagster_project.memory import watched_memory
from dagster_project.sources.store import Event, Store, now

NO_REASON_KNOWN = "The night did not reach its release. The web page (./ahp serve) shows the step that failed, and why."


@dataclass(frozen=True)
class Highlight:
    """One region's occupational therapists on one day: people, FTE, vacant FTE, vacancy rate in percent, and how many
    councils. The last two days of each region are shown.
    """

    geography_name: str
    headcount: int | None
    fte: float | None
    fte_vacant: float | None
    vacancy_rate_percent: float | None
    councils_returned: int
    councils_expected: int
    as_at_date: str


@dataclass(frozen=True)
class RefreshOutcome:
    """What one refresh did. Times are UTC, ISO 8601; `files` and `findings` are counts.

    `invented_sources` are those of which the release counts invented files. `peak_memory_mb` is the most that all its
    processes were seen to hold together.
    """

    started_at: str
    finished_at: str
    released: bool
    release_id: str | None
    reason: str | None
    files: dict[str, int]
    findings: dict[str, int]
    bundled_inputs: bool
    refused: list[dict[str, str]]
    seconds: float
    peak_memory_mb: float
    highlights: list[Highlight] = field(default_factory=list)
    invented_sources: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Night:
    """A refresh under way: when it started, and what the store knew by then."""

    home: Home
    started: float
    started_at: str
    known: tuple[Event, ...]

    @classmethod
    def begin(cls, home: Home) -> Night:
        return cls(home, time.monotonic(), now(), tuple(Store(home).events()))

    @property
    def has_anything_to_read(self) -> bool:
        """False where nothing has ever been accepted and the landing folder is empty."""
        return any(event.outcome == "accepted" for event in self.known) or bool(_files_in_landing(self.home))

    def end(self, reason: str | None, peak_memory_mb: float) -> RefreshOutcome:
        """Gathers what the night did and keeps it as the home's last refresh. No reason means that it released."""
        outcome = _outcome(self, reason, peak_memory_mb)
        partial = self.home.last_refresh.with_name(f"{self.home.last_refresh.name}.partial")
        partial.write_text(json.dumps(asdict(outcome), indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(partial, self.home.last_refresh)
        return outcome


@contextlib.contextmanager
def recorded(home: Home) -> Iterator[None]:
    """Leaves a record of the run inside, so that `ahp status` knows of the nights the schedule ran as well.

    `ahp refresh` puts its own record in place of this one: it knows the reason when there is no release.
    """
    night, before = Night.begin(home), _latest_id(home)
    with watched_memory() as memory:
        try:
            yield
        finally:
            night.end(None if _latest_id(home) != before else NO_REASON_KNOWN, memory.peak_mb)


def _latest_id(home: Home) -> str | None:
    from dagster_project.release.publishing import ReleaseError, latest_release

    try:
        latest = latest_release(home)
    except ReleaseError:
        return None
    return latest.release_id if latest else None


def _outcome(night: Night, reason: str | None, peak_memory_mb: float) -> RefreshOutcome:
    from dagster_project.release.publishing import latest_release

    home = night.home
    # A file that was only read anew, because the reader has changed, is no arrival.
    known_ids = {event.event_id for event in night.known}
    known_files = {_arrival(event) for event in night.known}
    events = [
        event
        for event in Store(home).events()
        if event.event_id not in known_ids and _arrival(event) not in known_files
    ]
    latest = latest_release(home) if reason is None else None
    refused = [event for event in _latest_events(home).values() if event.outcome == "quarantined"]
    arrived = {event.source_file for event in events}
    return RefreshOutcome(
        started_at=night.started_at,
        finished_at=now(),
        released=reason is None,
        release_id=latest.release_id if latest else None,
        reason=reason,
        files={
            "accepted": sum(event.outcome == "accepted" for event in events),
            "refused": sum(event.outcome == "quarantined" for event in events),
            "unchanged": sum(path not in arrived for path in _files_in_landing(home)),
        },
        findings=latest.manifest["findings"] if latest else {},
        bundled_inputs=latest.manifest["bundled_inputs"] if latest else home.uses_bundled_inputs,
        refused=[
            *(
                {"file": event.source_file, "reason": event.problems[0]["message"], "report": event.report}
                for event in refused
            ),
            *_misplaced(home),
        ],
        seconds=round(time.monotonic() - night.started, 1),
        peak_memory_mb=peak_memory_mb,
        highlights=_highlights(latest.database) if latest else [],
        invented_sources=latest.manifest["invented_sources"] if latest else [],
    )


def _files_in_landing(home: Home) -> list[str]:
    from dagster_project.sources.landing import files_in, landing_cards, source_file_of

    return [
        source_file_of(home.landing, path)
        for card in landing_cards()
        for path in files_in(home.landing / card.landing_folder)
    ]


def _misplaced(home: Home) -> list[dict[str, str]]:
    """Files in the landing folder that lie in no source's folder, so that nothing reads them."""
    from dagster_project.sources.landing import files_in, landing_cards, source_file_of

    folders = [card.landing_folder for card in landing_cards()]
    everything = [source_file_of(home.landing, path) for path in files_in(home.landing)]
    return [
        {
            "file": path,
            "reason": f"The file was not read: it lies in no folder of a source. Put it in {' or '.join(folders)}.",
            "report": "",
        }
        for path in everything
        if path.split("/")[0] not in folders
    ]


def _arrival(event: Event) -> tuple[str, str, str, str, bool]:
    """What is the same for a file that was only read anew, and not for one that came again."""
    return (event.source_file, event.sha256, event.received_at, event.outcome, event.is_bundled)


def _latest_events(home: Home) -> dict[str, Event]:
    """The newest event of each file that still lies in the landing folder."""
    present = set(_files_in_landing(home))
    return {event.source_file: event for event in Store(home).events() if event.source_file in present}


def _highlights(database: Path) -> list[Highlight]:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                workforce.geography_name,
                workforce.headcount,
                cast(workforce.fte as double),
                cast(workforce.fte_vacant as double),
                rates.value,
                -- The fewest councils behind any of the numbers of the line.
                least(
                    workforce.councils_returned,
                    workforce.fte_councils_returned,
                    workforce.fte_vacant_councils_returned,
                    rates.councils_returned
                ),
                workforce.councils_expected,
                cast(workforce.as_at_date as varchar)
            from marts.regional_workforce as workforce
            left join marts.regional_measures as rates
                on
                    workforce.geography_code = rates.geography_code
                    and workforce.source = rates.source
                    and workforce.as_at_date = rates.as_at_date
                    and workforce.return_group = rates.return_group
                    and rates.measure = 'vacancy_rate'
            where workforce.geography_type = 'adass_region' and workforce.return_group = 'occupational_therapists'
            qualify dense_rank() over (partition by workforce.geography_code order by workforce.as_at_date desc) <= 2
            order by workforce.geography_name, workforce.as_at_date
            """
        ).fetchall()
    return [Highlight(*row) for row in rows]
