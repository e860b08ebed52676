"""A number of the bundled release that README or docs state is what the release holds.

Such a number carries its query in a comment below it: `<!-- numbers 323 14.08% from vacancy_by_region.sql -->` with a
file of docs/queries, or `<!-- numbers 25 from select ... -->`. The comment speaks for the text since the heading above.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from homes import Refreshed, ahp
from worked_queries import BLOCK, answer, bundled_release, sql_of

from dagster_project.release import manifest

ROOT = Path(__file__).parents[2]
# Decisions are dated measurements, and two pages are written by programs and tested elsewhere.
WRITTEN_ELSEWHERE = {"dictionary.md", "role-coding.md"}
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in WRITTEN_ELSEWHERE),
    ROOT / "docs" / "queries" / "README.md",
]
STATED = re.compile(r"<!-- numbers ([\d.,% ]+) from (?:(\w+)\.sql|(select .+?)) -->")
SHOWN_QUERY = re.compile(r"^```\n\./ahp sql \"(?P<sql>[^\"]+)\"\n\n(?P<answer>.+?)\n```", re.DOTALL | re.MULTILINE)
# A share, or a number with two decimals, is rarely anything but a number of a release.
LIKE_A_MEASURE = re.compile(r"(?<![\w.])(?:\d[\d.,]*%|\d[\d,]*\.\d\d(?![\w.]*\d))")


def piece_before(page: str, at: int) -> str:
    """The text since the heading above, without comments."""
    return re.sub(r"<!--.*?-->", "", page[max(page.rfind("\n#", 0, at), 0) : at], flags=re.DOTALL)


def states(text: str, number: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d%]|[.,]\d)", text) is not None


def value_of(number: str) -> Decimal:
    return Decimal(number.replace(",", "").rstrip("%"))


def wrong_numbers(page: str, release: duckdb.DuckDBPyConnection) -> list[str]:
    """Every number that its query does not give, or that the text above its comment does not state."""
    wrong = []
    for stated in STATED.finditer(page):
        numbers, name, inline = stated.groups()
        found = answer(release, sql_of(name) if name else inline)
        values = {
            Decimal(str(value))
            for row in found.rows
            for value in row
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        }
        text = piece_before(page, stated.start())
        for number in numbers.split():
            if value_of(number) not in values:
                wrong.append(f"{number} is not what {name or inline} gives")
            if not states(text, number):
                wrong.append(f"{number} is not stated above its comment")
    return wrong


def numbers_without_a_query(page: str) -> list[str]:
    """Numbers that look like a measure, or carry a query elsewhere on the page, in a section that has none for them."""
    text = SHOWN_QUERY.sub("", BLOCK.sub("", page))
    bound_anywhere = {number for numbers, *_ in STATED.findall(text) for number in numbers.split() if len(number) > 2}
    missing = []
    for section in re.split(r"^(?=#)", text, flags=re.MULTILINE):
        bound = {number for numbers, *_ in STATED.findall(section) for number in numbers.split()}
        plain = re.sub(r"<!--.*?-->|Python \d[\d.]*", "", section, flags=re.DOTALL)
        stated = {number for number in bound_anywhere if states(plain, number)} | set(LIKE_A_MEASURE.findall(plain))
        missing += sorted(stated - bound)
    return missing


@pytest.fixture(scope="module")
def release(bundled: Refreshed) -> Iterator[duckdb.DuckDBPyConnection]:
    with bundled_release(bundled.home) as connection:
        yield connection


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_stated_number_is_what_its_query_gives(page: Path, release: duckdb.DuckDBPyConnection) -> None:
    assert wrong_numbers(page.read_text(encoding="utf-8"), release) == []


def test_the_readme_states_numbers() -> None:
    assert len(STATED.findall((ROOT / "README.md").read_text(encoding="utf-8"))) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_states_a_number_of_the_release_without_its_query(page: Path) -> None:
    assert numbers_without_a_query(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("was", "moved", "complaint"),
    [
        (
            "323   263.05        43.12         14.08%",
            "324   263.05        43.12         14.08%",
            "323 is not stated above",
        ),
        ("<!-- numbers 323 263.05", "<!-- numbers 324 263.05", "324 is not what vacancy_by_region gives"),
        ("returns of 25 Midlands councils", "returns of 26 Midlands councils", "25 is not stated above"),
    ],
)
def test_a_number_that_moved_is_found(was: str, moved: str, complaint: str, release: duckdb.DuckDBPyConnection) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert was in readme
    assert [wrong for wrong in wrong_numbers(readme.replace(was, moved, 1), release) if complaint in wrong]


def test_a_release_that_moved_is_found(release: duckdb.DuckDBPyConnection) -> None:
    """Every region has one more vacant FTE in this view of the release."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    stated = "<!-- numbers 43.12 from vacancy_by_region.sql -->"
    assert stated in readme
    moved = readme.replace(stated, "<!-- numbers 43.12 from select sum(fte_vacant) + 1 from marts.fct_workforce -->")
    assert any(wrong.startswith("43.12 is not what select") for wrong in wrong_numbers(moved, release))


