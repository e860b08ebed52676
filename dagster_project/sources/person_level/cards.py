"""The cards of person-level sources: which headings name a field, and what may be kept of it, as checked data.

Belongs here: loading and checking these cards, and which columns a landed row table has.
Does not: reading files, or the cards of collations (sources/catalogue).
"""

from __future__ import annotations

import csv
import re
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from pydantic import model_validator

from dagster_project.sources.catalogue import CardPart, normalise_heading
from dagster_project.sources.invented import is_the_mark
from dagster_project.sources.return_layout import SEEDS
from dagster_project.yaml_files import read_yaml

PERSON_LEVEL_FOLDER = Path(__file__).parent
CODE_SYSTEM = "code_system"
NOT_ASKED = "not_asked_by_extract"
# What stands in every row table before the columns of its card.
PROVENANCE_COLUMNS = ("submission_id", "source", "source_file", "source_row", "as_at_date")
AGE_COLUMNS = ("age_band", "age_answer")


class Use(StrEnum):
    """What becomes of a field on the way in."""

    AS_AT_DAY = "as_at_day"
    AS_AT_MONTH = "as_at_month"
    KEPT = "kept"
    KEYED = "keyed"
    BIRTH_DATE = "birth_date"
    AGE = "age"
    PRESENCE = "presence"
    NEVER_KEPT = "never_kept"


class Kind(StrEnum):
    """What a kept field holds; a text that cannot be read as such is counted, and kept all the same."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


class Field(CardPart):
    """One field of an extract. `when_absent` stands in every row of an extract that has no column for it.

    `blanks` are texts that say of a number, an age or a birth date that it is not given.
    """

    field: str
    use: Use
    headings: tuple[str, ...]
    kind: Kind = Kind.TEXT
    when_absent: str = ""
    letters_column: str = ""
    given_column: str = ""
    blanks: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are landed of this field."""
        match self.use:
            case Use.KEPT:
                return (self.field,)
            case Use.BIRTH_DATE:
                return AGE_COLUMNS
            case Use.PRESENCE:
                return (self.letters_column, self.given_column)
            case _:
                return ()


class KeyWording(CardPart):
    """The text a key is made of: the organisation where the number is only its own, a word, and the number.

    `hashed_with_birth_date` names the field of the birth date where the number stands for a person only together with
    it: the number is then the one that Skills for Care makes of the two, so that either form names the same person.
    """

    field: str
    word: str = ""
    within_organisation: bool = False
    hashed_with_birth_date: str = ""


class Key(CardPart):
    """A pseudonym. `says` completes the sentence '12 rows ...' about the rows it cannot be made for."""

    wordings: tuple[KeyWording, ...]
    reason: str
    says: str


class Remark(CardPart):
    """What is said of every file that has a column of one of these fields."""

    fields: tuple[str, ...]
    rule_id: str
    message: str
    suggestion: str


class Codes(CardPart):
    """The codes that a field may hold: those of a list in the reference lists, chosen by what its columns say."""

    field: str
    reference_list: str
    column: str
    where: dict[str, str]

    def codes(self, **other: str) -> frozenset[str]:
        """The codes; `other` says what other columns of the list are to hold instead."""
        chosen = self.where | other
        return frozenset(
            row[self.column]
            for row in _list(self.reference_list)
            if all(row[name] == text for name, text in chosen.items()) and row[self.column]
        )


@cache
def _list(name: str) -> tuple[dict[str, str], ...]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


