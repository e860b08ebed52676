"""Returns made up by the hundred: a valid one comes out as it went in, and one spoilt cell is named or changes nothing.

Made up are council, day, titles, groups, levels, numbers, words in place of numbers, statements, learners, leadership
and counts of equality answers. What is refused on purpose (e-mail addresses, National Insurance numbers, paths, the
error values of spreadsheets) is left out of the texts, since no valid return holds it.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from fixtures.returns import (
    COVER,
    EQUALITY,
    GROUPS,
    KINDS_OF_LEARNERS,
    LEADERSHIP,
    LEARNERS,
    LISTED,
    MEASURES,
    NOBODY,
    NOT_COUNTABLE,
    PARTS,
    WORKFORCE,
    Paper,
    Return,
    filled,
    quantity,
)
from homes import refresh
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from dagster_project.home import Home
from dagster_project.returns.checking import FOLDER, check_files
from dagster_project.rules import run_rules
from dagster_project.sources.councils import council_called, councils_on
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import land
from dagster_project.sources.return_layout import SEEDS, edi_categories, offered
from dagster_project.sources.store import now

pytestmark = pytest.mark.slow

_FIRST_DAY = date(2025, 1, 1)
COUNCILS = [council.organisation_name for council in councils_on(date(2026, 3, 31))]


# Making returns up

# Control characters have no place in a spreadsheet, and half a character in no text.
_LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="@\\/:#")
_WRITING = st.text(_LETTERS, max_size=30)
_THERAPISTS = ("Occupational Therapist", "OT /Physio (Band 6/7)")
_TITLES = st.one_of(
    st.sampled_from([*_THERAPISTS, "Thérapeute 🧑‍⚕️", "=1+1", "معالج", "7", 'O\'Neil &\n"x", y']),
    _WRITING.map(lambda text: text + "x"),
)


def _seen(text: str) -> str:
    """A text as a spreadsheet shows it: nobody sees what is blank or invisible at its ends."""
    while text and (text[0].isspace() or unicodedata.category(text[0]) == "Cf"):
        text = text[1:]
    while text and (text[-1].isspace() or unicodedata.category(text[-1]) == "Cf"):
        text = text[:-1]
    return text


_TEXTS = _WRITING.map(_seen)
_NO_NUMBER = st.sampled_from(["", "cannot quantify", "?"])


def _fte(most: Decimal) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=4, allow_nan=False)


def _plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if number % 1 else f"{number:.0f}"


@st.composite
def _posts(draw: st.DrawFn, group: str, as_at: date) -> dict[str, str]:
    """A row of Workforce that obeys the rules: FTE within the headcount, parts that add up, none above its whole."""
    people = draw(st.integers(0, 1500))
    fte = draw(_fte(Decimal(people)))
    permanent = draw(st.one_of(st.just(fte), _fte(fte)))
    temporary = fte - permanent
    pay = sorted(draw(st.tuples(st.integers(15_000, 90_000), st.integers(15_000, 90_000))))
    numbers = {
        "headcount": str(people),
        "fte": _plain(fte),
        "fte_permanent": _plain(permanent),
        "fte_temporary": draw(st.sampled_from([_plain(temporary)] if temporary else ["0", "none", "n/a"])),
        "fte_vacant": draw(st.one_of(_fte(Decimal(300)).map(_plain), st.sampled_from(["none", "n/a"]))),
        "fte_agency": draw(st.one_of(st.just(""), _fte(fte).map(_plain))),
        "fte_outsourced": draw(st.one_of(st.just(""), _fte(fte).map(_plain))),
        "headcount_seconded": draw(st.one_of(st.just(""), st.integers(0, people).map(str))),
        "headcount_top_of_band": draw(st.one_of(st.just(""), st.integers(0, people).map(str))),
    }
    # Seldom, a number that the council does not know, or does not say.
    for field in draw(st.sets(st.sampled_from(sorted(numbers)), max_size=2)) if draw(st.integers(0, 4)) == 0 else ():
        numbers[field] = draw(_NO_NUMBER)
    choice = {
        column.field: draw(st.sampled_from(("", *offered(column.choices))))
        for column in PARTS[WORKFORCE].columns
        if column.kind == "choice" and column.field != "return_group"
    }
    return {
        **choice,
        **numbers,
        "job_title": _seen(draw(_TITLES)),
        "return_group": group,
        "grade": draw(st.sampled_from(["", "PO2", "6-7", "AfC Band 6"])),
        "pay_minimum": draw(st.sampled_from(["", str(pay[0])])),
        "pay_maximum": str(pay[1]),
        "pay_supplement": draw(st.sampled_from(["", "none", "1500"])),
        "funding_end_date": (as_at + timedelta(days=draw(st.integers(0, 3000)))).isoformat() if temporary else "",
        "note": draw(_TEXTS),
    }


@st.composite
def _learners(draw: st.DrawFn, kind: str) -> dict[str, str]:
    return {
        "learner_type": kind,
        "learner_profession": draw(st.sampled_from(("", *offered("profession")))),
        "funding_route": draw(st.sampled_from(("", *offered("funding_route")))) if kind.startswith("Degree") else "",
        "learner_count": draw(
            st.one_of(st.integers(0, 999).map(str), st.sampled_from(["none", "cannot quantify", ""]))
        ),
        "qualifying_year": draw(st.sampled_from(["", "2026", "2031"])),
        "note": draw(_TEXTS),
    }


@st.composite
def _equality(draw: st.DrawFn, characteristic: str) -> list[dict[str, str]]:
    """Nothing for a characteristic, n/a throughout, or a number for some of its answers."""
    code = characteristic.lower().replace(" ", "_")
    kind = draw(st.sampled_from(["nothing", "n/a", "numbers", "numbers"]))
    if kind == "nothing":
        return []
    number = (
        st.just("n/a") if kind == "n/a" else st.one_of(st.integers(0, 400).map(str), st.sampled_from(["0", "none", ""]))
    )
    return [
        {"characteristic": characteristic, "category": category, "people": draw(number)}
        for category in edi_categories()[code]
    ]


def _every_cell(row: dict[str, str]) -> tuple[str, ...]:
    """Two rows that are alike in these count once."""
    return tuple(row.values())


@st.composite
def returns(draw: st.DrawFn, council: str) -> Return:
    """A valid return: it may raise questions, but nothing in it is an error."""
    as_at = draw(st.dates(date(2024, 4, 1), date(2026, 6, 30)))
    cover = {
        "return_owner_role": draw(_TEXTS),
        "principal_ot_input": draw(st.sampled_from(("", *offered("yes_no")))),
        "delivery_model": draw(st.sampled_from(("", *offered("delivery_model")))),
        "service_age_scope": draw(st.sampled_from(offered("service_age_scope"))),
        "academic_year": draw(st.sampled_from(["", "2025/26"])),
        "pay_year": draw(st.sampled_from(["", "2025/26"])),
    }
    posts: list[dict[str, str]] = []
    for question, group in GROUPS.items():
        rows = draw(st.lists(_posts(group, as_at), max_size=3, unique_by=_every_cell))
        posts += rows
        cover[question] = draw(st.sampled_from([LISTED, ""] if rows else [NOBODY, NOT_COUNTABLE, ""]))
    learners: list[dict[str, str]] = []
    for question, kind in KINDS_OF_LEARNERS.items():
        rows = draw(st.lists(_learners(kind), max_size=2, unique_by=_every_cell))
        learners += rows
        cover[question] = draw(st.sampled_from([LISTED, ""] if rows else [NOBODY, NOT_COUNTABLE, ""]))
    return Return(
        council,
        as_at,
        cover,
        tuple(draw(st.permutations(posts))),
        tuple(learners),
        {
            "principal_ot_in_post": draw(st.sampled_from(["Yes", "No", ""])),
            "principal_ot_grade": draw(st.sampled_from(["", "PO7"])),
            "principal_ot_manager_role": draw(_TEXTS),
            "ahp_lead_in_post": draw(st.sampled_from(["Yes", "No", ""])),
        },
        tuple(row for characteristic in offered("edi_characteristic") for row in draw(_equality(characteristic))),
    )


def made_up(strategy: Callable[[str], st.SearchStrategy[Any]], count: int) -> list[Any]:
    """So many examples, the same every time, each of another council and drawn afresh.

    They are gathered before anything is done with them, because one run of the rules takes hundreds of returns almost
    as fast as one.
    """
    return [_example(strategy(COUNCILS[number]), number) for number in range(count)]


def _example(strategy: st.SearchStrategy[Any], number: int) -> Any:
    drawn: list[Any] = []

    # The first of the two is always the plainest there is.
    @seed(number)
    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(value: Any) -> None:
        drawn.append(value)

    draw()
    return drawn[-1]


@cache
def valid_returns() -> list[Return]:
    return made_up(returns, 25)


@cache
def valid_files() -> dict[str, bytes]:
    return {f"{made.council}.xlsx": filled(made) for made in valid_returns()}


# What must come of a return, worked out from the model alone


@cache
def codes() -> dict[tuple[str, str], str]:
    """The code of each wording of each list, as the seed has them."""
    with (SEEDS / "return_choices.csv").open(encoding="utf-8", newline="") as file:
        return {(row["choice_list"], row["label"]): row["code"] for row in csv.DictReader(file)}


@cache
def kinds_of_answer() -> dict[tuple[str, str], str]:
    with (SEEDS / "edi_categories.csv").open(encoding="utf-8", newline="") as file:
        return {(row["characteristic"], row["label"]): row["answer_kind"] for row in csv.DictReader(file)}


def _code(choice_list: str, wording: str) -> str | None:
    return codes()[choice_list, wording] if wording else None


def _or_none(text: str) -> str | None:
    return text or None


_OF_A_ROW = (*MEASURES, "fte_agency", "fte_outsourced", "headcount_seconded", "headcount_top_of_band")


def expected_titles(made: Return) -> list[tuple[Any, ...]]:
    return [
        (
            post["job_title"],
            _code("return_group", post["return_group"]),
            _or_none(post["level"]),
            _or_none(post["grade"]),
            _code("employer", post["employer"]) or "not_stated",
            _code("funder", post["funder"]) or "not_stated",
            *(quantity(post[measure]) for measure in _OF_A_ROW),
            _code("funding_stream", post["funding_stream"]),
            date.fromisoformat(post["funding_end_date"]) if post["funding_end_date"] else None,
            _or_none(post["note"]),
            _role_of(post),
            _profession_of(post),
        )
        for post in made.posts
    ]


@cache
def _seed(name: str, key: str) -> dict[str, dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def _group_of(post: Mapping[str, str]) -> dict[str, str]:
    return _seed("return_groups", "return_group")[codes()["return_group", post["return_group"]]]


def _role_of(post: Mapping[str, str]) -> str | None:
    """What the words of the title say, where the group holds it and no level speaks against it; else the level the
    council names, where its group can hold it; else the one role of the group, if it has only one.
    """
    group, level = _group_of(post), _seed("role_codes", "role_code").get(_code("level", post.get("level", "")) or "")
    of_the_group = _or_none(group["role_code"])
    declared = level["role_code"] if level is not None and _holds(group, level) else None
    # Of all the titles made up here only a therapist's with a band of Agenda for Change names a role: Band 6.
    if post.get("job_title") in _THERAPISTS and post["grade"] == "AfC Band 6":
        titled = _seed("role_codes", "role_code")["experienced"]
        return "experienced" if _holds(group, titled) and declared in (None, "experienced") else of_the_group
    return declared or of_the_group


def _holds(group: Mapping[str, str], role: Mapping[str, str]) -> bool:
    return group["role_group"] in ("", role["role_group"]) and not (
        group["registration"] == "registered" and role["role_group"] == "non_registered"
    )


def _profession_of(post: Mapping[str, str]) -> str | None:
    return _code("profession", post.get("profession", "")) or _or_none(_group_of(post)["profession"])


def _registration_of(post: Mapping[str, str]) -> str:
    said = {"Yes": "registered", "No": "non_registered", "Not known": "unknown"}
    return said.get(post.get("registered", "")) or _group_of(post)["registration"]


def expected_people(made: Return) -> dict[tuple[Any, ...], Decimal | None]:
    """The headcount of everybody of one group, role, profession, registration, employer and funder."""
    expected: dict[tuple[Any, ...], Decimal | None] = {}
    stated: list[tuple[Mapping[str, str], Decimal | None]] = [
        ({"return_group": group}, Decimal(0) if made.cover[question] == NOBODY else None)
        for question, group in GROUPS.items()
        if made.cover[question] in (NOBODY, NOT_COUNTABLE)
    ]
    for post, people in [*((post, quantity(post["headcount"])) for post in made.posts), *stated]:
        key = (
            codes()["return_group", post["return_group"]],
            *(_role_of(post), _profession_of(post), _registration_of(post)),
            _code("employer", post.get("employer", "")) or "not_stated",
            _code("funder", post.get("funder", "")) or "not_stated",
        )
        before = expected.get(key, Decimal(0))
        expected[key] = None if before is None or people is None else before + people
    return expected


def expected_pay(made: Return) -> list[tuple[Any, ...]]:
    return [
        (
            *(post["job_title"], _role_of(post), _or_none(post["grade"])),
            *(int(post[end]) if post[end] else None for end in ("pay_minimum", "pay_maximum")),
            _or_none(post["pay_supplement"]),
            _or_none(made.cover["pay_year"]),
        )
        for post in made.posts
        if post["pay_minimum"] or post["pay_maximum"] or post["pay_supplement"]
    ]


def expected_groups(made: Return) -> dict[str, tuple[Decimal | None, ...]]:
    """The numbers of each group the return says anything of."""
    return {
        codes()["return_group", group]: made.numbers_of(group)
        for question, group in GROUPS.items()
        if made.cover[question] in (NOBODY, NOT_COUNTABLE) or any(post["return_group"] == group for post in made.posts)
    }


def expected_pipeline(made: Return) -> list[tuple[Any, ...]]:
    year = _or_none(made.cover["academic_year"])
    listed = [
        (
            _code("learner_type", row["learner_type"]),
            None if row["funding_route"] == "Not known" else _code("funding_route", row["funding_route"]),
            quantity(row["learner_count"]),
            _code("profession", row["learner_profession"]),
            int(row["qualifying_year"]) if row["qualifying_year"] else None,
            year,
        )
        for row in made.learners
    ]
    stated = [
        (_code("learner_type", kind), None, Decimal(0) if made.cover[question] == NOBODY else None, None, None, year)
        for question, kind in KINDS_OF_LEARNERS.items()
        if made.cover[question] in (NOBODY, NOT_COUNTABLE)
    ]
    return listed + stated


def expected_council_return(made: Return) -> tuple[Any, ...]:
    statements = (*GROUPS, *KINDS_OF_LEARNERS)
    return (
        _or_none(made.cover["return_owner_role"]),
        _code("yes_no", made.cover["principal_ot_input"]),
        _code("delivery_model", made.cover["delivery_model"]),
        _code("service_age_scope", made.cover["service_age_scope"]),
        _or_none(made.cover["academic_year"]),
        _or_none(made.cover["pay_year"]),
        *(_code("group_statement", made.cover[question]) for question in statements),
    )


def expected_leadership(made: Return) -> tuple[Any, ...]:
    said = {"Yes": True, "No": False, "": None}
    return (
        said[made.leadership["principal_ot_in_post"]],
        _or_none(made.leadership["principal_ot_grade"]),
        said[made.leadership["ahp_lead_in_post"]],
        made.numbers_of("Managers")[0],
    )


def expected_completeness(made: Return) -> dict[str, tuple[Decimal | int | None, ...]]:
    """n, valid, prefer not to say, not known, not recorded and not asked, by characteristic."""
    expected: dict[str, tuple[Decimal | int | None, ...]] = {}
    for characteristic in edi_categories():
        rows = [row for row in made.equality if codes()["edi_characteristic", row["characteristic"]] == characteristic]
        texts = {row["people"] for row in rows}
        counts = {
            "valid": Decimal(0),
            "prefer_not_to_say": Decimal(0),
            "not_known": Decimal(0),
            "not_recorded": Decimal(0),
        }
        for row in rows:
            counts[kinds_of_answer()[characteristic, row["category"]]] += quantity(row["people"]) or 0
        people = None if made.headcount is None else max(made.headcount, sum(counts.values(), Decimal(0)))
        answered = (counts["valid"], counts["prefer_not_to_say"], counts["not_known"])
        if not texts - {""}:
            expected[characteristic] = (people, None, None, None, None, None)
        elif texts == {"n/a"}:
            expected[characteristic] = (people, None, None, None, None, people)
        else:
            rest = people - sum(answered, Decimal(0)) if people else None
            expected[characteristic] = (people, *answered, rest, 0)
    return expected


# What comes of it

_MARTS = (
    "marts.fct_workforce",
    "marts.fct_workforce_by_title",
    "marts.fct_pipeline",
    "marts.fct_pay_scale",
    "marts.dim_council_return",
    "marts.fct_leadership",
    "quality.edi_completeness",
    "quality.findings",
    "quality.submissions",
)
Query = Callable[[str], list[tuple[Any, ...]]]


def must_come_out_as_it_went_in(made: Return, query: Query) -> None:
    """Every number and every answer of a return, read from the tables, is the one of the model to the last digit."""
    council = council_called(made.council, made.as_at)
    assert council is not None
    own = f"where organisation_code = '{council.organisation_code}' and as_at_date = date '{made.as_at}'"
    titles = query(
        "select job_title, return_group, level_as_written, grade, employer, funder, "
        f"{', '.join(_OF_A_ROW)}, funding_stream, funding_end_date, note, role_code, profession "
        f"from marts.fct_workforce_by_title {own}"
    )
    assert sorted(titles, key=repr) == sorted(_as_queried(expected_titles(made)), key=repr)
    sums = ", ".join(
        f"case when count({measure}) + count(*) filter (where {measure}_status = 'not_applicable' "
        f"and '{measure}' not in ('headcount', 'fte')) = count(*) then sum({measure}) end"
        for measure in MEASURES
    )
    groups = query(f"select return_group, {sums} from marts.fct_workforce {own} group by 1")
    assert {group: numbers for group, *numbers in groups} == {
        group: list(numbers) for group, numbers in expected_groups(made).items()
    }
    people = query(
        "select return_group, role_code, profession, registration, employer, funder, headcount "
        f"from marts.fct_workforce {own}"
    )
    assert len(people) == len(expected_people(made))
    assert {tuple(key): count for *key, count in people} == expected_people(made)
    pay = query(
        "select job_title, role_code, grade_as_written, pay_minimum, pay_maximum, supplement_text, pay_year "
        f"from marts.fct_pay_scale {own}"
    )
    assert sorted(pay, key=repr) == sorted(expected_pay(made), key=repr)
    pipeline = query(
        "select learner_type, funding_route, pipeline_count, profession, qualifying_year, academic_year "
        f"from marts.fct_pipeline {own}"
    )
    assert sorted(pipeline, key=repr) == sorted(_as_queried(expected_pipeline(made)), key=repr)
    stated = ", ".join(f"{question.removeprefix('has_')}_stated" for question in (*GROUPS, *KINDS_OF_LEARNERS))
    assert query(
        "select return_owner_role, principal_ot_input, delivery_model, service_age_scope, academic_year, pay_year, "
        f"{stated} from marts.dim_council_return {own}"
    ) == [expected_council_return(made)]
    assert query(
        f"select has_principal_ot, principal_ot_grade, has_ahp_lead, managers_headcount from marts.fct_leadership {own}"
    ) == _as_queried([expected_leadership(made)])
    completeness = query(
        "select characteristic, n, valid, prefer_not_to_say, not_known, not_recorded, not_asked "
        f"from quality.edi_completeness {own}"
    )
    assert {characteristic: tuple(numbers) for characteristic, *numbers in completeness} == expected_completeness(made)


def _as_queried(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with their numbers as the tables hold them: people as whole numbers, FTE to four decimals."""
    return [
        tuple(
            int(value)
            if isinstance(value, Decimal) and position in _WHOLE[len(row)]
            else value.quantize(Decimal("0.0001"))
            if isinstance(value, Decimal)
            else value
            for position, value in enumerate(row)
        )
        for row in rows
    ]


