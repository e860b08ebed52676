"""The sheets of a return workbook as tables: which sheet is which part, and which column holds which field.

Belongs here: recognising sheets and headings, and what every cell of a return is asked. Does not: what a row of answers
(return_answers) or of staff (return_rows) comes to.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.dates import read_date
from dagster_project.sources.headings import HEADING_STANDS_WITHIN_ROWS, filled_cells, nothing_may_be_lost_above
from dagster_project.sources.landed import LandedCell
from dagster_project.sources.opening import Sheet, cell_address
from dagster_project.sources.problems import FileRefused, Problem, shortened
from dagster_project.sources.return_layout import (
    Part,
    Question,
    ReturnColumn,
    ReturnLayout,
    choices,
    normalise_answer,
    offered,
)
from dagster_project.sources.sheets import (
    cell_text,
    must_hold_no_path,
    row_must_name_nobody,
    sheet_name_must_be_fit_to_pass_on,
)

# The kinds of columns that count people or their hours.
COUNTED = ("count", "fte")
# A number by itself or with one word, such as 5 FTE; a day, a year's range or a sentence is none.
_NUMBER_AND_UNIT = re.compile(r"[\d,]*\d(\.\d+)?\s*[A-Za-z]*")


@dataclass(frozen=True)
class Table:
    """A sheet recognised as a part: where its heading stands and which column holds which field."""

    sheet: Sheet
    heading_row: int
    columns: dict[str, int]
    unknown: tuple[int, ...] = ()
    doubled: tuple[int, ...] = ()
    missing: tuple[ReturnColumn, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """How much a sheet resembles a part: the higher the score, the more."""

    part: Part
    table: Table
    score: float


def sheets_by_part(
    sheets: tuple[Sheet, ...], layout: ReturnLayout
) -> tuple[dict[str, Table], list[Problem], list[Problem]]:
    """The sheet of each part, remarks on sheets passed over, and what refuses the file."""
    found: dict[str, Table] = {}
    remarks: list[Problem] = []
    refusals: list[Problem] = []
    may_be_passed_over = False
    for number, sheet in enumerate(sheets, start=1):
        try:
            sheet_name_must_be_fit_to_pass_on(sheet, number)
        except FileRefused as refusal:
            refusals += refusal.problems
            may_be_passed_over = True
            continue
        if sheet.is_blank or normalise_heading(sheet.name) in layout.normalised_sheets_not_read:
            continue
        likeness = recognised(sheet, layout)
        if likeness is None:
            named = next((part for part in layout.parts if _is_called(sheet, part)), None)
            (refusals if named else remarks).append(_heading_not_found(sheet, named))
            continue
        name = likeness.part.part
        if name in found:
            refusals.append(_part_twice(likeness.part, found[name].sheet, sheet))
            continue
        found[name] = likeness.table
    named_but_unread = {problem.sheet for problem in refusals}
    missing = [
        part
        for part in layout.parts
        if part.part not in found
        and not part.may_be_missing
        and not any(_is_called(sheet, part) and sheet.name in named_but_unread for sheet in sheets)
    ]
    if missing and not may_be_passed_over:
        refusals.append(_parts_missing(missing, sheets))
    return found, remarks, refusals


def _is_called(sheet: Sheet, part: Part) -> bool:
    return normalise_heading(sheet.name) in part.normalised_sheet_names


def recognised(sheet: Sheet, layout: ReturnLayout) -> Likeness | None:
    """The part a sheet's headings are most like, or None when they are like none."""
    best: Likeness | None = None
    for index, row in enumerate(sheet.rows[:HEADING_STANDS_WITHIN_ROWS]):
        if filled_cells(row) < 2:
            continue
        headings = tuple(normalise_heading(text) for text in row)
        for part in layout.parts:
            table = matched(sheet, index, headings, part)
            known = sum(1 for column in part.needed_columns if column.field in table.columns)
            if known < max(2, len(part.needed_columns) / 2):
                continue
            score = known / len(part.needed_columns) + (0.1 if _is_called(sheet, part) else 0)
            if part.shape == "answers":
                # Two sheets of answers have the same headings; their questions tell them apart.
                asked = sum(1 for _ in questions_met(sheet, table, part))
                if not asked:
                    continue
                score += asked
            if best is None or score > best.score:
                best = Likeness(part, table, score)
    return best


def matched(sheet: Sheet, index: int, headings: tuple[str, ...], part: Part) -> Table:
    """A row taken for the heading of a part: which of its cells name a column, and which do not."""
    columns: dict[str, int] = {}
    unknown: list[int] = []
    doubled: list[int] = []
    for position, heading in enumerate(headings):
        if not heading:
            continue
        column = part.column_of_heading.get(heading)
        if column is None:
            unknown.append(position)
        elif column.field in columns:
            doubled.append(position)
        else:
            columns[column.field] = position
    missing = tuple(column for column in part.needed_columns if column.field not in columns)
    return Table(sheet, index, columns, tuple(unknown), tuple(doubled), missing)


