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
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from dagster_project.home import Home
from dagster_project.query import NIGHTLY_TIMEZONE, latest_if_any, open_release
from dagster_project.roles.coding import DECIDED, EMPLOYER_TYPES, TITLES, titles_given
from dagster_project.roles.reviewing import DECISION, EQUIVALENCES, effect, listed_in_words, staff
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
_CODED = "intermediate.int_roles__coded"
_MEANINGS = "intermediate.int_roles__meanings"
_DECISIONS = "intermediate.int_roles__decisions"
_HEADING_WITHIN_ROWS = 20
_NOT_COUNTED = ("out_of_scope", "uncoded")
# Words that say somebody learns, and what they learn for.
_LEARNERS = {"apprentice": ("apprentice", "degree_apprentice", "trainee"), "student": ("student",)}
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
    """What the warehouse makes of the title of a decision before it counts; `rule_*` is what its rules alone do."""

    title_plain: str
    afc_band_level: str
    role_code: str
    profession: str
    is_decided: bool
    rule_role_code: str
    rule_sureness: str
    rule_reason: str
    kinds: frozenset[str]
    professions: tuple[str, ...]

    def key(self, decision: Decision) -> tuple[str, str, str]:
        return self.title_plain, self.afc_band_level, decision.employer_type


@dataclass(frozen=True)
class _Role:
    """A role of the list role_codes: its group, '' for none, and the bands it can have, none where any."""

    role_code: str
    role_group: str
    bands: tuple[str, ...]

    def can_be_at(self, level: str) -> bool:
        return not level or not self.bands or level in self.bands

    @property
    def staff(self) -> str:
        """Whom the role is for, in words."""
        if not self.role_group:
            return {"out_of_scope": "no therapy role", "uncoded": ""}.get(
                self.role_code, f"a role for {self.role_code}s"
            )
        return "a support role" if self.role_group == "non_registered" else "a role for registered staff"


@dataclass(frozen=True)
class _Lists:
    """The lists of reference that a decision is held against, and the FTE above which two people decide."""

    roles: Mapping[str, _Role]
    # Each profession and the letters of its register, '' where there are none.
    professions: Mapping[str, str]
    second_above: Decimal


@dataclass(frozen=True)
class _Use:
    """The staff of the latest release whom a decision is about and whose role it changes, or none.

    `held_back` is the FTE and people at bands that the role cannot have, by band.
    """

    fte: Decimal | None
    headcount: int | None
    organisations: int
    role_codes: tuple[str, ...]
    held_back: Mapping[str, tuple[Decimal | None, int | None]]

    @property
    def moved(self) -> Decimal:
        return self.fte if self.fte is not None else Decimal(self.headcount or 0)


@dataclass(frozen=True)
class _Earlier:
    """A decision in force on the same title, band and employer."""

    role_code: str
    decided_on: date


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
    connection, known, lists = _asked_of_the_rules(home, decisions, at)
    with connection:
        problems = list(_problems(decisions, known, lists, today or datetime.now(ZoneInfo(NIGHTLY_TIMEZONE)).date()))
        if not problems:
            problems += _rows_that_differ(decisions, known)
        if problems:
            raise DecisionsRefused(problems)
        new = _not_kept_yet(connection, decisions)
        uses = _uses(home, new, known, lists)
        problems = list(_without_second_reviewer(new, uses, lists.second_above))
        if problems:
            raise DecisionsRefused(problems)
        earlier = _earlier(connection)
        if new:
            keep_decisions(home, content, path.name, at, connection, _rows_sql(new))
    changes = tuple(
        _change(decision, uses[decision.row], earlier.get(known[decision.row].key(decision))) for decision in new
    )
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
) -> tuple[duckdb.DuckDBPyConnection, dict[int, _Known], _Lists]:
    """What the rules make of the titles today, by row, and the lists that decisions are held against."""
    titles = _titles_sql(
        (decision.title_raw, decision.band_or_grade, decision.employer_type or "unknown") for decision in decisions
    )
    wanted = [DECIDED, _CODED, _MEANINGS, _DECISIONS, *(f"reference.{name}" for name in _LISTS)]
    with store_with_decisions(home) as store:
        connection = run_rules(store, wanted, at, given=[titles_given(titles)])
        # What the stand-in of an empty store held is not needed later.
        connection.execute("create temp table kept as from staging.stg_store__role_decisions")
    found = {
        (title, band or "", employer): _Known(
            title_plain=plain or "",
            afc_band_level=level or "",
            role_code=role,
            profession=profession,
            is_decided=basis == "reviewed",
            rule_role_code=by_rules["role_code"],
            rule_sureness=by_rules["sureness"],
            rule_reason=by_rules["reason"],
            kinds=frozenset(kinds),
            professions=tuple(named),
        )
        for title, band, employer, plain, level, role, profession, basis, by_rules, kinds, named in connection.execute(
            f"""
            select
                decided.title_raw, decided.band_or_grade, decided.employer_type, decided.title_plain,
                decided.afc_band_level, decided.role_code, decided.profession, decided.basis,
                struct_pack(role_code := coded.role_code, sureness := coded.sureness, reason := coded.reason),
                coalesce(meanings.wording_kinds, []),
                if(coalesce(meanings.joins_therapy, true), [], meanings.professions)
            from {DECIDED} as decided
            inner join {_CODED} as coded
                on
                    decided.title_raw = coded.title_raw
                    and decided.band_or_grade is not distinct from coded.band_or_grade
                    and decided.employer_type = coded.employer_type
            left join {_MEANINGS} as meanings on decided.title_read = meanings.title_read
            """
        ).fetchall()
    }
    known = {
        decision.row: found[decision.title_raw, decision.band_or_grade, decision.employer_type or "unknown"]
        for decision in decisions
    }
    return connection, known, _lists(connection)