# Which columns of a row of so many columns count people.
_WHOLE = {20: {6, 13, 14}, 6: {2}, 4: {3}}


def _land(files: dict[str, bytes], folder: Path) -> Home:
    """A home into which the files have been landed as at night."""
    home = Home(folder / "home")
    landing = home.own_landing / FOLDER
    landing.mkdir(parents=True)
    for name, content in files.items():
        (landing / name).write_bytes(content)
    land(home, expectations=check_lightly)
    return home


def test_a_valid_return_has_no_error_and_comes_out_as_it_went_in(tmp_path: Path) -> None:
    home = _land(valid_files(), tmp_path)
    # The role that a principal occupational therapist reports to is kept and not published.
    with closing(run_rules(home.store, [*_MARTS, "intermediate.int_returns__answers"], now())) as connection:
        accepted = connection.execute("select count(*) from quality.submissions where status = 'accepted'").fetchall()
        assert accepted == [(len(valid_returns()),)]
        assert connection.execute("from quality.findings where severity = 'error'").fetchall() == []
        for made in valid_returns():
            must_come_out_as_it_went_in(made, lambda sql: connection.execute(sql).fetchall())
            assert connection.execute(
                "select answer from intermediate.int_returns__answers "
                "where field = 'principal_ot_manager_role' and organisation_name = ? and as_at_date = ?",
                [made.council, made.as_at],
            ).fetchall() == [(_or_none(made.leadership["principal_ot_manager_role"]),)]