def questions_met(sheet: Sheet, table: Table, part: Part) -> Iterator[tuple[int, Question]]:
    """The questions of a part that stand below its heading, each with the index of its row."""
    for index in range(table.heading_row + 1, len(sheet.rows)):
        question = part.question_of_wording.get(
            normalise_answer(cell_text(sheet.rows[index], table.columns["question"]))
        )
        if question is not None:
            yield index, question


def headings_must_be_whole(part: Part, table: Table) -> None:
    """Raises FileRefused where a heading of the part is missing or stands twice."""
    row = table.sheet.rows[table.heading_row]
    problems = [
        Problem(
            "unknown_header",
            f"The heading '{shortened(row[position])}' stands twice, so it is not clear which column counts.",
            "Keep the column that is right and remove the other.",
            sheet=table.sheet.name,
            row=table.heading_row + 1,
            cell=cell_address(table.heading_row, position),
            value=row[position][:200],
        )
        for position in table.doubled
    ]
    unknown = {normalise_heading(row[position]): row[position] for position in table.unknown}
    for column in table.missing:
        wordings = {normalise_heading(wording): wording for wording in column.wordings}
        near = next(
            (
                printed
                for normalised, printed in unknown.items()
                if difflib.get_close_matches(normalised, wordings, n=1, cutoff=0.7)
            ),
            None,
        )
        problems.append(
            Problem(
                "unknown_header",
                f"The column '{column.heading}' is missing."
                + (f" Is it the one headed '{shortened(near)}'?" if near else ""),
                f"Give the column its heading from the template: '{column.heading}'. Leave its cells blank where the "
                "council does not know the answer.",
                sheet=table.sheet.name,
                row=table.heading_row + 1,
                value=(near or "")[:200],
            )
        )
    if problems:
        raise FileRefused(*problems)


def must_be_fit_to_pass_on(sheet: Sheet) -> None:
    """Raises FileRefused where a cell holds a path or identifies somebody, each cell named once."""
    problems: list[Problem] = []
    for index, row in enumerate(sheet.rows):
        for look in (must_hold_no_path, row_must_name_nobody):
            try:
                look(sheet, index, row)
            except FileRefused as refusal:
                problems += refusal.problems
    if problems:
        raise FileRefused(*problems)


def nothing_of_the_table_may_stand_above(part: Part, table: Table) -> None:
    """Raises FileRefused for a row above the heading that is as full as the table's own, or that counts somebody."""
    as_full_as_data = 3 if part.shape == "answers" else 4
    nothing_may_be_lost_above(
        table.sheet,
        table.heading_row,
        lambda row: filled_cells(row) >= as_full_as_data or _says_something(part, table, row),
        named="the heading of the table",
        suggestion="Put it below the heading, or remove it; where it is meant as a heading, give it the wording of the "
        "template.",
    )


def _says_something(part: Part, table: Table, row: tuple[str, ...]) -> bool:
    """Whether a row answers a question, says where it belongs in the words of the list, or counts people."""
    texts = {field_: cell_text(row, position) for field_, position in table.columns.items()}
    if part.shape == "answers":
        return bool(texts["answer"]) and normalise_answer(texts["question"]) in part.question_of_wording
    return any(
        (column.is_required and column.choices and normalise_answer(text) in choices(column.choices))
        or (column.kind in COUNTED and _NUMBER_AND_UNIT.fullmatch(text))
        for column in part.columns
        if (text := texts.get(column.field, ""))
    )


def required(
    part: Part,
    table: Table,
    index: int,
    position: int,
    asked: ReturnColumn | Question,
    text: str,
    row_texts: dict[str, str] | None = None,
) -> list[Problem]:
    """What is wrong with an answer that decides where numbers belong: nothing, or the one problem."""
    # The cover's council and day are looked up, with a message of their own.
    if asked.kind in ("council", "date"):
        return []
    heading = asked.heading if isinstance(asked, ReturnColumn) else asked.question
    place: dict[str, Any] = {
        "sheet": table.sheet.name,
        "row": index + 1,
        "cell": cell_address(index, position),
        "field": asked.field,
        "value": text[:200],
    }
    of_whom = ""
    if row_texts is not None:
        name = next((row_texts[column.field] for column in part.columns if column.is_row_name), "")
        of_whom = f" of '{shortened(name)}'" if name and name != text else ""
    if not text:
        return [
            Problem(
                "answer_missing",
                f"'{heading}'{of_whom} is blank, so it is not known where the row belongs."
                if row_texts is not None
                else f"'{heading}' is not answered, and the numbers cannot be placed without it.",
                f"Choose one of: {', '.join(offered(asked.choices))}." if asked.choices else f"Fill in '{heading}'.",
                **place,
            )
        ]
    if asked.choices and normalise_answer(text) not in choices(asked.choices):
        return [
            Problem(
                "answer_not_in_list",
                f"'{heading}'{of_whom} is '{shortened(text)}', which is not one of the answers.",
                f"Choose one of: {', '.join(offered(asked.choices))}.",
                **place,
            )
        ]
    return []


