"""From the sheets of a return workbook to landed cells, and whose return it is and of which day.

Belongs here: recognising the sheets, their headings and rows, and the council and day on the cover. Does not: what a
number means, or whether numbers agree (dbt). Whatever could lead to a wrong number refuses the file, by name and cell.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.councils import Council, council_called, nearest_names
from dagster_project.sources.dates import in_words, read_date
from dagster_project.sources.landed import LandedCell, Reading
from dagster_project.sources.opening import Sheet, cell_address
from dagster_project.sources.problems import FileRefused, Problem, refused, shortened
from dagster_project.sources.return_layout import (
    Part,
    Question,
    ReturnColumn,
    ReturnLayout,
    choices,
    normalise_answer,
    offered,
    return_layout,
)
from dagster_project.sources.sheets import (
    cell_text,
    must_hold_no_path,
    row_must_name_nobody,
    sheet_name_must_be_fit_to_pass_on,
)

HEADING_STANDS_WITHIN_ROWS = 100
_EARLIEST_DAY = date(2010, 1, 1)


def looks_like_a_return(sheets: tuple[Sheet, ...]) -> bool:
    """Whether the sheets are those of the return workbook, whole or in part, and not a regional collation."""
    return any(_recognised(sheet, return_layout()) is not None for sheet in sheets if not sheet.is_blank)


def read_return(sheets: tuple[Sheet, ...], received_on: date) -> Reading:
    """Every sheet of a return workbook.

    Raises FileRefused when council or day are unknown or contradictory, a sheet or heading is missing or doubled, or a
    row lacks what decides where its numbers belong.
    """
    layout = return_layout()
    found, remarks, refusals = _sheets_by_part(sheets, layout)
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
            identity = _identity(cells, found[cover.part], received_on)
        except FileRefused as refusal:
            refusals += refusal.problems
    if identity is None:
        raise FileRefused(*refusals)
    council, as_at_date = identity
    if refusals:
        raise FileRefused(*refusals, organisation_code=council.organisation_code, as_at_date=as_at_date)
    council_as_written = next(cell.cell_text for cell in cells if cell.field == "council")
    document = f"council_return_{as_at_date.isoformat()}"
    return Reading(
        cells=[cell.of_return(document, council_as_written) for cell in cells],
        problems=remarks,
        organisation_code=council.organisation_code,
        as_at_date=as_at_date,
    )


@dataclass(frozen=True)
class _Table:
    """A sheet recognised as a part: where its heading stands and which column holds which field."""

    sheet: Sheet
    heading_row: int
    columns: dict[str, int]
    unknown: tuple[int, ...] = ()
    doubled: tuple[int, ...] = ()
    missing: tuple[ReturnColumn, ...] = ()


@dataclass(frozen=True)
class _Likeness:
    part: Part
    table: _Table
    score: float


def _sheets_by_part(
    sheets: tuple[Sheet, ...], layout: ReturnLayout
) -> tuple[dict[str, _Table], list[Problem], list[Problem]]:
    """The sheet of each part, remarks on sheets passed over, and what refuses the file."""
    found: dict[str, _Table] = {}
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
        likeness = _recognised(sheet, layout)
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


def _recognised(sheet: Sheet, layout: ReturnLayout) -> _Likeness | None:
    """The part a sheet's headings are most like, or None when they are like none."""
    best: _Likeness | None = None
    for index, row in enumerate(sheet.rows[:HEADING_STANDS_WITHIN_ROWS]):
        if sum(1 for text in row if text) < 2:
            continue
        headings = tuple(normalise_heading(text) for text in row)
        for part in layout.parts:
            table = _matched(sheet, index, headings, part)
            known = sum(1 for column in part.needed_columns if column.field in table.columns)
            if known < max(2, len(part.needed_columns) / 2):
                continue
            score = known / len(part.needed_columns) + (0.1 if _is_called(sheet, part) else 0)
            if part.shape == "answers":
                # Two sheets of answers have the same headings; their questions tell them apart.
                asked = sum(1 for _ in _questions_met(sheet, table, part))
                if not asked:
                    continue
                score += asked
            if best is None or score > best.score:
                best = _Likeness(part, table, score)
    return best


