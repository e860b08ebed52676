"""The heading line of an extract: where it stands, what divides its columns, and which column is which field.

Belongs here: recognising an extract by its headings, and refusing headings that leave a doubt.
Does not: reading rows. No message quotes anything but a heading.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.invented import is_the_mark
from dagster_project.sources.person_level.cards import (
    Field,
    PersonLevelCard,
    RowTable,
    Use,
    load_person_level_cards,
)
from dagster_project.sources.person_level.identifiers import WITHHELD, holds_an_identifier
from dagster_project.sources.problems import FileRefused, Problem, refused, shortened

HEADING_STANDS_WITHIN_ROWS = 20
# Fewer headings than this may be known by chance, in a file of anything.
FEWEST_KNOWN_HEADINGS = 4
MOST_HEADINGS_NAMED = 20
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Heading:
    """The heading line of an extract.

    `row` counts the rows above it, blank ones too; `line` is its last line in the file, counted from 1. `column_of`
    gives the column of each field that the extract has, counted from 0.
    """

    card: PersonLevelCard
    table: RowTable
    delimiter: str
    row: int
    line: int
    headings: tuple[str, ...]
    column_of: dict[str, int]

    @property
    def width(self) -> int:
        return len(self.headings)

    @property
    def is_invented(self) -> bool:
        """Whether a column says that the rows are invented."""
        return any(map(is_the_mark, self.headings))

    @property
    def tells_people_apart(self) -> bool:
        """Whether the rows are people for certain, and not groups of staff that have a band and a job title too."""
        return any(_tells_people_apart(self.table.field_by_name[name]) for name in self.column_of)


def recognise(beginning: str) -> Heading | None:
    """The heading line of the extract that a text begins with, by the card that knows most of it; None for no extract.

    Headings that leave a doubt are not refused here.
    """
    best: tuple[int, Heading] | None = None
    for delimiter in _DELIMITERS:
        for row, line, cells in _first_rows(beginning, delimiter):
            found = recognise_row(cells)
            if found is not None and (best is None or found[0] > best[0]):
                known, card, table = found
                headings = _without_blanks_at_the_end(cells)
                best = known, Heading(card, table, delimiter, row, line, headings, _columns(headings, table))
    return best[1] if best else None


def recognise_row(cells: Sequence[str]) -> tuple[int, PersonLevelCard, RowTable] | None:
    """Which table a row of headings is of, and how many of them are known; None when it is no heading of an extract."""
    wordings = {normalise_heading(cell) for cell in cells if cell}
    known, card, table = max(
        (
            (len(wordings & table.field_of_heading.keys()), card, table)
            for card in load_person_level_cards()
            for table in card.tables
        ),
        key=lambda candidate: candidate[0],
    )
    return (known, card, table) if known >= FEWEST_KNOWN_HEADINGS else None


def has_a_row_for_each_person(rows: Sequence[Sequence[str]]) -> PersonLevelCard | None:
    """The card of an extract whose heading is among the first rows of a sheet; None for any other sheet."""
    for cells in rows[:HEADING_STANDS_WITHIN_ROWS]:
        found = recognise_row(cells)
        if found is None:
            continue
        _, card, table = found
        fields = (table.field_of_heading.get(normalise_heading(cell)) for cell in cells)
        if any(field is not None and _tells_people_apart(field) for field in fields):
            return card
    return None


def must_be_of(card: PersonLevelCard, heading: Heading | None) -> Heading:
    """The heading once nothing about it is in doubt. Raises FileRefused with all that is wrong with it."""
    if heading is None:
        raise refused(
            f"None of the first {HEADING_STANDS_WITHIN_ROWS} rows names the columns of an extract that is known here.",
            "Send the extract as a CSV file with a heading line, its columns divided by commas, semicolons, tabs or "
            "upright strokes (|).",
            rule_id="unknown_header",
        )
    if heading.card.source != card.source:
        raise refused(
            f"The headings are those of another source ({heading.card.title}).",
            f"Put the file into the folder '{heading.card.landing_folder}'.",
        )
    problems = [*_of_another_form(heading), *_doubled(heading), *_missing(heading)]
    if problems:
        raise FileRefused(*problems)
    return heading


def unknown_headings(heading: Heading) -> list[Problem]:
    """One warning that names every heading that is not on the card, since nothing under it is kept."""
    unknown = [text for text in heading.headings if not heading.table.knows(text)]
    if not unknown:
        return []
    named = [f"'{_fit_to_show(text)}'" if text else "a column without a heading" for text in unknown]
    more = f" and {len(named) - MOST_HEADINGS_NAMED} more" if len(named) > MOST_HEADINGS_NAMED else ""
    return [
        Problem(
            "unknown_header",
            f"These headings are not known here, and nothing that stands under them was kept: "
            f"{', '.join(named[:MOST_HEADINGS_NAMED])}{more}.",
            "Nothing to do when they are not needed. When one of them is a column of the extract under another name, "
            "have the name added to its card.",
            row=heading.line,
        )
    ]


def _first_rows(beginning: str, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    reader = csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter)
    for row in range(HEADING_STANDS_WITHIN_ROWS):
        try:
            cells = next(reader)
        except (StopIteration, csv.Error):
            return
        yield row, reader.line_num, [" ".join(cell.split()) for cell in cells]


def _without_blanks_at_the_end(cells: Sequence[str]) -> tuple[str, ...]:
    width = max((column + 1 for column, cell in enumerate(cells) if cell), default=0)
    return tuple(cells[:width])


def _columns(headings: Sequence[str], table: RowTable) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, text in enumerate(headings):
        field = table.field_of_heading.get(normalise_heading(text))
        if field is not None:
            columns.setdefault(field.field, column)
    return columns


def _of_another_form(heading: Heading) -> Iterator[Problem]:
    """Headings that only another form of the same table has: then nobody can say whose codes stand in the rows."""
    for other in heading.card.forms_beside(heading.table):
        theirs = [
            text
            for text in heading.headings
            if normalise_heading(text) in other.field_of_heading and not heading.table.knows(text)
        ]
        if theirs:
            yield Problem(
                "unknown_header",
                f"The headings are those of the {heading.table.form}, but these belong to the {other.form}: "
                f"{', '.join(map(repr, theirs[:MOST_HEADINGS_NAMED]))}. The two use different codes for the same "
                "answers, so a file must be of one of them.",
                f"Send the {heading.table.form} and the {other.form} as two files, each as it was exported.",
                row=heading.line,
            )


def _doubled(heading: Heading) -> Iterator[Problem]:
    of_field: dict[str, list[str]] = {}
    for text in heading.headings:
        field = heading.table.field_of_heading.get(normalise_heading(text))
        # An address has several lines, and none of them is read.
        if field is not None and field.use is not Use.NEVER_KEPT:
            of_field.setdefault(field.field, []).append(text)
    for texts in of_field.values():
        if len(texts) > 1:
            yield Problem(
                "unknown_header",
                f"Several columns have the same meaning ({', '.join(map(repr, texts))}); it is not known which counts.",
                "Take out all but the one that counts.",
                row=heading.line,
            )


def _missing(heading: Heading) -> Iterator[Problem]:
    unknown = {normalise_heading(text): text for text in heading.headings if not heading.table.knows(text)}
    for names in heading.table.required:
        if any(name in heading.column_of for name in names):
            continue
        fields = [heading.table.field_by_name[name] for name in names]
        wanted = " or ".join(f"'{field.headings[0]}'" for field in fields)
        wordings = [normalise_heading(text) for field in fields for text in field.headings]
        near = next((near for text in wordings for near in difflib.get_close_matches(text, unknown, n=1)), None)
        nearest = f" The nearest heading there is '{_fit_to_show(unknown[near])}'." if near else ""
        yield Problem(
            "unknown_header",
            f"The extract has no column {wanted}, without which its rows cannot be used.{nearest}",
            f"Add the column under the heading {wanted}, or have the wording of the heading added to the card.",
            row=heading.line,
            field=names[0],
        )


def _tells_people_apart(field: Field) -> bool:
    return field.use in (Use.KEYED, Use.BIRTH_DATE, Use.PRESENCE)


def _fit_to_show(text: str) -> str:
    return WITHHELD if holds_an_identifier(text) else shortened(text)