def landed_cell(part: Part, table: Table, index: int, position: int, field_: str, text: str, kind: str) -> LandedCell:
    """One cell of a part as it lands, before the cover has said whose it is."""
    # A bare serial number counted from 1904 looks like another day counted from 1900.
    is_unsure = table.sheet.is_1904 and text.isdigit()
    day = read_date(text) if kind == "date" and text and not is_unsure else None
    return LandedCell(
        landed_table=part.landed_table,
        source_document="",
        figure=part.part,
        region_block="",
        council_as_written="",
        continued_council="",
        field=field_,
        cell_text=text,
        source_sheet=table.sheet.name or part.part,
        source_row=index + 1,
        source_cell=cell_address(index, position),
        published_row="",
        transcription_note="",
        date_read=day.isoformat() if day else "",
    )


def remarks_on_columns(table: Table) -> list[Problem]:
    """Columns that are not read although something stands in them."""
    heading = table.sheet.rows[table.heading_row]
    below = table.sheet.rows[table.heading_row + 1 :]
    read = set(table.columns.values())
    width = max((len(row) for row in below), default=0)
    filled = [
        position for position in range(width) if position not in read and any(cell_text(row, position) for row in below)
    ]
    return [
        Problem(
            "column_not_read",
            f"The column '{shortened(heading_text)}' is not part of the return, so it was not read."
            if (heading_text := cell_text(heading, position))
            else f"Something stands in column {cell_address(0, position)[:-1]}, under no heading; it was not read.",
            "Nothing to do when it is a remark of your own. Otherwise move it under a heading of the template.",
            sheet=table.sheet.name,
            row=table.heading_row + 1,
            cell=cell_address(table.heading_row, position),
            value=heading_text[:200],
        )
        for position in filled
    ]


def remarks_on_hidden(table: Table) -> list[Problem]:
    """Rows and columns that a person does not see and that were read all the same."""
    sheet = table.sheet
    rows = [
        index + 1
        for index in sorted(sheet.hidden_rows)
        if table.heading_row < index < len(sheet.rows) and any(sheet.rows[index])
    ]
    columns = [position for position in sorted(sheet.hidden_columns) if position in table.columns.values()]
    what = []
    if sheet.is_hidden:
        what.append("the sheet is hidden")
    if rows:
        what.append(f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:10]))} hidden")
    if columns:
        named = ", ".join(cell_address(0, position)[:-1] for position in columns[:10])
        what.append(f"column{'s' if len(columns) > 1 else ''} {named} hidden")
    if not what:
        return []
    text = " and ".join(what)
    return [
        Problem(
            "hidden_cells_read",
            f"{text[0].upper()}{text[1:]}, and what stands there was read and counts.",
            "Show it, check it, and delete what should not count.",
            sheet=sheet.name,
            row=rows[0] if rows else None,
        )
    ]


def _heading_not_found(sheet: Sheet, named: Part | None) -> Problem:
    if named is None:
        return Problem(
            "sheet_not_read",
            f"The sheet '{sheet.name}' is not part of the return, so it was not read.",
            "Nothing to do when it is for your own use. Otherwise move its table to a sheet of the template.",
            sheet=sheet.name,
        )
    return Problem(
        "unknown_header",
        f"The sheet '{sheet.name}' has no row with the headings of the template.",
        f"Its heading row must hold: {', '.join(column.heading for column in named.needed_columns[:6])}"
        f"{' and the others of the template' if len(named.needed_columns) > 6 else ''}.",
        sheet=sheet.name,
    )


def _part_twice(part: Part, first: Sheet, second: Sheet) -> Problem:
    return Problem(
        "file_refused",
        f"'{part.part}' stands on two sheets, '{first.name}' and '{second.name}'. One workbook is for one council and "
        "one day.",
        "Keep one of the two sheets; send another council, or another day, in a workbook of its own.",
        sheet=second.name,
    )


def _parts_missing(missing: list[Part], sheets: tuple[Sheet, ...]) -> Problem:
    names = ", ".join(f"'{part.part}'" for part in missing)
    there = ", ".join(f"'{shortened(sheet.name)}'" for sheet in sheets[:20] if sheet.name)
    return Problem(
        "file_refused",
        f"The return has no sheet {names}." + (f" Its sheets are: {there}." if there else ""),
        "Send the whole workbook, headings included, even where a sheet has nothing to fill in; a council's return "
        "comes in one file.",
    )
