"""`ahp roles accept`: people's decisions on job titles, judged row by row and kept for good.

Belongs here: what a decision must say and may not contradict, and adding it to the store. Does not: what follows from
it, which is SQL of `dbt/`; nor the file's cells (sources.opening).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dagster_project.home import Home
from dagster_project.query import NIGHTLY_TIMEZONE, latest_if_any, open_release
from dagster_project.roles.coding import DECIDED, EMPLOYER_TYPES, TITLES, titles_given
from dagster_project.roles.reviewing import DECISION, EQUIVALENCES, effect
from dagster_project.rules import Relation, run_rules
from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.dates import in_words, read_date
from dagster_project.sources.opening import Sheet, load_bytes, open_bytes
from dagster_project.sources.person_level.sql import text_sql
from dagster_project.sources.problems import FileRefused, shortened
from dagster_project.sources.role_decisions import (
    DECIDED_COLUMNS,
    keep_decisions,
    store_with_decisions,
)
from dagster_project.sources.sheets import cell_text, row_must_name_nobody
from dagster_project.sources.store import now
from dagster_project.spreadsheets import as_it_was

if TYPE_CHECKING:
    import duckdb

_TEXTS = "intermediate.int_roles__texts"
_DECISIONS = "intermediate.int_roles__decisions"
_HEADING_WITHIN_ROWS = 20
_NOT_COUNTED = ("out_of_scope", "uncoded")
_SUPPORT_BANDS, _SENIOR_BANDS = ("1", "2", "3", "4"), ("7", "8", "9")
# What a person says of a title by deciding; who and when may be filled in for every row beforehand.
_SAYS_SOMETHING = ("role_code", "profession", "equivalence", "reason")


class DecisionsNotRead(Exception):
    """The file holds no decisions that can be read. The message says why and what to do."""


class DecisionsRefused(Exception):
    """Nothing was recorded. `problems` says of each row what is wrong and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Decision:
    """One row with a decision, as written; '' is blank. `decided_on` is '' or a day in ISO form."""

    row: int
    title_raw: str
    band_or_grade: str = ""
    employer_type: str = ""
    role_code: str = ""
    profession: str = ""
    equivalence: str = ""
    reason: str = ""
    reviewer: str = ""
    second_reviewer: str = ""
    decided_on: str = ""

    @property
    def named(self) -> str:
        return f"row {self.row}, '{shortened(self.title_raw)}'"

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in DECIDED_COLUMNS)


@dataclass(frozen=True)
class _Known:
    """What the warehouse makes of the title of a decision before it counts."""

    title_plain: str
    afc_band_level: str
    role_code: str
    profession: str
    is_decided: bool

    def key(self, decision: Decision) -> tuple[str, str, str]:
        return self.title_plain, self.afc_band_level, decision.employer_type


@dataclass(frozen=True)
class _Use:
    """The staff of the latest release whom a decision is about and whose role it changes, or none."""

    fte: Decimal | None
    headcount: int | None
    organisations: int
    role_codes: str

    @property
    def moved(self) -> Decimal:
        return self.fte if self.fte is not None else Decimal(self.headcount or 0)


@dataclass(frozen=True)
class Accepted:
    """How many decisions were recorded, how many were known already, and what each of the recorded ones will change."""

    recorded: int
    known: int
    changes: tuple[str, ...]


def accept_decisions(path: Path, home: Home, today: date | None = None) -> Accepted:
    """Adds the decisions of a file to the store, all of them or none. Rows that decide nothing are passed over.

    Raises DecisionsNotRead, DecisionsRefused, OSError, and whatever `run_rules` raises. Belongs under the refresh lock.
    """
    content, decisions = _read(path)
    if not decisions:
        raise DecisionsNotRead(
            "No row of the file decides anything. Fill in role_code and the columns beside it for the titles that are "
            "to be decided, and save the file."
        )
    at = now()
    connection, known, codes, professions, second_above = _asked_of_the_rules(home, decisions, at)
    with connection:
        problems = list(
            _problems(decisions, known, codes, professions, today or datetime.now(ZoneInfo(NIGHTLY_TIMEZONE)).date())
        )
        if not problems:
            problems += _rows_that_differ(decisions, known)
        if problems:
            raise DecisionsRefused(problems)
        new = _not_kept_yet(connection, decisions)
        uses = _uses(home, new, known)
        problems = list(_without_second_reviewer(new, uses, second_above))
        if problems:
            raise DecisionsRefused(problems)
        if new:
            keep_decisions(home, content, path.name, at, connection, _rows_sql(new))
    changes = tuple(_change(decision, known[decision.row], uses[decision.row]) for decision in new)
    return Accepted(len(new), len(decisions) - len(new), changes)


