"""From the sheets of a return workbook to landed cells, and whose return it is and of which day.

Belongs here: putting the parts of a workbook together. Does not: sheets and headings (return_tables), answers and the
cover (return_answers), rows and totals (return_rows, return_totals), or what a number means (dbt). Whatever could lead
to a wrong number refuses the file, by name and cell.
"""

from __future__ import annotations

from datetime import date

from dagster_project.sources.councils import Council
from dagster_project.sources.invented import are_marked
from dagster_project.sources.landed import LandedCell, Reading, return_document_name
from dagster_project.sources.opening import Sheet
from dagster_project.sources.problems import FileRefused, Problem
from dagster_project.sources.return_answers import disagreements_with_the_cover, identity_on, read_answers
from dagster_project.sources.return_layout import Part, return_layout
from dagster_project.sources.return_rows import read_rows
from dagster_project.sources.return_tables import (
    Table,
    headings_must_be_whole,
    must_be_fit_to_pass_on,
    nothing_of_the_table_may_stand_above,
    recognised,
    sheets_by_part,
)


def looks_like_a_return(sheets: tuple[Sheet, ...]) -> bool:
    """Whether the sheets are those of the return workbook, whole or in part, and not a regional collation."""
    return any(recognised(sheet, return_layout()) is not None for sheet in sheets if not sheet.is_blank)


def read_return(sheets: tuple[Sheet, ...], received_on: date) -> Reading:
    """Every sheet of a return workbook.

    Raises FileRefused when council or day are unknown or contradictory, a sheet or heading is missing or doubled, a row
    lacks what decides where its numbers belong, or a row may be a total of others.
    """
    layout = return_layout()
    found, remarks, refusals = sheets_by_part(sheets, layout)
    cells: list[LandedCell] = []
    for part, table in found.items():
        try:
            part_cells, part_remarks = _read_part(layout.part(part), table)
            cells += part_cells
            remarks += part_remarks
        except FileRefused as refusal:
            refusals += refusal.problems
    identity: tuple[Council, date] | None = None
    cover = layout.parts[0]
    if cover.part in found and all(problem.sheet != found[cover.part].sheet.name for problem in refusals):
        try:
            identity = identity_on(cells, found[cover.part], received_on)
        except FileRefused as refusal:
            refusals += refusal.problems
    if identity is None:
        raise FileRefused(*refusals)
    council, as_at_date = identity
    for part, table in found.items():
        refusals += disagreements_with_the_cover(cover, layout.part(part), table, council, as_at_date)
    if refusals:
        raise FileRefused(*refusals, organisation_code=council.organisation_code, as_at_date=as_at_date)
    council_as_written = next(cell.cell_text for cell in cells if cell.field == "council")
    is_invented = are_marked(row for sheet in sheets for row in sheet.rows)
    document = return_document_name(as_at_date, is_invented=is_invented)
    return Reading(
        cells=[cell.of_return(document, council_as_written) for cell in cells],
        problems=remarks,
        organisation_code=council.organisation_code,
        as_at_date=as_at_date,
        is_invented=is_invented,
    )


def _read_part(part: Part, table: Table) -> tuple[list[LandedCell], list[Problem]]:
    # What stands beside a table is not read, and could still be repeated in a message.
    must_be_fit_to_pass_on(table.sheet)
    headings_must_be_whole(part, table)
    nothing_of_the_table_may_stand_above(part, table)
    return read_answers(part, table) if part.shape == "answers" else read_rows(part, table)
