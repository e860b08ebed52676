"""The source cards: what a file of each source may look like, as checked data.

Belongs here: loading and checking cards, and answering which heading means which field.
Does not: opening files, or deciding what a value means.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from dagster_project.yaml_files import read_yaml

CARDS_FOLDER = Path(__file__).parent


def normalise_heading(text: str) -> str:
    """A heading without case, punctuation and spacing, so that 'FTE of OT /AHP' equals 'fte of ot/ahp'."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


class CardPart(BaseModel):
    """A piece of a card: fixed once loaded, and refused when it holds a word nobody has described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(CardPart):
    """One publication or collection round, and the date its numbers stand for."""

    document: str
    title: str
    published_on: date
    as_at_date: date
    as_at_basis: str
    # Facts of a count of staff; a survey or a self-assessment has none of them.
    academic_year: str | None = None
    pay_year: str | None = None
    employer: str | None = None
    funder: str | None = None
    service_age_scope: str | None = None


class Figure(CardPart):
    """One table of a layout: which landed table it feeds and which headings name its columns.

    `rows_named_by` is the column that says what a row is about. `document` is the one document that prints such a
    table, or '' where any of the layout's documents may.
    """

    figure: str
    landed_table: str
    sheet_names: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    rows_named_by: str = "council"
    document: str = ""
    in_every_workbook: bool = True
    blank_council_continues_row_above: bool = False

    @model_validator(mode="after")
    def _its_rows_have_a_name(self) -> Figure:
        if self.rows_named_by not in self.columns:
            raise ValueError(f"{self.figure}: its rows are named by {self.rows_named_by}, which is none of its columns")
        return self

    @cached_property
    def field_of_heading(self) -> dict[str, str]:
        return {normalise_heading(alias): field for field, aliases in self.columns.items() for alias in aliases}

    @cached_property
    def normalised_sheet_names(self) -> frozenset[str]:
        return frozenset(normalise_heading(name) for name in self.sheet_names)

    @property
    def value_fields(self) -> tuple[str, ...]:
        return tuple(field for field in self.columns if field != "council")


class Layout(CardPart):
    """How the files of a source look between two dates."""

    layout: str
    effective_from: date
    effective_to: date | None
    document_when_not_stated: str
    region_blocks: dict[str, tuple[str, ...]]
    provenance_columns: dict[str, tuple[str, ...]]
    columns_not_kept: tuple[str, ...]
    figures: tuple[Figure, ...]

    def document_of(self, figure: Figure) -> str:
        """The document of a row that names none."""
        return figure.document or self.document_when_not_stated

    @model_validator(mode="after")
    def _a_heading_has_one_meaning(self) -> Layout:
        shared = {
            normalise_heading(alias) for aliases in self.provenance_columns.values() for alias in aliases
        } | self.headings_not_kept
        for figure in self.figures:
            owners: dict[str, set[str]] = {}
            for field, aliases in figure.columns.items():
                for alias in aliases:
                    owners.setdefault(normalise_heading(alias), set()).add(field)
            doubled = [heading for heading, fields in owners.items() if len(fields) > 1 or heading in shared]
            if doubled:
                raise ValueError(f"{figure.figure}: these headings have two meanings on the card: {', '.join(doubled)}")
        return self

    @cached_property
    def headings_not_kept(self) -> frozenset[str]:
        return frozenset(normalise_heading(name) for name in self.columns_not_kept)

    @cached_property
    def provenance_of_heading(self) -> dict[str, str]:
        return {
            normalise_heading(alias): field for field, aliases in self.provenance_columns.items() for alias in aliases
        }

    @cached_property
    def region_of_heading(self) -> dict[str, str]:
        return {normalise_heading(alias): region for region, aliases in self.region_blocks.items() for alias in aliases}


class SourceCard(CardPart):
    """Everything that must be known about a source to read its files."""

    source: str
    title: str
    publisher: str
    licence: str
    cadence: str
    landing_folder: str
    documents: tuple[Document, ...]
    layouts: tuple[Layout, ...]

    def document(self, name: str) -> Document | None:
        return next((document for document in self.documents if document.document == name), None)

    def layout_on(self, day: date) -> Layout:
        """The layout in force on a day. Raises ValueError when the card has none for it."""
        for layout in self.layouts:
            if layout.effective_from <= day and (layout.effective_to is None or day <= layout.effective_to):
                return layout
        raise ValueError(f"The card of {self.source} has no layout in force on {day}.")


@cache
def load_card(source: str) -> SourceCard:
    """The card of one source. Raises FileNotFoundError or pydantic's ValidationError for a card that is not whole."""
    return SourceCard.model_validate(read_yaml(CARDS_FOLDER / f"{source}.yml"))


def load_cards() -> list[SourceCard]:
    return [load_card(path.stem) for path in sorted(CARDS_FOLDER.glob("*.yml"))]