_LISTS = ("role_codes", "professions", "policies")


def _lists(connection: duckdb.DuckDBPyConnection) -> _Lists:
    roles = {
        code: _Role(code, group or "", tuple(bands.split(";")) if bands else ())
        for code, group, bands in connection.execute(
            "select role_code, role_group, possible_afc_bands from reference.role_codes order by sort_order"
        ).fetchall()
    }
    professions = dict(
        connection.execute("select profession, coalesce(registration_prefix, '') from reference.professions").fetchall()
    )
    ((limit,),) = connection.execute(
        "select value from reference.policies where policy = 'role_decision_second_reviewer_fte'"
    ).fetchall()
    return _Lists(roles, professions, Decimal(str(limit)))


def _earlier(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], _Earlier]:
    """The decisions in force, by plain words, band and employer; none that were taken back."""
    return {
        (plain or "", level or "", employer or ""): _Earlier(role, day)
        for plain, level, employer, role, day in connection.execute(
            "select title_plain, afc_band_level, employer_type, role_code, decided_on "
            f"from {_DECISIONS} where valid_to is null and role_code is not null"
        ).fetchall()
    }


def _problems(decisions: Sequence[Decision], known: Mapping[int, _Known], lists: _Lists, today: date) -> Iterator[str]:
    for decision in decisions:
        said = [
            *_unreadable(decision, known[decision.row], lists),
            *_missing(decision, known[decision.row], today),
        ]
        said = said or list(_contradictions(decision, known[decision.row], lists))
        yield from (f"{decision.named[0].upper()}{decision.named[1:]}: {sentence}" for sentence in said)


def _unreadable(decision: Decision, known: _Known, lists: _Lists) -> Iterator[str]:
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
        ("role_code", lists.roles),
        ("profession", lists.professions),
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


def _contradictions(decision: Decision, known: _Known, lists: _Lists) -> Iterator[str]:
    """What of the title's own facts a decision contradicts. Leaving a title uncoded contradicts none."""
    role = lists.roles.get(decision.role_code)
    if role is None or role.role_code == "uncoded":
        if role and decision.profession not in ("", "none"):
            yield f"the role uncoded has no profession, and {decision.profession} is given. Clear one of the two."
        return
    yield from _profession_contradicted(decision, known, lists)
    if not role.can_be_at(known.afc_band_level):
        yield (
            f"the role {role.role_code} can stand at band {listed_in_words(role.bands, 'or')}, and the post is at band "
            f"{known.afc_band_level}. Settle the band first, or choose a role that the band allows."
        )
    yield from _words_contradicted(role, known, lists)


def _profession_contradicted(decision: Decision, known: _Known, lists: _Lists) -> Iterator[str]:
    role, profession = decision.role_code, decision.profession or known.profession
    if role in _NOT_COUNTED:
        if decision.profession not in ("", "none"):
            yield f"the role {role} has no profession, and {decision.profession} is given. Clear one of the two."
        return
    if profession == "none":
        yield (
            f"the role {role} needs a profession, and there is none. Choose it; generic_therapy stands for several "
            "or for none named."
        )
        return
    if len(known.professions) != 1:
        return
    (named,) = known.professions
    # Those of one register, such as the two of radiography, are not told apart by every title.
    shares_register = lists.professions[named] and lists.professions[named] == lists.professions[profession]
    if profession != named and not shares_register:
        yield (
            f"the title names {named}, and the decision says {profession}. Clear the profession or choose {named}; "
            "where the title is wrong, have it corrected at its source."
        )


def _words_contradicted(role: _Role, known: _Known, lists: _Lists) -> Iterator[str]:
    learns_for = {learner for learner, kinds in _LEARNERS.items() if known.kinds.intersection(kinds)}
    if role.role_code in _LEARNERS and learns_for and role.role_code not in learns_for:
        yield (
            f"the title says {' and '.join(learns_for)}, and the decision says {role.role_code}. Choose "
            f"{' or '.join(learns_for)}, or have the title corrected at its source."
        )
        return
    by_rules = lists.roles[known.rule_role_code]
    if known.rule_sureness == "high" and by_rules.staff and by_rules.staff != role.staff:
        yield (
            f"{role.role_code} is {role.staff}, and the title with its band says {by_rules.role_code}, which is "
            f"{by_rules.staff}: {known.rule_reason} Choose a role of that kind, or uncoded; where the title is wrong, "
            "have it corrected at its source, and where the rule is, have the rule changed."
        )


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