def test_the_check_of_a_valid_return_finds_no_error(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in valid_files()]
    for path, content in zip(paths, valid_files().values(), strict=True):
        path.write_bytes(content)
    report = check_files(paths, Home(tmp_path / "home"))
    assert [(file.form, file.organisation_name, file.as_at_date) for file in report.files] == [
        ("return", made.council, made.as_at.isoformat()) for made in valid_returns()
    ]
    assert [finding for file in report.files for finding in file.of_severity("error")] == []


def test_what_a_refresh_releases_is_what_was_put_in(tmp_path: Path) -> None:
    landing = tmp_path / "landing" / FOLDER
    landing.mkdir(parents=True)
    made = valid_returns()
    for each in made:
        (landing / f"{each.council}.xlsx").write_bytes(valid_files()[f"{each.council}.xlsx"])
    refreshed = refresh(tmp_path / "home", landing=tmp_path / "landing")
    assert refreshed.exit_code == 0, refreshed.outcome["reason"]
    assert refreshed.outcome["files"]["accepted"] == len(made)
    for each in made:
        must_come_out_as_it_went_in(each, refreshed.query)


# One cell spoilt

Place = tuple[str, int | None, int | None]


@dataclass(frozen=True)
class Spoilt:
    """A return after one mutation: what was done, its bytes, and the sheet, row and column (from 1) it was done to."""

    what: str
    content: bytes
    place: Place


