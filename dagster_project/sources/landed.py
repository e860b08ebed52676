"""What reading a file gives: landed cells, one for each published cell, and what the file is about.

Belongs here: the shape of a landed row. Does not: finding it in a sheet, or writing it to Parquet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from dagster_project.sources.person_level.reading import LandedRows
from dagster_project.sources.problems import Problem

# Printed Total rows of collations and of returns: held against the rows, never counted.
TOTALS_TABLE = "council_totals"
RETURN_TOTALS_TABLE = "return_totals"


def return_document_name(day: date, *, is_invented: bool) -> str:
    """What the councils' own returns for one day are called; invented ones are a document of their own."""
    return f"{'invented_' if is_invented else ''}council_return_{day.isoformat()}"


@dataclass(frozen=True, slots=True)
class LandedCell:
    """One published cell: its text, its field, the council's name as written, and where it stands.

    `figure` is the figure of a collation or the part of a return. `cell_text` is '' for a blank cell.
    `continued_council` is the name printed above when this row's own is blank and the layout says such a row belongs to
    the one above. `date_read` is the day in ISO form where the layout expects a day and the text means one, else ''.
    `figure_as_written` is what the row itself says it belongs to, which may be one of several parts of a figure. Where
    rows are not of councils, the column that names them is a field like the others, and the council is ''.
    """

    landed_table: str
    source_document: str
    figure: str
    region_block: str
    council_as_written: str
    continued_council: str
    field: str
    cell_text: str
    source_sheet: str
    source_row: int
    source_cell: str
    published_row: str
    transcription_note: str
    date_read: str = ""
    figure_as_written: str = ""

    def of_return(self, document: str, council_as_written: str) -> LandedCell:
        """The cell of a return, once the cover has said whose it is; a total keeps its own name."""
        named = self.council_as_written if self.landed_table == RETURN_TOTALS_TABLE else council_as_written
        return replace(self, source_document=document, council_as_written=named)

    def noted(self, note: str) -> LandedCell:
        return replace(self, transcription_note=note) if note else self

    def as_total(self, total_as_written: str) -> LandedCell:
        """The cell as part of a Total row: held against the rows, never counted."""
        return replace(self, landed_table=RETURN_TOTALS_TABLE, council_as_written=total_as_written)


@dataclass
class Reading:
    """What one file holds: its cells, the documents and figures met, and findings that do not stop it.

    A return is one council's for one day; a collation speaks for many, and names neither here. A person-level extract
    has rows in place of cells, of one day and of as many organisations as it holds. `is_invented` is true where the
    file itself says so.
    """

    cells: list[LandedCell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    organisation_code: str = ""
    as_at_date: date | None = None
    rows: LandedRows | None = None
    is_invented: bool = False

    @property
    def documents(self) -> list[str]:
        return sorted({cell.source_document for cell in self.cells})

    @property
    def figures(self) -> list[str]:
        return sorted({cell.figure for cell in self.cells})