def _uses(home: Home, decisions: Sequence[Decision], known: Mapping[int, _Known], lists: _Lists) -> dict[int, _Use]:
    """By row, the staff of the latest release whose role the decision changes. Nobody before the first release."""
    import duckdb

    nobody = {decision.row: _Use(None, None, 0, (), {}) for decision in decisions}
    release = latest_if_any(home)
    if release is None or not decisions:
        return nobody
    plain = sorted({known[decision.row].title_plain for decision in decisions})
    with open_release(release) as connection:
        try:
            result = connection.execute(
                "select * from quality.role_coding where list_contains($plain, title_plain)", {"plain": plain}
            )
        except duckdb.CatalogException:
            return nobody
        names = [column[0] for column in result.description or ()]
        used = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    levels = _levels(home, used)
    return {
        decision.row: _use(decision, known[decision.row], lists.roles.get(decision.role_code), used, levels)
        for decision in decisions
    }


_Title = tuple[str, str, str]
_Amount = TypeVar("_Amount", Decimal, int)


def _title_of(row: Mapping[str, Any]) -> _Title:
    return row["title_raw"], row["band_or_grade"] or "", row["employer_type"]


def _levels(home: Home, used: Sequence[Mapping[str, Any]]) -> dict[_Title, tuple[str, str]]:
    """Plain words and band of titles of the release, as the rules read them today."""
    if not used:
        return {}
    titles = _titles_sql(map(_title_of, used))
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
    role: _Role | None,
    used: Sequence[Mapping[str, Any]],
    levels: Mapping[_Title, tuple[str, str]],
) -> _Use:
    fte: Decimal | None = None
    headcount: int | None = None
    organisations: set[str] = set()
    codes: set[str] = set()
    held_back: dict[str, tuple[Decimal | None, int | None]] = {}
    for row in used:
        plain, level = levels[_title_of(row)]
        is_meant = (
            plain == known.title_plain
            and known.afc_band_level in ("", level)
            and decision.employer_type in ("", row["employer_type"])
        )
        is_same = row["role_code"] == decision.role_code and decision.profession in ("", row["profession"])
        if not is_meant or is_same or not row["organisations"]:
            continue
        if role and not known.afc_band_level and not role.can_be_at(level):
            held_fte, held_headcount = held_back.get(level, (None, None))
            held_back[level] = _added(held_fte, row["fte"]), _added(held_headcount, row["headcount"])
            continue
        codes.add(row["role_code"])
        # A release of before the codes were told names its organisations alone.
        organisations.update((row.get("organisation_codes") or row["organisation_names"]).split(", "))
        fte, headcount = _added(fte, row["fte"]), _added(headcount, row["headcount"])
    return _Use(fte, headcount, len(organisations), tuple(sorted(codes)), dict(sorted(held_back.items())))


def _added(amount: _Amount | None, more: _Amount | None) -> _Amount | None:
    """The sum of what is known of both."""
    if amount is None or more is None:
        return more if amount is None else amount
    return amount + more


def _change(decision: Decision, use: _Use, earlier: _Earlier | None) -> str:
    """What a recorded decision does, in words. `earlier` is one that was in force on the same title."""
    title = f"'{shortened(decision.title_raw)}'"
    if earlier and earlier.decided_on.isoformat() > decision.decided_on:
        return (
            f"{title}: the decision of {in_words(earlier.decided_on)} that says {earlier.role_code} is later and "
            "stays in force; this one is kept for the time before it."
        )
    return " ".join([f"{title}{_effect_in_words(decision, use)}", *_asides(decision, use, earlier)])


def _effect_in_words(decision: Decision, use: _Use) -> str:
    if not use.organisations:
        becomes = decision.role_code or "what the rules say"
        return f" becomes {becomes}; the numbers of the latest release do not change by it."
    before = listed_in_words(use.role_codes)
    if not decision.role_code:
        return f" is {before} no longer; the rules decide again."
    moves = effect(use.fte, use.headcount, before, decision.role_code, use.organisations, decision.employer_type)
    return f": {moves}."


def _asides(decision: Decision, use: _Use, earlier: _Earlier | None) -> Iterator[str]:
    for level, (fte, headcount) in use.held_back.items():
        yield (
            f"At band {level} it is held back, since the band contradicts it, and nothing changes for "
            f"{staff(fte, headcount)}; decide on that band by itself."
        )
    if earlier:
        day = "the same day" if earlier.decided_on.isoformat() == decision.decided_on else in_words(earlier.decided_on)
        yield f"It takes the place of the decision of {day} that says {earlier.role_code}."


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