def _cells_filled(paper: Paper, part: str) -> list[tuple[int, int]]:
    """Row and column, from 0, of every cell below the heading in which something stands that is the council's own."""
    own = range(1, 3) if PARTS[part].shape == "answers" else range(len(PARTS[part].columns))
    return [
        (row, column)
        for row in range(paper.heading(part) + 1, len(paper.rows(part)))
        for column in own
        if column < len(paper.rows(part)[row]) and paper.rows(part)[row][column] not in (None, "")
    ]


def _text_of(value: Any) -> str:
    return value.date().isoformat() if hasattr(value, "date") else str(value)


def _with_a_letter(value: Any) -> Any:
    text = _text_of(value)
    return f"{text[:1]}q{text[1:]}"


def _in_words(value: Any) -> Any:
    return "a dozen or so"


def _with_its_sign_turned(value: Any) -> Any:
    return -value if isinstance(value, int | float) else f"-{_text_of(value)}"


def _with_a_decimal_comma(value: Any) -> Any:
    text = _text_of(value)
    return text.replace(".", ",") if "." in text else f"{text},0"


def _as_an_error(value: Any) -> Any:
    return "#REF!"


def _as_a_day_that_is_none(value: Any) -> Any:
    return "31/02/2026"


def _as_a_range(value: Any) -> Any:
    return f"{_text_of(value)}\u2013{_text_of(value)}"