def _matched(sheet: Sheet, index: int, headings: tuple[str, ...], part: Part) -> _Table:
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
    return _Table(sheet, index, columns, tuple(unknown), tuple(doubled), missing)


def _questions_met(sheet: Sheet, table: _Table, part: Part) -> Iterator[tuple[int, Question]]:
    for index in range(table.heading_row + 1, len(sheet.rows)):
        question = part.question_of_wording.get(
            normalise_answer(cell_text(sheet.rows[index], table.columns["question"]))
        )
        if question is not None:
            yield index, question


def _read_part(part: Part, table: _Table) -> tuple[list[LandedCell], list[Problem]]:
    # What stands beside a table is not read, and could still be repeated in a message.
    _must_be_fit_to_pass_on(table.sheet)
    _headings_must_be_whole(part, table)
    _nothing_may_be_lost_above(part, table)
    return _read_answers(part, table) if part.shape == "answers" else _read_rows(part, table)


def _headings_must_be_whole(part: Part, table: _Table) -> None:
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


def _must_be_fit_to_pass_on(sheet: Sheet) -> None:
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


def _nothing_may_be_lost_above(part: Part, table: _Table) -> None:
    """A title may stand above the heading, but not rows that look like the table's own."""
    as_full_as_data = 3 if part.shape == "answers" else 4
    for index, row in enumerate(table.sheet.rows[: table.heading_row]):
        if sum(1 for text in row if text) >= as_full_as_data:
            raise refused(
                f"Row {index + 1} stands above the heading of the table (row {table.heading_row + 1}), so it would be "
                "left out.",
                "Put it below the heading, or remove it; where it is meant as a heading, give it the wording of the "
                "template.",
                rule_id="unknown_header",
                sheet=table.sheet.name,
                row=index + 1,
                value=" | ".join(text for text in row if text)[:200],
            )


def _read_answers(part: Part, table: _Table) -> tuple[list[LandedCell], list[Problem]]:
    cells: list[LandedCell] = []
    remarks: list[Problem] = []
    refusals: list[Problem] = []
    met: dict[str, LandedCell] = {}
    for index in range(table.heading_row + 1, len(table.sheet.rows)):
        row = table.sheet.rows[index]
        wording = cell_text(row, table.columns["question"])
        answer = cell_text(row, table.columns["answer"])
        question = part.question_of_wording.get(normalise_answer(wording))
        if question is None:
            if wording and answer and normalise_heading(wording) != normalise_heading(part.columns[0].heading):
                remarks.append(_question_not_known(table, index, wording, answer))
            elif answer and not wording:
                refusals.append(_answer_without_question(table, index, answer))
            continue
        cell = _cell(part, table, index, table.columns["answer"], question.field, answer, question.kind)
        cell = cell.noted(cell_text(row, table.columns["note"]) if "note" in table.columns else "")
        earlier = met.get(question.field)
        if earlier is None:
            met[question.field] = cell
            cells.append(cell)
        elif normalise_answer(earlier.cell_text) != normalise_answer(answer):
            refusals.append(_answered_twice(part, table, question, earlier, cell))
        if question.is_required and earlier is None:
            refusals += _required(part, table, index, table.columns["answer"], question, answer)
    refusals += [
        _question_missing(table, question)
        for question in part.questions
        if question.is_required and question.field not in met
    ]
    remarks += [
        _question_left_out(table, question)
        for question in part.questions
        if not question.is_required and question.field not in met
    ]
    if refusals:
        raise FileRefused(*refusals)
    return cells, remarks + _remarks_on_columns(table) + _remarks_on_hidden(table)