def _read(path: Path) -> tuple[bytes, list[Decision]]:
    try:
        content = load_bytes(path, path.name)
        sheets = open_bytes(content, path.name)
    except FileRefused as problem:
        first = problem.problems[0]
        raise DecisionsNotRead(f"{first.message} {first.suggestion}") from problem
    except OSError as problem:
        raise DecisionsNotRead(f"{path} could not be read: {problem.strerror or problem}.") from problem
    for sheet in sheets:
        for index, row in enumerate(sheet.rows[:_HEADING_WITHIN_ROWS]):
            column_of = {normalise_heading(cell): place for place, cell in enumerate(row) if cell}
            wanted = {name: column_of.get(normalise_heading(name)) for name in DECIDED_COLUMNS}
            needed = [name for name in ("title_raw", *DECISION) if wanted[name] is None]
            if "title_raw" not in needed and len(needed) < len(DECISION):
                if needed:
                    raise DecisionsNotRead(
                        f"The heading {' and '.join(needed)} is missing. Begin with the file that ahp roles review "
                        "writes, and leave its headings as they are."
                    )
                return content, list(
                    _decisions(sheet, index, {name: place for name, place in wanted.items() if place is not None})
                )
    raise DecisionsNotRead(
        f"No row of the file has the headings title_raw, {', '.join(DECISION)}. Begin with the file that ahp roles "
        "review writes."
    )


def _decisions(sheet: Sheet, heading: int, column_of: Mapping[str, int]) -> Iterator[Decision]:
    for index, row in enumerate(sheet.rows[heading + 1 :], start=heading + 1):
        values = {name: as_it_was(cell_text(row, place)).strip() for name, place in column_of.items()}
        for name in ("employer_type", "role_code", "profession", "equivalence"):
            values[name] = values.get(name, "").lower()
        if not any(values[name] for name in _SAYS_SOMETHING):
            continue
        day = read_date(values["decided_on"])
        decision = Decision(row=index + 1, **values)
        yield replace(decision, decided_on=day.isoformat()) if day else decision


def _asked_of_the_rules(
    home: Home, decisions: Sequence[Decision], at: str
) -> tuple[duckdb.DuckDBPyConnection, dict[int, _Known], dict[str, str], set[str], Decimal]:
    """What the rules make of the titles today, by row; the groups of the roles; the professions; the limit of FTE."""
    titles = _titles_sql(
        (decision.title_raw, decision.band_or_grade, decision.employer_type or "unknown") for decision in decisions
    )
    wanted = [DECIDED, _DECISIONS, "reference.role_codes", "reference.professions", "reference.policies"]
    with store_with_decisions(home) as store:
        connection = run_rules(store, wanted, at, given=[titles_given(titles)])
        # What the stand-in of an empty store held is not needed later.
        connection.execute("create temp table kept as from staging.stg_store__role_decisions")
    found = {
        (title, band or "", employer): _Known(plain or "", level or "", role, profession, basis == "reviewed")
        for title, band, employer, plain, level, role, profession, basis in connection.execute(
            "select title_raw, band_or_grade, employer_type, title_plain, afc_band_level, role_code, profession, basis "
            f"from {DECIDED}"
        ).fetchall()
    }
    known = {
        decision.row: found[decision.title_raw, decision.band_or_grade, decision.employer_type or "unknown"]
        for decision in decisions
    }
    codes = dict(connection.execute("select role_code, coalesce(role_group, '') from reference.role_codes").fetchall())
    professions = {name for (name,) in connection.execute("select profession from reference.professions").fetchall()}
    ((limit,),) = connection.execute(
        "select value from reference.policies where policy = 'role_decision_second_reviewer_fte'"
    ).fetchall()
    return connection, known, codes, professions, Decimal(str(limit))


