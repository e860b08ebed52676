"""Totals among the rows of a return, which would count the same people twice, and rows that repeat another.

Belongs here: telling a total from a row that counts, by its name and by its numbers. Does not: whether a total is right
(dbt). Where a row may be either, the file is refused and the cell named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dagster_project.sources.opening import cell_address
from dagster_project.sources.problems import Problem, shortened
from dagster_project.sources.return_layout import Part, ReturnColumn, choices, normalise_answer
from dagster_project.sources.return_tables import COUNTED, Table

_TOTAL = frozenset({"total", "totals", "subtotal", "subtotals", "overall"})
# Words that mean a total only where they begin the name of a row that stands in no group.
_BEGINS_A_TOTAL = frozenset({"sum", "grand"})
_SAYS_NO_MORE = frozenset({"of", "all", "the", "for", "and", "sub", "staff", "rows", "above"})
_NO_TOTAL = "not a total"
_LEADING_NUMBER = re.compile(r"[\d,]*\d(?:\.\d+)?")
_MEASURES = ("headcount", "fte", "fte_vacant")
# A total is often shown rounded to one decimal.
_ROUNDED_BY = Decimal("0.05")


@dataclass(frozen=True)
class Row:
    """A row below the heading: its index on the sheet, all its cells, and the texts that are read, by field."""

    index: int
    cells: tuple[str, ...]
    texts: dict[str, str]


@dataclass(frozen=True)
class _Sum:
    """Headcount, FTE and vacant FTE of rows, how many of them hold a number, and how many of them people."""

    numbers: tuple[Decimal, ...]
    rows: int
    with_people: int

    @classmethod
    def of(cls, sums: Iterable[_Sum]) -> _Sum:
        each = list(sums)
        return cls(
            tuple(sum((one.numbers[place] for one in each), Decimal(0)) for place in range(len(_MEASURES))),
            sum(one.rows for one in each),
            sum(one.with_people for one in each),
        )

    def without(self, other: _Sum) -> _Sum:
        return _Sum(
            tuple(mine - its for mine, its in zip(self.numbers, other.numbers, strict=True)),
            self.rows - other.rows,
            self.with_people - other.with_people,
        )

    def equals(self, other: _Sum, measures: int) -> bool:
        return all(
            abs(mine - its) <= (0 if measure == "headcount" else _ROUNDED_BY)
            for measure, mine, its in zip(_MEASURES[:measures], self.numbers, other.numbers, strict=False)
        )


def counts_people(part: Part) -> bool:
    """Whether the rows of a part add up to anything."""
    return any(column.kind in COUNTED for column in part.columns)


def row_name(part: Part) -> ReturnColumn:
    """The column that names a row to a reader."""
    return next(column for column in part.columns if column.is_row_name)


def is_plainly_a_total(part: Part, row: Row) -> bool:
    """Whether a row is named like a total and says nothing else: no group, no answer, no word of a post."""
    says_more = any(
        row.texts.get(column.field)
        for column in part.columns
        if not column.is_row_name and not column.is_optional and column.kind not in (*COUNTED, "money")
    )
    if part.shape != "rows" or says_more or not _is_named_like_a_total(part, row):
        return False
    known = {*_TOTAL, *_BEGINS_A_TOTAL, *_SAYS_NO_MORE}
    for column in part.columns:
        if column.kind in COUNTED:
            known.update(word for wording in column.wordings for word in normalise_answer(wording).split())
        elif column.is_required:
            known.update(word for wording in choices(column.choices) for word in wording.split())
    return known.issuperset(_words(part, row))


def may_be_totals(part: Part, table: Table, rows: Sequence[Row]) -> list[Problem]:
    """What refuses the file among rows that are not plainly totals: those that would count and may add up others.

    A row is taken for a total by its name, or by its numbers where its headcount and FTE are the sums of all other rows
    of its group (two at least) or of the sheet (three at least, since few rows of several groups may well add up).
    """
    named: list[tuple[Row, _Sum, str]] = []
    posts: list[tuple[Row, _Sum, str]] = []
    for row in rows:
        (named if _is_named_like_a_total(part, row) else posts).append((row, _sum_of(row), _group(part, row)))
    of_the_sheet = _Sum.of(own for _, own, _ in posts)
    by_group: dict[str, list[_Sum]] = {group: [] for _, _, group in (*named, *posts)}
    for _, own, group in posts:
        by_group[group].append(own)
    of_groups = {group: _Sum.of(sums) for group, sums in by_group.items()}
    problems = []
    for row, own, group in named:
        adds_up = own.with_people > 0 and any(own.equals(others, 2) for others in (of_groups[group], of_the_sheet))
        problems.append(_named_like_a_total(part, table, row, adds_up=adds_up))
    for row, own, group in posts:
        if not own.with_people or _is_said_to_be_none(row):
            continue
        for all_of_them, at_least, where in ((of_groups[group], 2, "of its group"), (of_the_sheet, 3, "")):
            others = all_of_them.without(own)
            # Beside a single post with people, rows of vacant posts only make another post like it no total.
            if others.rows >= at_least and own.equals(others, 2 if others.with_people > 1 else 3):
                problems.append(_adds_up_others(part, table, row, f"{others.rows} other rows {where}".strip()))
                break
    return problems


def repeats_among(rows: Sequence[Row]) -> dict[int, Row]:
    """The first row of its kind for each that repeats one in every cell, by the index of the one that repeats it."""
    first: dict[tuple[str, ...], Row] = {}
    met = {row.index: first.setdefault(_without_blank_end(row.cells), row) for row in rows}
    return {index: row for index, row in met.items() if index != row.index}


def repeats_another(part: Part, table: Table, row: Row, first: Row) -> Problem:
    """The remark on a row that counts no second time."""
    column = row_name(part)
    set_apart = (
        f"give each something of its own under '{column.heading}', such as the name of its team"
        if part.shape == "rows" and not column.choices
        else "put their numbers together in one row"
    )
    return Problem(
        "duplicate_row",
        f"Row {row.index + 1} repeats row {first.index + 1} in every cell, so it does not count again.",
        f"Remove one of the two. Where both are right, {set_apart}.",
        **_place(part, table, row),
    )


def _without_blank_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = next((place for place in range(len(cells), 0, -1) if cells[place - 1]), 0)
    return cells[:end]


def _words(part: Part, row: Row) -> list[str]:
    return normalise_answer(row.texts[row_name(part).field]).split()


def _is_named_like_a_total(part: Part, row: Row) -> bool:
    words = _words(part, row)
    if not counts_people(part) or _is_said_to_be_none(row):
        return False
    if _TOTAL.isdisjoint(words):
        return _group(part, row) == "" and words[:1] in ([word] for word in _BEGINS_A_TOTAL)
    # A count of answers is asked for its characteristic before anything else.
    return part.shape == "rows" or _group(part, row) != ""


def _is_said_to_be_none(row: Row) -> bool:
    return _NO_TOTAL in normalise_answer(row.texts.get("note", ""))


def _group(part: Part, row: Row) -> str:
    """What a row says it belongs to, besides its name; '' where it says nothing."""
    return " / ".join(
        normalise_answer(row.texts[column.field])
        for column in part.columns
        if column.is_required and not column.is_row_name
    )


def _sum_of(row: Row) -> _Sum:
    numbers = tuple(_number(row.texts.get(measure, "")) for measure in _MEASURES)
    return _Sum(numbers, int(any(numbers)), int(numbers[0] > 0))


def _number(text: str) -> Decimal:
    """The number a text begins with; 0 where it begins with none, as a spreadsheet adds up."""
    found = _LEADING_NUMBER.match(text)
    return Decimal(found.group().replace(",", "")) if found else Decimal(0)


def _place(part: Part, table: Table, row: Row) -> dict[str, Any]:
    column = row_name(part)
    return {
        "sheet": table.sheet.name,
        "row": row.index + 1,
        "cell": cell_address(row.index, table.columns[column.field]),
        "field": column.field,
        "value": row.texts[column.field][:200],
    }


def _named_like_a_total(part: Part, table: Table, row: Row, *, adds_up: bool) -> Problem:
    name = row.texts[row_name(part).field]
    if adds_up:
        return Problem(
            "file_refused",
            f"The row '{shortened(name)}' is named like a total and adds up other rows, so the same people would count "
            "twice.",
            "Remove the row, since totals are worked out here.",
            **_place(part, table, row),
        )
    word = next((word for word in _words(part, row) if word in _TOTAL), "sum")
    return Problem(
        "file_refused",
        f"The row '{shortened(name)}' is named like a total and stands among the rows that count, so it is not known "
        "whether it adds up others or counts people of its own.",
        "Remove it where it adds up others, since totals are worked out here. Where it does not, give it a name "
        f"without '{word}', or write '{_NO_TOTAL}' in its note.",
        **_place(part, table, row),
    )


def _adds_up_others(part: Part, table: Table, row: Row, others: str) -> Problem:
    name = row.texts[row_name(part).field] or "without a title"
    return Problem(
        "file_refused",
        f"The row '{shortened(name)}' has the headcount and the FTE of the {others} taken together, so it looks like "
        "their total, and the same people would count twice.",
        "Remove it where it adds them up, since totals are worked out here. Where it does not, write "
        f"'{_NO_TOTAL}' in its note.",
        **_place(part, table, row),
    )
