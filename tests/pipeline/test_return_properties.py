"""Returns made up by the hundred: a valid one comes out as it went in, and one spoilt cell is named or changes nothing.

Made up are council, day, titles, groups, levels, numbers, words in place of numbers, statements, learners, leadership
and counts of equality answers. What is refused on purpose (e-mail addresses, National Insurance numbers, paths, the
error values of spreadsheets) is left out of the texts, since no valid return holds it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Sequence
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
    CLEAN,
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
from hypothesis import HealthCheck, Phase, given, seed, settings
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

# The same examples every time. Many returns make one example, so that a run of the rules serves them all.
STEADY = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
COUNCILS = [council.organisation_name for council in councils_on(date(2026, 3, 31))]


# Making returns up

# Control characters have no place in a spreadsheet, and half a character in no text.
_LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="@\\/:#")
_WRITING = st.text(_LETTERS, max_size=30)
_TITLES = st.one_of(
    st.sampled_from(
        ["Occupational Therapist", "OT /Physio (Band 6/7)", "Thérapeute 🧑‍⚕️", "=1+1", "معالج", "7", 'O\'Neil & "x"']
    ),
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
    """A row of Workforce that obeys the rules: FTE within the headcount, its parts adding up, no part above its whole."""
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
        rows = draw(st.lists(_posts(group, as_at), max_size=3))
        posts += rows
        cover[question] = draw(st.sampled_from([LISTED, ""] if rows else [NOBODY, NOT_COUNTABLE, ""]))
    learners: list[dict[str, str]] = []
    for question, kind in KINDS_OF_LEARNERS.items():
        rows = draw(st.lists(_learners(kind), max_size=2))
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


def several_returns(count: int) -> st.SearchStrategy[list[Return]]:
    """Returns of as many councils, one each."""
    return st.permutations(COUNCILS).flatmap(
        lambda names: st.tuples(*(returns(council) for council in names[:count])).map(list)
    )


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
        )
        for post in made.posts
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
        f"{', '.join(_OF_A_ROW)}, funding_stream, funding_end_date, note from marts.fct_workforce_by_title {own}"
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
_WHOLE = {18: {6, 13, 14}, 6: {2}, 4: {3}}


def _land(files: dict[str, bytes], folder: Path) -> Home:
    """A home into which the files have been landed as at night."""
    home = Home(folder / "home")
    landing = home.own_landing / FOLDER
    landing.mkdir(parents=True)
    for name, content in files.items():
        (landing / name).write_bytes(content)
    land(home, expectations=check_lightly)
    return home


@settings(STEADY, max_examples=6)
@given(several_returns(5))
def test_a_valid_return_has_no_error_and_comes_out_as_it_went_in(made: list[Return]) -> None:
    files = {f"{number}.xlsx": filled(each) for number, each in enumerate(made)}
    with TemporaryDirectory() as name:
        folder = Path(name)
        home = _land(files, folder)
        report = check_files([home.own_landing / FOLDER / file for file in files], Home(folder / "nobody"))
        assert [file.form for file in report.files] == ["return"] * len(files)
        assert [finding for file in report.files for finding in file.of_severity("error")] == []
        with closing(run_rules(home.store, _MARTS, now())) as connection:
            for each in made:
                must_come_out_as_it_went_in(each, lambda sql: connection.execute(sql).fetchall())