def _problems(
    decisions: Sequence[Decision],
    known: Mapping[int, _Known],
    codes: Mapping[str, str],
    professions: set[str],
    today: date,
) -> Iterator[str]:
    for decision in decisions:
        said = [
            *_unreadable(decision, known[decision.row], codes, professions),
            *_missing(decision, known[decision.row], today),
        ]
        said = said or list(_contradictions(decision, known[decision.row], codes))
        yield from (f"{decision.named[0].upper()}{decision.named[1:]}: {sentence}" for sentence in said)


def _unreadable(decision: Decision, known: _Known, codes: Mapping[str, str], professions: set[str]) -> Iterator[str]:
    if not known.title_plain:
        yield "nothing is left of the title that could be known again. Take the decision out."
    try:
        row_must_name_nobody(
            Sheet("", ()), decision.row - 1, (decision.reason, decision.reviewer, decision.second_reviewer)
        )
    except FileRefused as problem:
        what = problem.problems[0].message.removeprefix("The cell holds ").partition(".")[0]
        yield f"the decision holds {what}. Write a role, never who it is."
    for name, allowed in (
        ("role_code", codes),
        ("profession", professions),
        ("employer_type", EMPLOYER_TYPES),
        ("equivalence", EQUIVALENCES),
    ):
        value = getattr(decision, name)
        if value and value not in allowed:
            yield f"the {name} '{shortened(value)}' is not known. Choose one of {', '.join(allowed)}."


def _missing(decision: Decision, known: _Known, today: date) -> Iterator[str]:
    if not decision.role_code and not known.is_decided:
        yield "no role_code is given, and there is no earlier decision to take back. Choose a role, or clear the row."
    if decision.role_code and not decision.equivalence:
        yield f"no equivalence is given. Say how the title stands to the role: {', '.join(EQUIVALENCES)}."
    if not decision.reason:
        yield "no reason is given. Say why in a sentence; it is kept and shown."
    if not decision.reviewer:
        yield "no reviewer is given. Write the role of whoever decides."
    if not decision.decided_on:
        yield "no day of the decision is given. Write decided_on, such as 31/03/2026."
        return
    day = read_date(decision.decided_on)
    if day is None:
        yield f"the day '{shortened(decision.decided_on)}' cannot be read. Write it like 31/03/2026."
    elif day > today:
        yield f"the decision is of {in_words(day)}, which has not come yet. Write the day it was made."


def _contradictions(decision: Decision, known: _Known, codes: Mapping[str, str]) -> Iterator[str]:
    role, profession = decision.role_code, decision.profession or known.profession
    if not role:
        return
    if role in _NOT_COUNTED and decision.profession not in ("", "none"):
        yield f"the role {role} has no profession, and {decision.profession} is given. Clear one of the two."
    if role not in _NOT_COUNTED and profession == "none":
        yield (
            f"the role {role} needs a profession, and there is none. Choose it; generic_therapy stands for several "
            "or for none named."
        )
    group, level = codes[role], known.afc_band_level
    if group not in ("", "non_registered") and level in _SUPPORT_BANDS:
        yield f"the role {role} is for registered staff, and band {level} is a support role's. Settle the band first."
    if group == "non_registered" and level in _SENIOR_BANDS:
        yield f"the role {role} is a support role, and band {level} is not. Settle the band first."


def _rows_that_differ(decisions: Sequence[Decision], known: Mapping[int, _Known]) -> Iterator[str]:
    first: dict[tuple[str, str, str], Decision] = {}
    for decision in decisions:
        other = first.setdefault(known[decision.row].key(decision), decision)
        what, before = ((one.role_code, one.profession, one.equivalence) for one in (decision, other))
        if what != before:
            yield (
                f"Rows {other.row} and {decision.row} decide the same title differently: "
                f"'{shortened(other.title_raw)}' is {other.role_code or 'taken back'}, "
                f"'{shortened(decision.title_raw)}' is {decision.role_code or 'taken back'}. "
                "Titles with the same words, band and employer are decided together; keep one of the two."
            )


def _without_second_reviewer(decisions: Sequence[Decision], uses: Mapping[int, _Use], limit: Decimal) -> Iterator[str]:
    for decision in decisions:
        moved = uses[decision.row].moved
        second = decision.second_reviewer.casefold()
        if moved > limit and second in ("", decision.reviewer.casefold()):
            who = "is the same as the reviewer" if second else "is missing"
            yield (
                f"Row {decision.row}, '{shortened(decision.title_raw)}': the decision moves {moved.normalize():f} FTE, "
                f"more than {limit.normalize():f}, and the second reviewer {who}. Have somebody else look at it too."
            )