def _read_rows(part: Part, table: _Table) -> tuple[list[LandedCell], list[Problem]]:
    cells: list[LandedCell] = []
    refusals: list[Problem] = []
    row_name = next(column for column in part.columns if column.is_row_name)
    for index in range(table.heading_row + 1, len(table.sheet.rows)):
        row = table.sheet.rows[index]
        texts = {field_: cell_text(row, position) for field_, position in table.columns.items()}
        if not any(texts.values()) or _is_heading_again(row, table, part):
            continue
        is_total = part.shape == "rows" and _is_total(texts, part, row_name)
        if is_total and any(
            texts.get(each.field) for each in part.columns if each.is_required and not each.is_row_name
        ):
            refusals.append(_total_in_a_group(table, index, texts[row_name.field], row_name))
            continue
        if not is_total:
            for column in part.columns:
                if column.is_required:
                    refusals += _required(
                        part, table, index, table.columns[column.field], column, texts[column.field], texts
                    )
        for column in part.columns:
            if column.field in table.columns:
                cell = _cell(
                    part,
                    table,
                    index,
                    table.columns[column.field],
                    column.field,
                    texts[column.field],
                    column.kind,
                )
                if not is_total:
                    cells.append(cell)
                elif column.kind in ("count", "fte") and cell.cell_text and not column.is_part:
                    cells.append(cell.as_total(texts[row_name.field]))
    if refusals:
        raise FileRefused(*refusals)
    return cells, _remarks_on_columns(table) + _remarks_on_hidden(table)


