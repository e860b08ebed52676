"""Taking a submission back, and putting it in force again: explicit acts, recorded with who and why.

Belongs here: the two acts. Does not: deciding what counts afterwards (dbt).
"""

from __future__ import annotations

from dataclasses import replace

from dagster_project.home import Home
from dagster_project.sources.store import ACCEPTED, WITHDRAWN, Event, Store, now

SHORTEST_ID = 6


class NotPossible(Exception):
    """The submission cannot be withdrawn or reinstated. The message says why in plain English."""


def withdraw(home: Home, submission_id: str, reason: str, by_role: str) -> Event:
    """Records that an accepted submission counts no more. What it holds stays in the store.

    `submission_id` may be shortened to its first characters. Raises NotPossible.
    """
    event = _latest(home, submission_id)
    if event.outcome == WITHDRAWN:
        raise NotPossible(f"{event.file_name} has been withdrawn already: {event.reason}.")
    if event.outcome != ACCEPTED:
        raise NotPossible(f"{event.file_name} was refused, so nothing of it counts and there is nothing to withdraw.")
    return _recorded(home, event, WITHDRAWN, reason, by_role)


def reinstate(home: Home, submission_id: str, reason: str, by_role: str) -> Event:
    """Records that a withdrawn submission counts again, as the newest of its council and day. Raises NotPossible."""
    event = _latest(home, submission_id)
    if event.outcome != WITHDRAWN:
        raise NotPossible(f"{event.file_name} has not been withdrawn.")
    return _recorded(home, replace(event, received_at=now()), ACCEPTED, reason, by_role)


def _latest(home: Home, submission_id: str) -> Event:
    wanted = submission_id.strip().lower()
    if len(wanted) < SHORTEST_ID:
        raise NotPossible(
            f"'{submission_id}' is too short. Give at least {SHORTEST_ID} characters of the submission's id."
        )
    latest = {event.submission_id: event for event in Store(home).events()}
    found = [event for known, event in latest.items() if known.startswith(wanted)]
    if not found:
        raise NotPossible(
            f"No submission's id starts with '{submission_id}'. The ids are in the table submissions: "
            './ahp sql "select submission_id, file_name, organisation_name, as_at_date, status from submissions"'
        )
    if len(found) > 1:
        names = ", ".join(event.file_name for event in found)
        raise NotPossible(f"'{submission_id}' is the beginning of several ids ({names}). Give more of it.")
    return found[0]


def _recorded(home: Home, event: Event, outcome: str, reason: str, by_role: str) -> Event:
    if not reason.strip() or not by_role.strip():
        raise NotPossible("A reason and the role of whoever decides are needed; both are kept and shown.")
    store, at = Store(home), now()
    event = replace(
        event,
        event_id=store.next_event_id(at, 0, event.sha256),
        read_at=at,
        outcome=outcome,
        reason=reason.strip(),
        decided_by=by_role.strip(),
    )
    store.record(event)
    return event
