"""`ahp roles review`: the job titles a person should look at, with what helps to decide.

Belongs here: which titles wait and why, the known titles nearest to each, and what a decision would move. Does not:
how the queue looks in a spreadsheet (workbook), or taking decisions back (deciding).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.query import QueryError, latest_release, open_release
from dagster_project.sources.problems import shortened

if TYPE_CHECKING:
    import duckdb
    import pyarrow
    from rich.console import RenderableType

    from dagster_project.home import Home
    from dagster_project.release.publishing import Release

ROWS_SHOWN = 20
NEIGHBOURS = 3
# Fewer words in common than this share of all their words tell nothing.
LEAST_LIKENESS = 0.2
FACTS = (
    "title_raw",
    "band_or_grade",
    "employer_type",
    "why",
    "fte",
    "headcount",
    "organisations",
    "organisation_names",
    "role_code_now",
    "profession_now",
    "nearest_1",
    "nearest_2",
    "nearest_3",
    "suggested_role_code",
    "effect",
)
DECISION = ("role_code", "profession", "equivalence", "reason", "reviewer", "second_reviewer", "decided_on")
EQUIVALENCES = ("equal", "wider", "narrower", "inexact")
COLUMNS = (*FACTS, *DECISION)
_NUMBERS_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_EMPLOYERS = {"council": ("council", "councils"), "nhs": ("NHS organisation", "NHS organisations")}
_SAME_AS_BEFORE = ("title_raw", "band_or_grade", "employer_type", "role_code")
_CODING = """
    create temp table coding as
    select coding.*, if(before.role_code <> coding.role_code, before.role_code, null) as previous_role_code
    from quality.role_coding as coding
    left join before
        on
            coding.title_raw = before.title_raw
            and coding.band_or_grade is not distinct from before.band_or_grade
            and coding.employer_type = before.employer_type
"""
_QUEUE = """
    create temp table queue as
    select
        row_number() over (
            order by coalesce(fte, headcount, 0) desc, organisations desc, title_raw, band_or_grade, employer_type
        ) as place,
        *,
        concat_ws(
            ' ',
            case when role_code = 'uncoded' then 'Uncoded: ' || reason end,
            case when role_code <> 'uncoded' and basis = 'default' then 'By convention: ' || reason end,
            'Contradictory: ' || contradiction || '.',
            'Changed: it was ' || previous_role_code || ' in the last release.'
        ) as why
    from coding
    -- Where the job role says that it is no therapy role, that settles it.
    where organisations > 0 and role_codes_counted is distinct from 'out_of_scope' and (
        contradiction is not null
        -- What a person decided is settled.
        or (basis <> 'reviewed' and (role_code = 'uncoded' or basis = 'default' or previous_role_code is not null))
    )
"""
# A title is known where a person decided on it, or where the rules are sure of it.
_KNOWN = """
    create temp table known as
    select
        title_raw,
        concat_ws(', ', band_or_grade, employer_type) as whose,
        title_read,
        role_code,
        if(basis = 'reviewed', 'decided by a person', 'firmly coded') as how
    from coding
    anti join queue using (title_raw, band_or_grade, employer_type)
    where role_code <> 'uncoded' and title_read is not null and (basis = 'reviewed' or sureness = 'high')
    union all
    select
        title_raw,
        concat_ws(', ', band_or_grade, employer_type),
        trim(regexp_replace(lower(title_raw), '[^a-z0-9]+', ' ', 'g')),
        role_code,
        'decided by a person'
    from reference.role_decisions
"""
# Titles are many and pairs of them more, so that only numbers are compared, and only the nearest are put into words.
_NEIGHBOURS = """
    create temp table neighbours as
    with

    asked as (
        select
            row_number() over (order by title_read) as asked_id,
            title_read,
            list_filter(list_distinct(string_split(title_read, ' ')), lambda word: word not in ('_', '-')) as words
        from (select distinct title_read from queue where title_read is not null)
    ),

    listed as (
        select
            row_number() over (order by title_read, role_code) as listed_id,
            title_read,
            role_code,
            min_by(title_raw, (how, title_raw)) as title_raw,
            min_by(whose, (how, title_raw)) as whose,
            min_by(how, (how, title_raw)) as how,
            list_filter(list_distinct(string_split(title_read, ' ')), lambda word: word not in ('_', '-')) as words
        from known
        group by title_read, role_code
    ),

    asked_words as (select asked_id, len(words) as word_count, unnest(words) as word from asked),

    listed_words as (select listed_id, len(words) as word_count, unnest(words) as word from listed),

    alike as (
        select
            asked_id,
            listed_id,
            count(*) / (any_value(asked_words.word_count) + any_value(listed_words.word_count) - count(*)) as likeness
        from asked_words
        inner join listed_words on asked_words.word = listed_words.word
        group by asked_id, listed_id
        having likeness >= $least_likeness
    ),

    nearest as (
        select asked_id, list_min(max(likeness, $neighbours)) as least
        from alike
        group by asked_id
    )

    select
        asked.title_read as asked_for,
        listed.title_raw,
        listed.whose,
        listed.how,
        listed.role_code,
        array_to_string(
            list_filter(string_split(asked.title_read, ' '), lambda word: list_contains(listed.words, word)),
            ', '
        ) as shared,
        row_number() over (
            partition by alike.asked_id
            order by
                alike.likeness desc,
                jaro_winkler_similarity(asked.title_read, listed.title_read) desc,
                listed.title_read,
                listed.role_code
        ) as nearness
    from alike
    inner join nearest on alike.asked_id = nearest.asked_id and alike.likeness >= nearest.least
    inner join asked on alike.asked_id = asked.asked_id
    inner join listed on alike.listed_id = listed.listed_id
    qualify nearness <= $neighbours
