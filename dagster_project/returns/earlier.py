"""What a council sent last, as the store holds it, for the template to begin with.

Belongs here: finding the return and giving its cells back as rows. Does not: writing them into a workbook.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dagster_project.home import Home
from dagster_project.sources.return_layout import Part, choices, normalise_answer, offered, return_layout
from dagster_project.sources.store import ACCEPTED, Store

# Acceptances hold for the very numbers they were given for, so they are not taken over into another return.
_NOT_TAKEN_OVER = ("Accepted warnings",)


@dataclass(frozen=True)
class EarlierReturn:
    """The last accepted return of a council: its day, and its rows by part, field by field as text."""

    as_at_date: date
    rows: dict[str, list[dict[str, str]]]


def last_return(home: Home, organisation_code: str) -> EarlierReturn | None:
    """The accepted return of the latest day, the newest of that day; None where the council has sent none."""
    import polars as pl

    store = Store(home)
    latest = {event.submission_id: event for event in store.events()}
    accepted = [
        event
        for event in latest.values()
        # What was invented is no number that a council would go on from.
        if event.outcome == ACCEPTED
        and event.organisation_code == organisation_code
        and event.as_at_date
        and not event.is_invented
    ]
    if not accepted:
        return None
    last = max(accepted, key=lambda event: (event.as_at_date, event.received_at, event.event_id))
    rows: dict[str, list[dict[str, str]]] = {}
    for part in return_layout().parts:
        landed = store.landed_folder / part.landed_table / f"{last.submission_id}.parquet"
        if part.part in _NOT_TAKEN_OVER or not landed.exists():
            continue
        cells = pl.read_parquet(landed).filter(pl.col("figure") == part.part).sort("source_row", maintain_order=True)
        texts: dict[int, dict[str, str]] = {}
        for cell in cells.iter_rows(named=True):
            # All answers of a sheet of questions make one row.
            row = 0 if part.shape == "answers" else int(cell["source_row"])
            # A day is taken over as the day that was read, whatever form it was written in.
            texts.setdefault(row, {})[cell["field"]] = cell["date_read"] or _as_offered(part, cell)
        rows[part.part] = list(texts.values())
    return EarlierReturn(date.fromisoformat(last.as_at_date), rows)


def _as_offered(part: Part, cell: dict[str, Any]) -> str:
    """The answer in the wording of its drop-down, whichever accepted wording the council used."""
    text = str(cell["cell_text"])
    asked = next(
        (each for columns in (part.columns, part.questions) for each in columns if each.field == cell["field"]), None
    )
    if asked is None or not asked.choices:
        return text
    code = choices(asked.choices).get(normalise_answer(text))
    same = (label for label in offered(asked.choices) if choices(asked.choices)[normalise_answer(label)] == code)
    return next(same, text)
