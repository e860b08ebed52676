"""`ahp roles explain`: the path from one job title to its role, in words.

Belongs here: what the rules made of one title, step by step, and its layout. Does not: any rule, which are SQL and
seeds of `dbt/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.home import Home
from dagster_project.roles.coding import DECIDED, titles_given
from dagster_project.rules import run_rules
from dagster_project.sources.person_level.sql import text_sql
from dagster_project.sources.role_decisions import store_with_decisions
from dagster_project.sources.store import now

if TYPE_CHECKING:
    import duckdb
    from rich.console import RenderableType

_SCHEMA = "intermediate"
_WANTED = (
    DECIDED,
    f"{_SCHEMA}.int_roles__texts",
    f"{_SCHEMA}.int_roles__words",
    f"{_SCHEMA}.int_roles__meanings",
    f"{_SCHEMA}.int_roles__vocabulary",
    "reference.role_codes",
    "reference.role_rules",
    "reference.role_spellings",
    "reference.role_word_kinds",
    "reference.professions",
)
_WORDS = f"""
    with written as (
        select
            generate_subscripts(string_split(title_plain, ' '), 1) as place,
            unnest(string_split(title_plain, ' ')) as word
        from {DECIDED}
    )
    select
        written.word,
        words.read_as,
        words.is_unknown,
        spellings.written is not null as is_listed_spelling,
        vocabulary.written is not null as is_in_vocabulary
    from written
    inner join {_SCHEMA}.int_roles__words as words on if(written.word = '/', 'or', written.word) = words.word
    left join reference.role_spellings as spellings on written.word = spellings.written
    left join {_SCHEMA}.int_roles__vocabulary as vocabulary on written.word = vocabulary.written
    where written.word <> ''
    order by written.place
"""
_RESULT = f"""
    select
        coded.* exclude (signature),
        texts.facts,
        role_codes.role_name,
        role_codes.is_counted,
        professions.profession_name
    from {DECIDED} as coded
    inner join {_SCHEMA}.int_roles__texts as texts
        on
            coded.title_raw = texts.title_raw
            and coded.band_or_grade is not distinct from texts.band_or_grade
            and coded.employer_type = texts.employer_type
    left join reference.role_codes as role_codes on coded.role_code = role_codes.role_code
    left join reference.professions as professions on coded.profession = professions.profession
"""
_FACTS = {
    "employer_council": "The employer is a council, whose own bands and grades set no level.",
    "employer_nhs": "The employer is the NHS.",
    "employer_independent": "The employer is independent of council and NHS.",
    "employer_unknown": "The kind of employer is not known.",
    "band_2_to_4": "Grade or title name an Agenda for Change band from 2 to 4, a support role's.",
    "band_5": "Grade or title name Agenda for Change band 5.",
    "band_6": "Grade or title name Agenda for Change band 6.",
    "band_7": "Grade or title name Agenda for Change band 7.",
    "band_8_or_9": "Grade or title name Agenda for Change band 8 or 9.",
    "band_range": "Grade or title name several bands.",
    "bands_differ": "The band of the grade is not the band of the title.",
    "annex_21": "The pay is that of a trainee (Annex 21).",
    "low_grade": "The grade is a local one that is lower than a registered practitioner's.",
    "letters_not_read": "The title is written in letters other than the Latin ones, and those are not read.",
    "title_too_long": "The text is too long to be a job title.",
}
_NO_BAND = "No Agenda for Change band is named."
_SURENESS = {
    "high": "high",
    "medium": "medium: the words may mean something else in rare cases",
    "low": "low: a convention, not evidence",
    "none": "none: a person decides",
}
# Of a title that a person decided on, by how it stands to the role.
_SURENESS_OF_DECISIONS = {
    "equal": "high: title and role mean the same, by the decision",
    "wider": "medium: the title covers more than the role, by the decision",
    "narrower": "medium: the title covers less than the role, by the decision",
    "inexact": "low: title and role are about the same, by the decision",
}
_LEFT_UNCODED = "none: the decision leaves it uncoded"
_REGISTRATIONS = {
    "registered": "registered with a regulator",
    "non_registered": "not registered",
    "unknown": "registration not known",
}
_LONGEST_TITLE_SHOWN = 300


@dataclass(frozen=True)
class WordRead:
    """One word of the title, and what it was read as. `how` is known, written_out, corrected or not_known."""

    word: str
    read_as: str
    how: str


@dataclass(frozen=True)
class Meaning:
    """A wording that was found in the title, and what it means."""

    wording: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Explanation:
    """The path from a title to its role. `result` has the columns of the coding; `facts` are sentences."""

    title_raw: str
    band_or_grade: str | None
    employer_type: str
    title_plain: str
    words: tuple[WordRead, ...]
    meanings: tuple[Meaning, ...]
    facts: tuple[str, ...]
    result: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def explain(
    title: str, band_or_grade: str | None, employer_type: str, home: Home, at: str | None = None
) -> Explanation:
    """What the night's rules make of a title, with the decisions known at the instant `at` (UTC), without one now.

    Raises whatever `run_rules` raises.
    """
    grade = text_sql(band_or_grade) if band_or_grade else "null::varchar"
    title_sql = (
        f"select {text_sql(title)} as title_raw, {grade} as band_or_grade, {text_sql(employer_type)} as employer_type"
    )
    with (
        store_with_decisions(home) as store,
        run_rules(store, _WANTED, at or now(), given=[titles_given(title_sql)]) as connection,
    ):
        (result,) = _rows(connection, _RESULT)
        words = tuple(_word_read(**row) for row in _rows(connection, _WORDS))
        return Explanation(
            title_raw=title,
            band_or_grade=band_or_grade,
            employer_type=employer_type,
            title_plain=result.pop("title_plain"),
            words=words,
            meanings=tuple(_meanings(connection)),
            facts=tuple(_facts(result.pop("facts").split())),
            result={name: value for name, value in result.items() if name not in ("title_raw", "band_or_grade")},
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _word_read(word: str, read_as: str, is_unknown: bool, is_listed_spelling: bool, is_in_vocabulary: bool) -> WordRead:
    if is_unknown:
        how = "not_known"
    elif word in (read_as, f"{read_as}s"):
        how = "known"
    elif is_listed_spelling or is_in_vocabulary or word == "/":
        how = "written_out"
    else:
        how = "corrected"
    return WordRead(word, read_as, how)


def _meanings(connection: duckdb.DuckDBPyConnection) -> Iterator[Meaning]:
    kinds = {row.pop("kind"): row for row in _rows(connection, "from reference.role_word_kinds")}
    found = connection.execute(
        f"select wordings, wording_kinds from {_SCHEMA}.int_roles__meanings inner join {DECIDED} using (title_read)"
    ).fetchall()
    for wordings, wording_kinds in found:
        for wording, kind in zip(wordings, wording_kinds, strict=True):
            yield Meaning(wording, kind, kinds[kind].get("meaning") or kind.replace("_", " "))


def _facts(facts: list[str]) -> Iterator[str]:
    """What grade and employer say, in sentences, the band first."""
    named = [_FACTS.get(fact, fact.replace("_", " ")) for fact in facts if not fact.startswith("employer_")]
    if not any("band" in fact for fact in facts):
        yield _NO_BAND
    yield from named
    yield from (_FACTS[fact] for fact in facts if fact.startswith("employer_"))


def terminal(explanation: Explanation) -> RenderableType:
    """The path as a person reads it: one step below the other."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from dagster_project.present import safe_text

    title = safe_text(explanation.title_raw)
    if len(title) > _LONGEST_TITLE_SHOWN:
        title = f"{title[:_LONGEST_TITLE_SHOWN]}… ({len(explanation.title_raw):,} characters)"
    steps = Table.grid(padding=(0, 2))
    steps.add_column(style="bold", no_wrap=True)
    steps.add_column(overflow="fold")
    for heading, lines in _steps(explanation):
        for number, line in enumerate(lines):
            steps.add_row("" if number else heading, Text(safe_text(line)))
    return Group(Text(title or "(no title)", style="bold cyan"), Text(), steps)