"""
_ANSWER = """
    with told as (
        select
            asked_for,
            list(
                title_raw || ' (' || whose || '): ' || role_code || ', ' || how || '; shares ' || shared
                order by nearness
            ) as nearest,
            case when count(distinct role_code) = 1 then any_value(role_code) end as suggested
        from neighbours
        group by asked_for
    )
    select queue.*, told.nearest, told.suggested
    from queue
    left join told on queue.title_read = told.asked_for
    order by queue.place
"""


def review_queue(home: Home) -> list[dict[str, Any]]:
    """The titles that are uncoded, coded by convention, contradicted or changed, by the names FACTS; most FTE first.

    Headcount stands in where FTE is not known. Raises QueryError without a release that holds quality.role_coding.
    """
    import duckdb

    latest = latest_release(home)
    before = _before(home, latest)
    with open_release(latest) as connection:
        connection.register("before", before)
        try:
            return [_facts(row) for row in _queued(connection)]
        except duckdb.CatalogException as error:
            raise QueryError(
                "The latest release does not say how job titles are coded. Run ./ahp refresh to make a new one."
            ) from error


def _before(home: Home, latest: Release) -> pyarrow.Table:
    """What titles were coded to in the release before the latest; nothing where none is kept."""
    import duckdb
    import pyarrow

    from dagster_project.release import publishing

    earlier = [release for release in publishing.releases(home) if release.created_at < latest.created_at]
    if earlier:
        with open_release(earlier[0]) as connection, contextlib.suppress(duckdb.CatalogException):
            # A release of long ago has no such table.
            return connection.execute(f"select {', '.join(_SAME_AS_BEFORE)} from quality.role_coding").to_arrow_table()
    return pyarrow.table({name: pyarrow.array([], pyarrow.string()) for name in _SAME_AS_BEFORE})


def _queued(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    connection.execute(_CODING)
    connection.execute(_QUEUE)
    connection.execute(_KNOWN)
    connection.execute(_NEIGHBOURS, {"least_likeness": LEAST_LIKENESS, "neighbours": NEIGHBOURS})
    result = connection.execute(_ANSWER)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    nearest = [*(row["nearest"] or []), *[None] * NEIGHBOURS]
    own = {name: row[name] for name in FACTS if name in row}
    return {
        **own,
        "role_code_now": row["role_code"],
        "profession_now": row["profession"],
        **{f"nearest_{number}": nearest[number - 1] for number in range(1, NEIGHBOURS + 1)},
        "suggested_role_code": row["suggested"],
        "effect": effect(
            row["fte"], row["headcount"], row["role_code"], row["suggested"], row["organisations"], row["employer_type"]
        ),
    }


def effect(
    fte: Decimal | None,
    headcount: int | None,
    role_code: str,
    decided: str | None,
    organisations: int,
    employer_type: str,
) -> str:
    """What accepting a role does, for example: moves 7.0 FTE from uncoded to senior in two councils."""
    one, several = _EMPLOYERS.get(employer_type, ("organisation", "organisations"))
    where = f"in {_in_words(organisations)} {one if organisations == 1 else several}"
    if decided is None:
        stay = "stays" if fte is None and headcount == 1 else "stay"
        return f"{staff(fte, headcount)} {where} {stay} {role_code} until somebody decides"
    if decided == role_code:
        return f"confirms {role_code} for {staff(fte, headcount)} {where}"
    return f"moves {staff(fte, headcount)} from {role_code} to {decided} {where}"


def staff(fte: Decimal | None, headcount: int | None) -> str:
    """An amount of staff in words: 7.0 FTE, 1 person, 12 people, or an unknown number of staff."""
    if fte is not None:
        whole, _, decimals = format(fte.normalize(), "f").partition(".")
        return f"{int(whole):,}.{decimals or '0'} FTE"
    if headcount is not None:
        return f"{headcount:,} {'person' if headcount == 1 else 'people'}"
    return "an unknown number of staff"


def listed_in_words(things: Sequence[str], last: str = "and") -> str:
    """A list as a sentence has it: a, b and c."""
    *others, end = things
    return f"{', '.join(others)} {last} {end}" if others else end


def _in_words(number: int) -> str:
    return _NUMBERS_IN_WORDS[number] if number < len(_NUMBERS_IN_WORDS) else f"{number:,}"


def queue_table(queue: list[dict[str, Any]]) -> RenderableType:
    """The first titles of the queue for a terminal, and how many there are."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from dagster_project.present import counted, safe_text

    if not queue:
        return Text("Nothing waits: every title that staff are counted under has its role.")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), header_style="bold")
    for heading in ("Title", "Why it is here", "Nearest known title", "What deciding does"):
        table.add_column(heading, overflow="fold")
    for row in queue[:ROWS_SHOWN]:
        title = ", ".join(row[name] for name in ("title_raw", "band_or_grade", "employer_type") if row[name])
        cells = (title, row["why"], row["nearest_1"] or "none", row["effect"])
        table.add_row(*(Text(safe_text(shortened(cell) if cell is title else cell)) for cell in cells))
    total = f"{counted(len(queue), 'title')} to look at"
    if len(queue) > ROWS_SHOWN:
        total += f"; the first {ROWS_SHOWN} are shown, -o FILE.xlsx writes them all"
    return Group(table, Text(total, style="dim"))