class RowTable(CardPart):
    """One form in which the rows of a landed table arrive, with a row for each person, assignment or workplace.

    A table may arrive in several forms, each with its own headings and `code_system`. `out_of_scope` are the codes of
    rows that are counted and not landed, `coded` the fields whose codes tell the forms apart. `passed_over` are
    patterns of further headings that are known, and whose columns are never kept. Where `day_in_path` is true, folder
    or file name say the day, and where `vintage_in_path` is, also by a month or a year; `folder_column` is landed with
    the name of the folder that the file lies in. A table that has no people may come as a workbook too.
    """

    table: str
    form: str = ""
    code_system: str = ""
    title: str
    grain: str
    has_people: bool = True
    day_in_path: bool = False
    vintage_in_path: bool = False
    remark: Remark | None = None
    folder_column: str = ""
    out_of_scope: Codes | None = None
    coded: tuple[Codes, ...] = ()
    passed_over: tuple[str, ...] = ()
    required: tuple[tuple[str, ...], ...]
    organisation: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    keys: dict[str, Key]
    fields: tuple[Field, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> RowTable:
        owners: dict[str, str] = {}
        for field in self.fields:
            for heading in map(normalise_heading, field.headings):
                if owners.setdefault(heading, field.field) != field.field:
                    raise ValueError(f"the heading '{heading}' has two meanings: {owners[heading]} and {field.field}")
        named = {
            *(name for names in self.required for name in names),
            *self.organisation,
            *(name for names in self.names for name in names),
            *(wording.field for key in self.keys.values() for wording in key.wordings),
            *(
                wording.hashed_with_birth_date
                for key in self.keys.values()
                for wording in key.wordings
                if wording.hashed_with_birth_date
            ),
            *(codes.field for codes in (self.out_of_scope, *self.coded) if codes),
        }
        if unknown := sorted(named - self.field_by_name.keys()):
            raise ValueError(f"these fields are named and not described: {', '.join(unknown)}")
        if len(set(self.columns)) != len(self.columns):
            raise ValueError("two fields are landed under one name")
        return self

    @cached_property
    def field_by_name(self) -> dict[str, Field]:
        return {field.field: field for field in self.fields}

    @cached_property
    def field_of_heading(self) -> dict[str, Field]:
        return {normalise_heading(heading): field for field in self.fields for heading in field.headings}

    @property
    def constants(self) -> tuple[str, ...]:
        """The landed columns that hold the same in every row of a file, in the order of the landed columns."""
        return tuple(name for name in (self.code_system and CODE_SYSTEM, self.folder_column) if name)

    @cached_property
    def described_columns(self) -> tuple[str, ...]:
        """The landed columns that an extract fills: keys, and what is kept of its fields."""
        return (*self.keys, *(column for field in self.fields for column in field.columns))

    @cached_property
    def passed_over_pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(self.passed_over) or r"(?!)")

    def knows(self, heading: str) -> bool:
        """Whether a heading is known, be it only as one whose column is never kept."""
        plain = normalise_heading(heading)
        return plain in self.field_of_heading or is_the_mark(heading) or bool(self.passed_over_pattern.fullmatch(plain))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All landed columns in their order."""
        return (*PROVENANCE_COLUMNS, *self.constants, *self.described_columns)

    @property
    def age_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.use in (Use.BIRTH_DATE, Use.AGE))


class PersonLevelCard(CardPart):
    """Everything that must be known about a source of person-level extracts to read them."""

    source: str
    title: str
    publisher: str
    licence: str
    cadence: str
    landing_folder: str
    evidence: str
    tables: tuple[RowTable, ...]

    @model_validator(mode="after")
    def _forms_of_a_table_land_alike(self) -> PersonLevelCard:
        for table in self.tables:
            for other in self.forms_beside(table):
                if sorted(other.columns) != sorted(table.columns):
                    raise ValueError(f"the forms '{table.form}' and '{other.form}' land different columns")
        return self

    def forms_beside(self, table: RowTable) -> tuple[RowTable, ...]:
        """The other forms in which the rows of a table arrive."""
        return tuple(other for other in self.tables if other.table == table.table and other is not table)


@cache
def load_person_level_cards() -> tuple[PersonLevelCard, ...]:
    """The cards of every person-level source. Raises pydantic's ValidationError for a card that is not whole."""
    return tuple(PersonLevelCard.model_validate(read_yaml(path)) for path in sorted(PERSON_LEVEL_FOLDER.glob("*.yml")))


def row_tables() -> dict[str, RowTable]:
    """Every landed row table by its name; of several forms the first, whose columns are those of all."""
    return {table.table: table for card in load_person_level_cards() for table in reversed(card.tables)}


def lists_of_cards() -> tuple[Path, ...]:
    """The reference lists that decide how an extract is read."""
    names = {
        codes.reference_list
        for card in load_person_level_cards()
        for table in card.tables
        for codes in (table.out_of_scope, *table.coded)
        if codes
    }
    return tuple(SEEDS / f"{name}.csv" for name in sorted(names))
