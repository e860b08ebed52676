"""The layout of the return workbook, as checked data: its sheets, headings, questions and lists of answers.

Belongs here: loading layouts/return_workbook.yml and the seeds of its lists, and answering which wording means what.
Does not: writing a workbook (returns.template) or reading one (return_reading).
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache, cached_property
from typing import Literal

from pydantic import model_validator

from dagster_project.home import PROJECT_ROOT
from dagster_project.sources.catalogue import CARDS_FOLDER, CardPart, normalise_heading
from dagster_project.yaml_files import read_yaml

SEEDS = PROJECT_ROOT / "seeds" / "reference"
LAYOUT_FILE = CARDS_FOLDER / "layouts" / "return_workbook.yml"

Kind = Literal["text", "choice", "council", "date", "year", "count", "fte", "money"]


def normalise_answer(text: str) -> str:
    """An answer without case, punctuation and spacing, with '&' as 'and'; as the SQL macro normalised_name does."""
    return normalise_heading(text.replace("&", " and "))


@cache
def choices(choice_list: str) -> dict[str, str]:
    """Code of each wording of a list, by its normalised wording. Raises KeyError for a list nobody has described."""
    return _choices()[0][choice_list]


@cache
def offered(choice_list: str) -> tuple[str, ...]:
    """The wordings that stand in the drop-down of a list, in their order."""
    return _choices()[1][choice_list]


@cache
def _choices() -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]]]:
    codes: dict[str, dict[str, str]] = {}
    labels: dict[str, list[tuple[int, str]]] = {}
    with (SEEDS / "return_choices.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            codes.setdefault(row["choice_list"], {})[normalise_answer(row["label"])] = row["code"]
            if row["is_offered"] == "true":
                labels.setdefault(row["choice_list"], []).append((int(row["sort_order"]), row["label"]))
    return codes, {name: tuple(label for _, label in sorted(found)) for name, found in labels.items()}


class ReturnColumn(CardPart):
    """One column of a sheet: its heading, what may stand in it, and what a person is told about it.

    `is_row_name` marks the column that names a row to a reader; `is_part` a number that is part of another and need
    not be given; `is_optional` a column that may be missing altogether.
    """

    field: str
    heading: str
    aliases: tuple[str, ...] = ()
    kind: Kind = "text"
    choices: str = ""
    help: str = ""
    is_required: bool = False
    is_row_name: bool = False
    is_part: bool = False
    is_optional: bool = False

    @property
    def wordings(self) -> tuple[str, ...]:
        return (self.heading, *self.aliases, self.field)


class Question(CardPart):
    """One question of a sheet of answers.

    `states_group` and `states_learners` say of whom it asks whether there are any.
    """

    field: str
    question: str
    aliases: tuple[str, ...] = ()
    kind: Kind = "text"
    choices: str = ""
    help: str = ""
    is_required: bool = False
    states_group: str = ""
    states_learners: str = ""

    @property
    def wordings(self) -> tuple[str, ...]:
        return (self.question, *self.aliases, self.field)


class Part(CardPart):
    """One sheet of the workbook and the landed table it feeds.

    `shape`: answers (one question a row), rows (one thing a row) or counts (a fixed list of rows with a number each).
    """

    part: str
    landed_table: str
    shape: Literal["answers", "rows", "counts"]
    sheet_names: tuple[str, ...]
    introduction: str
    columns: tuple[ReturnColumn, ...]
    questions: tuple[Question, ...] = ()
    may_be_missing: bool = False

    @cached_property
    def column_of_heading(self) -> dict[str, ReturnColumn]:
        return {normalise_heading(wording): column for column in self.columns for wording in column.wordings}

    @cached_property
    def question_of_wording(self) -> dict[str, Question]:
        return {normalise_answer(wording): question for question in self.questions for wording in question.wordings}

    @cached_property
    def normalised_sheet_names(self) -> frozenset[str]:
        return frozenset(normalise_heading(name) for name in self.sheet_names)

    @property
    def needed_columns(self) -> tuple[ReturnColumn, ...]:
        return tuple(column for column in self.columns if not column.is_optional)

    def column(self, field: str) -> ReturnColumn:
        return next(column for column in self.columns if column.field == field)


class ReturnLayout(CardPart):
    """The whole workbook. Raises pydantic's ValidationError where a wording would mean two things."""

    layout: str
    version: int
    title: str
    effective_from: date
    effective_to: date | None
    sheets_not_read: tuple[str, ...]
    parts: tuple[Part, ...]

    @model_validator(mode="after")
    def _a_wording_has_one_meaning(self) -> ReturnLayout:
        for part in self.parts:
            for wordings in (
                [{normalise_heading(wording) for wording in column.wordings} for column in part.columns],
                [{normalise_answer(wording) for wording in question.wordings} for question in part.questions],
            ):
                doubled = len(set().union(*wordings)) != sum(len(each) for each in wordings) if wordings else False
                if doubled:
                    raise ValueError(f"{part.part}: a wording of the layout means two things.")
        return self

    @cached_property
    def normalised_sheets_not_read(self) -> frozenset[str]:
        return frozenset(normalise_heading(name) for name in self.sheets_not_read)

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.part == name)

    @property
    def landed_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.landed_table for part in self.parts))


@cache
def return_layout() -> ReturnLayout:
    """The layout in force. Raises FileNotFoundError or pydantic's ValidationError when it is not whole."""
    return ReturnLayout.model_validate(read_yaml(LAYOUT_FILE))


@cache
def edi_categories() -> dict[str, tuple[str, ...]]:
    """The answers to each protected characteristic, in their order, by the characteristic's code."""
    found: dict[str, list[tuple[int, str]]] = {}
    with (SEEDS / "edi_categories.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["characteristic"], []).append((int(row["sort_order"]), row["label"]))
    return {characteristic: tuple(label for _, label in sorted(rows)) for characteristic, rows in found.items()}