def _not_kept_yet(connection: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions that the store does not hold in these very words; of equal rows the first."""
    columns = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in DECIDED_COLUMNS)
    taken = set(connection.execute(f"select {columns} from kept").fetchall())
    new = []
    for decision in decisions:
        if decision.values not in taken:
            taken.add(decision.values)
            new.append(decision)
    return new


def _uses(home: Home, decisions: Sequence[Decision], known: Mapping[int, _Known]) -> dict[int, _Use]:
    """By row, the staff of the latest release whose role the decision changes. Nobody before the first release."""
    import duckdb

    nobody = {decision.row: _Use(None, None, 0, "") for decision in decisions}
    release = latest_if_any(home)
    if release is None or not decisions:
        return nobody
    plain = sorted({known[decision.row].title_plain for decision in decisions})
    with open_release(release) as connection:
        try:
            used = connection.execute(
                "select title_raw, band_or_grade, employer_type, role_code, profession, fte, headcount, organisations "
                "from quality.role_coding where list_contains($plain, title_plain)",
                {"plain": plain},
            ).fetchall()
        except duckdb.CatalogException:
            return nobody
    levels = _levels(home, used)
    return {decision.row: _use(decision, known[decision.row], used, levels) for decision in decisions}


def _levels(home: Home, used: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Plain words and band of titles of the release, as the rules read them today."""
    if not used:
        return {}
    titles = _titles_sql((title, band or "", employer) for title, band, employer, *_ in used)
    with (
        store_with_decisions(home) as store,
        run_rules(store, [_TEXTS], now(), given=[Relation(TITLES, titles)]) as connection,
    ):
        rows = connection.execute(
            f"select title_raw, band_or_grade, employer_type, title_plain, afc_band_level from {_TEXTS}"
        ).fetchall()
    return {(title, band or "", employer): (plain, level or "") for title, band, employer, plain, level in rows}


def _use(
    decision: Decision,
    known: _Known,
    used: Sequence[tuple[Any, ...]],
    levels: Mapping[tuple[str, str, str], tuple[str, str]],
) -> _Use:
    fte: Decimal | None = None
    headcount: int | None = None
    organisations, codes = 0, set()
    for title, band, employer, role, profession, row_fte, row_headcount, row_organisations in used:
        plain, level = levels[title, band or "", employer]
        is_meant = (
            plain == known.title_plain
            and known.afc_band_level in ("", level)
            and decision.employer_type in ("", employer)
        )
        if not is_meant or (role == decision.role_code and decision.profession in ("", profession)):
            continue
        codes.add(role)
        organisations += row_organisations
        fte = fte if row_fte is None else (fte or Decimal(0)) + row_fte
        headcount = headcount if row_headcount is None else (headcount or 0) + row_headcount
    return _Use(fte, headcount, organisations, ", ".join(sorted(codes)))


def _change(decision: Decision, known: _Known, use: _Use) -> str:
    title = f"'{shortened(decision.title_raw)}'"
    if not use.organisations:
        becomes = decision.role_code or "what the rules say"
        return f"{title} becomes {becomes}; the numbers of the latest release do not change by it."
    if not decision.role_code:
        return f"{title} is {use.role_codes} no longer; the rules decide again."
    return (
        f"{title}: "
        + effect(use.fte, use.headcount, use.role_codes, decision.role_code, use.organisations, decision.employer_type)
        + "."
    )


def _rows_sql(decisions: Sequence[Decision]) -> str:
    rows = ", ".join(f"({decision.row}, {', '.join(map(_null_or_text, decision.values))})" for decision in decisions)
    return f"from (values {rows}) as decisions(source_row, {', '.join(DECIDED_COLUMNS)})"


def _titles_sql(titles: Iterable[tuple[str, str, str]]) -> str:
    rows = ", ".join(f"({', '.join(map(_null_or_text, title))})" for title in dict.fromkeys(titles))
    return (
        "select coalesce(title_raw, '') as title_raw, band_or_grade, employer_type "
        f"from (values {rows}) as titles(title_raw, band_or_grade, employer_type)"
    )


def _null_or_text(value: str) -> str:
    return text_sql(value) if value else "cast(null as varchar)"
