"""The cards of person-level sources: which headings name a field, and what may be kept of it, as checked data.

Belongs here: loading and checking these cards, and which columns a landed row table has.
Does not: reading files, or the cards of collations (sources/catalogue).
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from pydantic import model_validator

from dagster_project.sources.catalogue import CardPart, normalise_heading
from dagster_project.yaml_files import read_yaml

PERSON_LEVEL_FOLDER = Path(__file__).parent
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
    """One field of an extract. `when_absent` stands in every row of an extract that has no column for it."""

    field: str
    use: Use
    headings: tuple[str, ...]
    kind: Kind = Kind.TEXT
    when_absent: str = ""
    letters_column: str = ""
    given_column: str = ""

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
    """The text a key is made of: the organisation where the number is only its own, a word, and the number."""

    field: str
    word: str = ""
    within_organisation: bool = False


class Key(CardPart):
    """A pseudonym. `says` completes the sentence '12 rows ...' about the rows it cannot be made for."""

    wordings: tuple[KeyWording, ...]
    reason: str
    says: str


class RowTable(CardPart):
    """One landed table with a row for each person or assignment."""

    table: str
    title: str
    grain: str
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

    @cached_property
    def described_columns(self) -> tuple[str, ...]:
        """The landed columns that an extract fills: keys, and what is kept of its fields."""
        return (*self.keys, *(column for field in self.fields for column in field.columns))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All landed columns in their order."""
        return (*PROVENANCE_COLUMNS, *self.described_columns)

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


@cache
def load_person_level_cards() -> tuple[PersonLevelCard, ...]:
    """The cards of every person-level source. Raises pydantic's ValidationError for a card that is not whole."""
    return tuple(PersonLevelCard.model_validate(read_yaml(path)) for path in sorted(PERSON_LEVEL_FOLDER.glob("*.yml")))


def row_tables() -> dict[str, RowTable]:
    """Every landed row table by its name."""
    return {table.table: table for card in load_person_level_cards() for table in card.tables}