_SPOILS: tuple[Callable[[Any], Any], ...] = (
    _with_a_letter,
    _in_words,
    _with_its_sign_turned,
    _with_a_decimal_comma,
    _as_an_error,
    _as_a_day_that_is_none,
    _as_a_range,
)


@st.composite
def spoilt_returns(draw: st.DrawFn, council: str) -> tuple[Return, Spoilt]:
    """A valid return, and the same with one cell spoilt; each alone in the totals of its region and day."""
    made = replace(draw(returns(council)), as_at=_FIRST_DAY + timedelta(days=COUNCILS.index(council)))
    return made, draw(_spoilt(made))


@st.composite
def _spoilt(draw: st.DrawFn, made: Return) -> Spoilt:
    paper = Paper(made)
    part = draw(st.sampled_from([COVER, WORKFORCE, WORKFORCE, WORKFORCE, LEARNERS, LEADERSHIP, EQUALITY]))
    cells = _cells_filled(paper, part)
    top, rows = paper.heading(part), paper.rows(part)
    asked_for = [(row, column) for row, column in cells if _must_be_given(part, rows[row], column)]
    kind = draw(
        st.sampled_from(["heading", "sheet", *["cell"] * (8 if cells else 0), *["lost"] * (4 if asked_for else 0)])
    )
    if kind == "sheet":
        paper.grid[f"{part[:20]} (2)"] = [list(row) for row in rows]
        return Spoilt(f"{part} stands there twice", paper.saved(), (f"{part[:20]} (2)", None, None))
    if kind == "heading":
        column = draw(st.integers(0, len(PARTS[part].columns) - 1))
        rows[top][column] = draw(st.sampled_from([f"{rows[top][column]} of all", "Xyzzy", None]))
        return Spoilt(f"heading {column} of {part}", paper.saved(), (part, top + 1, column + 1))
    row, column = draw(st.sampled_from(cells if kind == "cell" else asked_for))
    value, place = rows[row][column], (part, row + 1, column + 1)
    if kind == "lost":
        rows[row][column] = None
        if is_moved := draw(st.booleans()):
            rows[row].extend([None] * (column + 2 - len(rows[row])))
            rows[row][column + 1] = value
        return Spoilt(f"{value!r} {'moved to the right' if is_moved else 'left out'}", paper.saved(), place)
    spoil = draw(st.sampled_from(_SPOILS))
    rows[row][column] = spoil(value)
    return Spoilt(f"{value!r} {spoil.__name__}", paper.saved(), place)


