"""The sheets of rows of a return workbook: one thing a row, or one number a row.

Belongs here: taking rows apart into landed cells, without losing one or counting one twice. Does not: what a number
means (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator

from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.landed import LandedCell
from dagster_project.sources.opening import cell_address
from dagster_project.sources.problems import FileRefused, Problem, refused, shortened
from dagster_project.sources.return_layout import Part
from dagster_project.sources.return_tables import (
    COUNTED,
    Table,
    landed_cell,
    matched,
    remarks_on_columns,
    remarks_on_hidden,
    required,
)
from dagster_project.sources.return_totals import (
    Row,
    counts_people,
    is_plainly_a_total,
    may_be_totals,
    repeats_among,
    repeats_another,
    row_name,
)
from dagster_project.sources.sheets import cell_text


def read_rows(part: Part, table: Table) -> tuple[list[LandedCell], list[Problem]]:
    """The cells of every row, and remarks. A row that repeats another in every cell lands once.

    Raises FileRefused for a row that lacks what decides where its numbers belong, or that may be a total of others.
    """
    rows = list(_rows(part, table))
    totals = [row for row in rows if is_plainly_a_total(part, row)]
    others = [row for row in rows if row not in totals]
    repeats = repeats_among(others) if counts_people(part) else {}
    counted = [row for row in others if row.index not in repeats]
    refusals = may_be_totals(part, table, counted)
    named = {problem.row for problem in refusals}
    for row in counted:
        if row.index + 1 not in named:
            refusals += _what_is_missing(part, table, row)
    if refusals:
        raise FileRefused(*sorted(refusals, key=lambda problem: problem.row or 0))
    cells = [cell for row in counted for cell in _cells(part, table, row)]
    for row in totals:
        cells += [
            cell.as_total(row.texts[row_name(part).field])
            for cell in _cells(part, table, row)
            if cell.cell_text and part.column(cell.field).kind in COUNTED and not part.column(cell.field).is_part
        ]
    remarks = [repeats_another(part, table, row, repeats[row.index]) for row in others if row.index in repeats]
    return cells, remarks + remarks_on_columns(table) + remarks_on_hidden(table)


def _rows(part: Part, table: Table) -> Iterator[Row]:
    """The rows below the heading in which something stands that is read, without headings repeated."""
    for index in range(table.heading_row + 1, len(table.sheet.rows)):
        cells = table.sheet.rows[index]
        texts = {field_: cell_text(cells, position) for field_, position in table.columns.items()}
        if any(texts.values()) and not _is_heading_again(index, cells, table, part):
            yield Row(index, cells, texts)


def _cells(part: Part, table: Table, row: Row) -> list[LandedCell]:
    return [
        landed_cell(
            part, table, row.index, table.columns[column.field], column.field, row.texts[column.field], column.kind
        )
        for column in part.columns
        if column.field in table.columns
    ]


def _what_is_missing(part: Part, table: Table, row: Row) -> list[Problem]:
    return [
        problem
        for column in part.columns
        if column.is_required
        for problem in required(
            part, table, row.index, table.columns[column.field], column, row.texts[column.field], row.texts
        )
    ]


def _is_heading_again(index: int, row: tuple[str, ...], table: Table, part: Part) -> bool:
    """A heading repeated above a further block. Raises FileRefused when its columns stand in another order."""
    headings = tuple(normalise_heading(text) for text in row)
    again = matched(table.sheet, table.heading_row, headings, part)
    if len(again.columns) < max(2, len(table.columns) // 2):
        return False
    if again.columns != table.columns:
        are_the_same = again.columns.keys() == table.columns.keys()
        other = next((position for name, position in table.columns.items() if again.columns.get(name) != position), 0)
        raise refused(
            "A second heading stands here, and its columns are in another order than those of the first."
            if are_the_same
            else f"A second heading stands here, and '{shortened(cell_text(row, other))}' is not what the first has in "
            "this column.",
            "Give both blocks the same headings in the same order, or put all rows under one heading.",
            rule_id="unknown_header",
            sheet=table.sheet.name,
            row=index + 1,
            cell="" if are_the_same else cell_address(index, other),
            value="" if are_the_same else cell_text(row, other)[:200],
        )
    return True