def _is_heading_again(row: tuple[str, ...], table: _Table, part: Part) -> bool:
    """A heading repeated above a further block. Raises FileRefused when its columns stand in another order."""
    headings = tuple(normalise_heading(text) for text in row)
    again = _matched(table.sheet, table.heading_row, headings, part)
    if len(again.columns) < max(2, len(table.columns) // 2):
        return False
    if again.columns != table.columns:
        index = next(index for index, each in enumerate(table.sheet.rows) if each is row)
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


def _is_total(texts: dict[str, str], part: Part, row_name: ReturnColumn) -> bool:
    words = normalise_answer(texts[row_name.field]).split()
    if not words or words[0] not in ("total", "totals", "subtotal", "subtotals", "grand", "sum"):
        return False
    # A post may be named Sum of something; a total never names its group.
    in_a_group = any(
        texts.get(column.field) for column in part.columns if column.is_required and not column.is_row_name
    )
    return words[0] != "sum" or not in_a_group


def _total_in_a_group(table: _Table, index: int, text: str, row_name: ReturnColumn) -> Problem:
    return Problem(
        "file_refused",
        f"The row '{shortened(text)}' is named like a total and stands in a group like staff, so it would count twice.",
        "Remove the row, since totals are worked out here; where it is a post, give it its job title.",
        sheet=table.sheet.name,
        row=index + 1,
        cell=cell_address(index, table.columns[row_name.field]),
        field=row_name.field,
        value=text[:200],
    )


def _required(
    part: Part,
    table: _Table,
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


def _cell(part: Part, table: _Table, index: int, position: int, field_: str, text: str, kind: str) -> LandedCell:
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


def _identity(cells: list[LandedCell], cover: _Table, received_on: date) -> tuple[Council, date]:
    """The council and the day the cover names. Raises FileRefused when either is missing, unknown or impossible."""
    answers = {cell.field: cell for cell in cells if cell.source_sheet == (cover.sheet.name or "Cover")}
    day_cell, council_cell = answers["as_at_date"], answers["council"]
    problems: list[Problem] = []
    day = date.fromisoformat(day_cell.date_read) if day_cell.date_read else None
    if not day_cell.cell_text:
        problems.append(
            _of_cell(
                day_cell,
                "as_at_date_missing",
                "The cover names no as-at date, so it is not known which day the numbers stand for.",
                "Put the day on which the staff were counted, such as 31/03/2026.",
            )
        )
    elif day is None:
        problems.append(
            _of_cell(
                day_cell,
                "as_at_date_missing",
                f"The as-at date '{shortened(day_cell.cell_text)}' cannot be read as one day.",
                "Write the day, month and year, such as 31/03/2026.",
            )
        )
    elif not _EARLIEST_DAY <= day <= received_on + timedelta(days=1):
        problems.append(
            _of_cell(
                day_cell,
                "as_at_date_missing",
                f"The as-at date is {in_words(day)}, "
                + (
                    "which had not come when the file was received."
                    if day > received_on
                    else f"and no return is kept for days before {in_words(_EARLIEST_DAY)}."
                ),
                "Put the day on which the staff were counted.",
            )
        )
        day = None
    name = council_cell.cell_text
    council = council_called(name, day or received_on) if name else None
    if not name:
        problems.append(
            _of_cell(
                council_cell,
                "unknown_organisation",
                "The cover names no council, so it is not known whose numbers these are.",
                "Choose the council from the list.",
            )
        )
    elif council is None:
        near = nearest_names(name, day or received_on)
        on_the_day = f" on {in_words(day)}" if day else ""
        problems.append(
            _of_cell(
                council_cell,
                "unknown_organisation",
                f"No council is known under the name '{shortened(name)}'{on_the_day}."
                + (f" The nearest known names are {', '.join(near)}." if near else ""),
                "Choose the council from the list on the cover.",
            )
        )
    if problems or council is None or day is None:
        raise FileRefused(*problems)
    return council, day


def _of_cell(cell: LandedCell, rule_id: str, message: str, suggestion: str) -> Problem:
    return Problem(
        rule_id,
        message,
        suggestion,
        sheet=cell.source_sheet,
        row=cell.source_row,
        cell=cell.source_cell,
        field=cell.field,
        value=cell.cell_text[:200],
    )


def _remarks_on_columns(table: _Table) -> list[Problem]:
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


def _remarks_on_hidden(table: _Table) -> list[Problem]:
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


def _question_not_known(table: _Table, index: int, wording: str, answer: str) -> Problem:
    return Problem(
        "column_not_read",
        f"The question '{shortened(wording)}' is not one of the return, so its answer was not read.",
        "Nothing to do when it is a remark of your own. Otherwise use the wording of the template.",
        sheet=table.sheet.name,
        row=index + 1,
        cell=cell_address(index, table.columns["question"]),
        value=answer[:200],
    )


def _answer_without_question(table: _Table, index: int, answer: str) -> Problem:
    return Problem(
        "unknown_header",
        f"The answer '{shortened(answer)}' stands beside no question.",
        "Put it beside its question, or remove it.",
        sheet=table.sheet.name,
        row=index + 1,
        cell=cell_address(index, table.columns["answer"]),
        value=answer[:200],
    )


def _answered_twice(part: Part, table: _Table, question: Question, first: LandedCell, second: LandedCell) -> Problem:
    return Problem(
        "file_refused",
        f"'{question.question}' is answered twice and differently: '{shortened(first.cell_text)}' in "
        f"{first.source_cell} and '{shortened(second.cell_text)}' in {second.source_cell}.",
        "Keep the answer that is right and remove the other.",
        sheet=table.sheet.name,
        row=second.source_row,
        cell=second.source_cell,
        field=question.field,
        value=second.cell_text[:200],
    )


def _question_missing(table: _Table, question: Question) -> Problem:
    return Problem(
        "answer_missing",
        f"The question '{question.question}' is missing, and the numbers cannot be placed without its answer.",
        f"Put the question '{question.question}' and its answer back, as in the template.",
        sheet=table.sheet.name,
        field=question.field,
    )


def _question_left_out(table: _Table, question: Question) -> Problem:
    return Problem(
        "sheet_not_read",
        f"The question '{question.question}' is not on the sheet, so it counts as not answered.",
        "Take a fresh template, or put the question back.",
        sheet=table.sheet.name,
        field=question.field,
    )