def _must_be_given(part: str, row: list[Any], column: int) -> bool:
    """Whether the council has to say something there; what need not be given is not known to be missing."""
    if PARTS[part].shape == "answers":
        return row[0] not in _NEED_NOT_BE_ANSWERED
    asked = PARTS[part].columns[column]
    return asked.is_required or asked.field in (*MEASURES, "learner_count")


_NEED_NOT_BE_ANSWERED = (
    "Pay year of the pay ranges",
    "Grade of the principal occupational therapist",
    "Role the principal occupational therapist reports to",
    "Is a lead for all allied health professions in post?",
)
_PUBLISHED = {
    "marts.fct_workforce": "return_group, role_group, role_code, profession, registration, employer, funder, "
    "service_age_scope, headcount, fte, fte_permanent, fte_temporary, fte_vacant",
    "marts.fct_workforce_by_title": f"return_group, role_group, role_code, profession, employer, funder, "
    f"service_age_scope, {', '.join(_OF_A_ROW)}, funding_stream, funding_end_date",
    "marts.fct_pipeline": "learner_type, funding_route, pipeline_count, profession, qualifying_year",
    "marts.fct_pay_scale": "role_code, pay_minimum, pay_maximum",
    "marts.fct_leadership": "has_principal_ot, has_ahp_lead, managers_headcount",
    "quality.edi_completeness": "characteristic, n, valid, prefer_not_to_say, not_known, not_recorded, "
    "not_asked, invalid",
    "marts.regional_workforce": "geography_type, geography_name, return_group, role_group, role_code, profession, "
    "headcount, fte, fte_permanent, fte_temporary, fte_vacant, councils_returned",
}


