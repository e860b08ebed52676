"""The return workbook: the form a council fills in, written from its layout, and filled in.

Belongs here: putting the workbook together and saving it. Does not: its sheets (template_sheets), their looks
(template_style), what a cell accepts (template_validation) and holds (template_cells), or any wording (the layout and
template_words.yml).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.workbook.properties import CalcProperties
from openpyxl.writer.excel import ExcelWriter

from dagster_project.returns.template_cells import (
    Rows,
    counted_row,
    counted_rows,
    fields_of,
    heading_row_of,
    put_rows,
    sheet_of,
)
from dagster_project.returns.template_sheets import lists_of, write_example, write_lists, write_part, write_read_me
from dagster_project.returns.template_style import add_styles, protect
from dagster_project.sources.councils import council_called, nearest_names
from dagster_project.sources.dates import in_words
from dagster_project.sources.return_layout import Part, ReturnLayout, return_layout
from dagster_project.zips import timed

_WRITTEN_BY = "AHP workforce warehouse"
# What says whose return it is and of which day; never taken over from an earlier one.
_COUNCIL, _AS_AT_DATE = "council", "as_at_date"


class CouncilNotKnown(Exception):
    """No council bears the name on the day. The message says so in plain English, with the nearest names."""


def write_template(
    council: str, as_at: date, earlier: Mapping[str, Rows] | None = None, earlier_as_at: date | None = None
) -> bytes:
    """The workbook (.xlsx) for one council and one day; the same bytes for the same arguments.

    `earlier` is what the council sent last: the rows of each part, field by field, as text; of a part of answers one
    mapping of question to text. It stands in the workbook already, its numbers and days marked as those of
    `earlier_as_at`. Council and as-at date are always the new ones, and what is not asked any more is left out.
    Raises CouncilNotKnown.
    """
    layout = return_layout()
    official_name = _official_name(council, as_at)
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties = _properties(layout, official_name, as_at)
    # There is nothing to work out, and a program told to would ask whether to save what nobody changed.
    workbook.calculation = CalcProperties(fullCalcOnLoad=False)
    add_styles(workbook)
    lists = lists_of(layout, as_at)
    write_read_me(workbook, layout, official_name, as_at)
    for part in layout.parts:
        sent = _still_asked(part, (earlier or {}).get(part.part, ()))
        write_part(workbook, layout, part, lists, sent, earlier_as_at)
    write_example(workbook, layout)
    write_lists(workbook, lists)
    _fill_part(workbook, layout.parts[0], [{_COUNCIL: official_name, _AS_AT_DATE: as_at.isoformat()}])
    for sheet in workbook.worksheets:
        protect(sheet)
    return _saved(workbook)


def fill(workbook: bytes | Path, values: Mapping[str, Rows], line_on_cover: str = "") -> bytes:
    """A return workbook with these values typed into it, as a person would: numbers, days and words each as such.

    `values` has the shape of `earlier` in `write_template`. Row n goes to the n-th row of its part; cells that are not
    named stay as they are, and '' empties one. `line_on_cover` stands below the cover's questions.
    Raises KeyError for a part or field the layout does not have, and ValueError for a workbook that is not of the
    layout or a value that has no cell to stand in.
    """
    opened = load_workbook(io.BytesIO(workbook) if isinstance(workbook, bytes) else workbook)
    parts = {part.part: part for part in return_layout().parts}
    for name, rows in values.items():
        for row in rows:
            if unknown := row.keys() - fields_of(parts[name]):
                raise KeyError(f"{name} does not ask for {', '.join(sorted(unknown))}.")
        _fill_part(opened, parts[name], rows)
    if line_on_cover:
        cover = sheet_of(opened, return_layout().parts[0])
        cover.cell(cover.max_row + 2, 1, line_on_cover)
    return _saved(opened)


def _fill_part(workbook: Workbook, part: Part, rows: Rows) -> None:
    sheet = sheet_of(workbook, part)
    put_rows(sheet, part, heading_row_of(sheet, part), rows)


def _official_name(council: str, as_at: date) -> str:
    found = council_called(council, as_at)
    if found is None:
        near = nearest_names(council, as_at)
        hint = f" Did you mean {' or '.join(near)}?" if near else " Give its name as in the list of councils."
        raise CouncilNotKnown(f"No council was called '{council}' on {in_words(as_at)}.{hint}")
    return found.organisation_name


def _still_asked(part: Part, sent: Rows) -> Rows:
    """The rows somebody filled in, without anything the layout does not ask any more."""
    fields = fields_of(part) - {_COUNCIL, _AS_AT_DATE}
    rows = [{field: text.strip() for field, text in row.items() if field in fields and text.strip()} for row in sent]
    if part.shape == "counts":
        known = counted_rows()
        rows = [row for row in rows if counted_row(row.get("characteristic", ""), row.get("category", "")) in known]
    return [row for row in rows if row]


def _properties(layout: ReturnLayout, council: str, as_at: date) -> DocumentProperties:
    moment = datetime.combine(as_at, time())
    return DocumentProperties(
        title=f"{layout.title}: {council}, {in_words(as_at)}",
        subject=f"Staff, vacancies, students and apprentices as at {in_words(as_at)}",
        description="One council's return for one day. It counts staff and names nobody.",
        keywords="allied health professionals, workforce, council return",
        creator=_WRITTEN_BY,
        lastModifiedBy=_WRITTEN_BY,
        language="en-GB",
        created=moment,
        modified=moment,
    )


def _saved(workbook: Workbook) -> bytes:
    """The workbook as bytes that do not depend on the clock."""
    written = io.BytesIO()
    ExcelWriter(workbook, zipfile.ZipFile(written, "w")).save()
    return timed(written.getvalue())