def _steps(explanation: Explanation) -> Iterator[tuple[str, list[str]]]:
    result = explanation.result
    if explanation.band_or_grade:
        yield "Band or grade", [explanation.band_or_grade]
    yield "Plain words", [_listed([explanation.title_plain]) or "none are left of it"]
    yield "Read as", list(_words_in_words(explanation.words)) or ["nothing"]
    yield "Which means", [f"{found.wording}: {found.meaning}" for found in explanation.meanings] or ["nothing known"]
    yield "Band, employer", list(explanation.facts)
    decided_on = f" Decided on: {result['words_that_decided']}." if result["words_that_decided"] else ""
    if result["reviewer"]:
        yield "Decision", [result["reason"], f"The rules alone would say {result['rule_role_code']}."]
    else:
        yield "Rule", [f"{result['rule_id']}: {result['reason']}{decided_on}"]
    yield "How sure", [_how_sure(result), f"basis: {result['basis']}"]
    yield "Role", [f"{result['role_code']}: {result['role_name']}{_group(result)}"]
    # What is uncoded may well be of a profession; the title names none.
    unnamed = result["role_code"] == "uncoded" and result["profession"] == "none"
    profession = "None is named" if unnamed else result["profession_name"] or result["profession"]
    yield "Profession", [f"{profession}, {_REGISTRATIONS[result['registration']]}"]


def _how_sure(result: Mapping[str, Any]) -> str:
    if not result["reviewer"]:
        return _SURENESS[result["sureness"]]
    return _LEFT_UNCODED if result["role_code"] == "uncoded" else _SURENESS_OF_DECISIONS[result["equivalence"]]


def _group(result: Mapping[str, Any]) -> str:
    if not result["is_counted"]:
        return ", not counted among the roles"
    return f", in the group {result['role_group']}" if result["role_group"] else ""


def _words_in_words(words: tuple[WordRead, ...]) -> Iterator[str]:
    """Known words together, then each word that was written out or corrected, then those that say nothing."""
    by_how = {
        how: [word for word in words if word.how == how] for how in ("known", "written_out", "corrected", "not_known")
    }
    if by_how["known"]:
        yield f"as they stand: {_listed(word.word for word in by_how['known'])}"
    if by_how["written_out"]:
        yield f"written out: {_listed(f'{word.word} as {word.read_as}' for word in by_how['written_out'])}"
    if by_how["corrected"]:
        yield f"corrected: {_listed(f'{word.word} to {word.read_as}' for word in by_how['corrected'])}"
    if by_how["not_known"]:
        yield f"not known, so they say nothing of the role: {_listed(word.word for word in by_how['not_known'])}"


def _listed(texts: Iterable[str]) -> str:
    listed = ", ".join(dict.fromkeys(texts))
    return listed if len(listed) <= _LONGEST_TITLE_SHOWN else f"{listed[:_LONGEST_TITLE_SHOWN]}…"