@pytest.mark.parametrize(
    ("page", "missing"),
    [
        ("Vacancies stand at 14.08% in the East Midlands.", ["14.08%"]),
        ("# One\n323 people.\n<!-- numbers 323 from a.sql -->\n# Two\nAgain 323.\n", ["323"]),
        ("# One\n323 people.\n<!-- numbers 323 from a.sql -->\n# Two\nRow 1323, Python 3.11 and 3.1a.\n", []),
    ],
)
def test_a_sentence_that_states_a_number_and_carries_no_query_is_found(page: str, missing: list[str]) -> None:
    assert numbers_without_a_query(page) == missing


# Parts of caveats that hold a number of the data, with the query that gives it.
IN_CAVEATS = {
    "11 of the 14 West Midlands councils": """
        select councils_expected - councils_returned, councils_expected from marts.regional_workforce
        where geography_code = 'ADASS-WM' and return_group = 'non_registered_assessors'
    """,
    "of 20 and of 15 respondents": """
        select max(respondents), min(respondents) from marts.fct_employer_standards
        where geography_name = 'Halton' and survey_year = '2022'
    """,
}
# Names of documents and their parts, days and years, and the ends of scales: none is counted from the data.
DEFINITIONS = (
    r"\d{4}/\d{2}",
    r"(Figure|Tables?|dimension|Band) \d+( and \d+)?",
    r"(\d+ )?(April|June) \d{4}",
    "A difference of 5 points",
    "add up to (more than )?100",
    "never 0",
    "divided by 100",
    "weekly hours by 37, at most 1",
)


def numbers_of_nothing(caveat: str) -> list[str]:
    """The numbers of a caveat that no query gives and that are part of no definition."""
    rest = " ".join(caveat.split())
    for part in (*map(re.escape, IN_CAVEATS), *DEFINITIONS):
        rest = re.sub(part, "", rest)
    return re.findall(r"(?<![A-Za-z])\d[\d.,]*", rest)


def test_a_number_in_a_caveat_is_what_its_query_gives_or_part_of_a_definition(
    bundled: Refreshed, release: duckdb.DuckDBPyConnection
) -> None:
    tables = manifest.read(bundled.release_folder)["tables"]
    caveats = {" ".join(caveat.split()) for table in tables for caveat in table["caveats"]}
    assert {caveat: found for caveat in caveats if (found := numbers_of_nothing(caveat))} == {}
    for part, query in IN_CAVEATS.items():
        assert any(part in caveat for caveat in caveats), part
        ((*given,),) = release.execute(query).fetchall()
        assert [int(number) for number in re.findall(r"\d+", part)] == given
    assert numbers_of_nothing("Of 25 councils 12 have none, see Figure 18 and 2023/24.") == ["25", "12"]


def test_the_query_that_the_readme_shows_gives_the_answer_it_shows(bundled: Refreshed) -> None:
    (shown,) = SHOWN_QUERY.finditer((ROOT / "README.md").read_text(encoding="utf-8"))
    given = ahp(bundled.home.root, "sql", shown["sql"]).stdout
    assert _words(given.rpartition("\n\n")[0]) == _words(shown["answer"])


def _words(table: str) -> list[list[str]]:
    return [shlex.split(line) for line in table.splitlines() if line.strip()]