@dataclass(frozen=True)
class Night:
    """What came of one file: whether it counts, what was found (rule, sheet, row, cell), and every published number."""

    counts: bool
    found: frozenset[tuple[Any, ...]]
    published: dict[str, list[tuple[Any, ...]]]


def _nights(files: dict[str, bytes], days: dict[str, date]) -> dict[str, Night]:
    with TemporaryDirectory() as name:
        home = _land(files, Path(name))
        with closing(run_rules(home.store, [*_PUBLISHED, "quality.findings", "quality.submissions"], now())) as rules:
            return {file: _night(rules, file, day) for file, day in days.items()}


def _night(rules: duckdb.DuckDBPyConnection, file: str, day: date) -> Night:
    (counts,) = rules.execute(
        f"select status = 'accepted' from quality.submissions where file_name = '{file}'"
    ).fetchone() or (False,)
    found = rules.execute(
        "select rule_id, source_sheet, source_row, source_cell, message from quality.findings "
        f"where source_file like '%/{file}'"
    ).fetchall()
    published = {
        table: rules.execute(f"select {columns} from {table} where as_at_date = date '{day}' order by all").fetchall()
        for table, columns in _PUBLISHED.items()
    }
    return Night(counts, frozenset(found), published)


def _names(finding: tuple[Any, ...], place: Place) -> bool:
    """Whether a finding names the place, or its row, or its sheet as a whole."""
    _, sheet, row, _, message = finding
    wanted_sheet, wanted_row, _ = place
    if sheet is None:
        return wanted_sheet in message
    return sheet == wanted_sheet and (row is None or wanted_row is None or row == wanted_row)


