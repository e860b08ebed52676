"""Job titles coded by the night's own SQL, and how well that goes on the labelled ones.

Belongs here: coding titles without a store, the figures on the files of `fixtures/role_titles`, and the page
`docs/role-coding.md`, which `uv run python tests/role_titles.py` writes.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from dagster_project.home import PROJECT_ROOT
from dagster_project.rules import Relation, run_rules

FILES = PROJECT_ROOT / "tests" / "fixtures" / "role_titles"
PAGE = PROJECT_ROOT / "docs" / "role-coding.md"
COUNTED = ("assistant", "assessor", "entry", "experienced", "senior", "manager", "principal")
OUTCOMES = (*COUNTED, "apprentice", "student", "out_of_scope", "uncoded")


class Title(NamedTuple):
    """What is coded: a job title, its band or grade, and council, nhs, independent or unknown."""

    title: str | None
    grade: str | None = None
    employer: str = "unknown"


class Coding(NamedTuple):
    """What a title is coded to."""

    role_code: str
    profession: str
    registration: str
    basis: str
    sureness: str
    rule_id: str


@dataclass(frozen=True)
class Labelled:
    """A title with the coding that the code book gives it."""

    title: Title
    role_code: str
    profession: str


@dataclass(frozen=True)
class Figures:
    """How many labelled titles are coded as they should be."""

    titles: int
    exact: int
    profession: int
    wrongly_counted: int
    decidable: int
    decided: int


def code(titles: Iterable[Title], others: str | None = None) -> dict[Title, Coding]:
    """Each title with its coding. `others` is a select of titles that are coded in the same run and not returned."""
    wanted = list(dict.fromkeys(titles))

    def bring(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("create table asked (title_raw varchar, band_or_grade varchar, employer_type varchar)")
        columns = [list(column) for column in zip(*wanted, strict=True)]
        connection.execute("insert into asked select unnest($1), unnest($2), unnest($3)", columns)

    selected = "select title_raw, band_or_grade, employer_type from asked"
    given = Relation(
        name="intermediate.int_roles__titles",
        sql=f"{selected} union {others}" if others else selected,
        after=(),
        columns=(),
    )
    wanted_relations = ["intermediate.int_roles__coded"]
    with run_rules(Path(), wanted_relations, "2031-02-03T04:05:06.789Z", [given], bring) as connection:
        rows = connection.execute(
            """
            select
                asked.*, coded.role_code, coded.profession, coded.registration, coded.basis, coded.sureness,
                coded.rule_id
            from asked
            inner join intermediate.int_roles__coded as coded
                on asked.title_raw is not distinct from coded.title_raw
                and asked.band_or_grade is not distinct from coded.band_or_grade
                and asked.employer_type = coded.employer_type
            """
        ).fetchall()
    assert len(rows) == len(wanted)
    return {Title(*row[:3]): Coding(*row[3:]) for row in rows}


def labelled(name: str) -> list[Labelled]:
    """The rows of one labelled file."""
    with (FILES / name).open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                Title(row["title_raw"], row["band_or_grade"] or None, row["employer_type"] or "unknown"),
                row["role_code"],
                row["profession"],
            )
            for row in csv.DictReader(file)
        ]


def figures(rows: Sequence[Labelled], codings: dict[Title, Coding]) -> Figures:
    """How well the rows are coded."""
    pairs = [(row, codings[row.title]) for row in rows]
    return Figures(
        titles=len(rows),
        exact=sum(row.role_code == coding.role_code for row, coding in pairs),
        profession=sum(row.profession == coding.profession for row, coding in pairs),
        wrongly_counted=sum(coding.role_code in COUNTED and row.role_code != coding.role_code for row, coding in pairs),
        decidable=sum(row.role_code != "uncoded" for row, _ in pairs),
        decided=sum(row.role_code != "uncoded" and coding.role_code != "uncoded" for row, coding in pairs),
    )


def confusion(rows: Sequence[Labelled], codings: dict[Title, Coding]) -> str:
    """Labelled roles down, coded roles across, as a table in Markdown."""
    counts = Counter((row.role_code, codings[row.title].role_code) for row in rows)
    lines = [f"| labelled, down; coded, across | {' | '.join(OUTCOMES)} |", "| --- |" + " ---: |" * len(OUTCOMES)]
    for role in OUTCOMES:
        cells = [str(counts[role, coded] or "") for coded in OUTCOMES]
        cells[OUTCOMES.index(role)] = f"**{counts[role, role]}**"
        lines.append(f"| {role} | {' | '.join(cells)} |")
    return "\n".join(lines)


def page() -> str:
    """`docs/role-coding.md`."""
    files = {name: labelled(name) for name in ("measuring.csv", "tuning.csv", "developed.csv")}
    codings = code(row.title for rows in files.values() for row in rows)
    lines = []
    for name, rows in files.items():
        found = figures(rows, codings)
        shares = (
            found.exact / found.titles,
            found.wrongly_counted / found.titles,
            found.decided / found.decidable,
            found.profession / found.titles,
        )
        lines.append(f"| `{name}` | {found.titles} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    table = "\n".join(lines)
    return f"""# How well job titles are coded

`uv run python tests/role_titles.py` writes this page, and the tests compare it.

Roles are decided by rules on the words of a title, its band or grade and the kind of employer, never by a list of
titles. The labelled titles are in `tests/fixtures/role_titles`, with how they were collected and labelled. Rules were
written with the titles of `developed.csv` and `tuning.csv` at hand and are never tuned on those of `measuring.csv`, so
only the first line tells what to expect of titles nobody has seen.

| file | titles | exactly right | wrongly counted | decided of decidable | profession right |
| --- | ---: | ---: | ---: | ---: | ---: |
{table}
| goal on titles nobody has seen | | at least 95% | at most 1% | at least 95% | at least 97% |

Wrongly counted are titles put into one of the seven counted roles that is not theirs. A title left uncoded waits for a
person and is far better than a wrong one.

## Where titles of `measuring.csv` go

{confusion(files["measuring.csv"], codings)}
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