def test_one_spoilt_cell_is_named_or_changes_no_published_number() -> None:
    """A digit that makes another valid number and a choice that makes another valid choice spoil nothing, since nobody
    can know them for wrong; nor does leaving out what need not be given. Neither is among the mutations."""
    gathered = made_up(spoilt_returns, 80)
    made = {f"{number}.xlsx": each for number, (each, _) in enumerate(gathered)}
    spoilt = {f"{number}.xlsx": each for number, (_, each) in enumerate(gathered)}
    days = {file: each.as_at for file, each in made.items()}
    before = _nights({file: Paper(each).saved() for file, each in made.items()}, days)
    after = _nights({file: each.content for file, each in spoilt.items()}, days)
    assert all(night.counts for night in before.values())
    silent = []
    for file, each in spoilt.items():
        new = after[file].found - before[file].found
        if not any(_names(finding, each.place) for finding in new) and after[file].published != before[file].published:
            changed = {
                table: (before[file].published[table], after[file].published[table])
                for table in _PUBLISHED
                if before[file].published[table] != after[file].published[table]
            }
            silent.append((each.what, each.place, new, changed))
    assert silent == []
    # Neither kind may be all there is: what is refused publishes nothing, and what is read hides nothing.
    read = sum(after[file].counts for file in spoilt)
    refused = len(spoilt) - read
    assert read >= 20
    assert refused >= 20
