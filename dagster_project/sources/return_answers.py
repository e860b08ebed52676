"""The sheets of answers of a return workbook, and what the cover decides: whose the return is and of which day.

Belongs here: reading questions and their answers, and holding what other sheets say of council and day against the
cover. Does not: what an answer means (dbt).
"""

from __future__ import annotations

from datetime import date, timedelta

from dagster_project.sources.catalogue import normalise_heading
from dagster_project.sources.councils import Council, council_called, nearest_names
from dagster_project.sources.dates import in_words
from dagster_project.sources.landed import LandedCell
from dagster_project.sources.opening import cell_address
from dagster_project.sources.problems import FileRefused, Problem, shortened
from dagster_project.sources.return_layout import Part, Question, normalise_answer
from dagster_project.sources.return_tables import (
    Table,
    landed_cell,
    remarks_on_columns,
    remarks_on_hidden,
    required,
)
from dagster_project.sources.sheets import cell_text

_EARLIEST_DAY = date(2010, 1, 1)
# Headings, besides the words of the cover's own questions, under which a column says whose or of when its rows are.
_SAYS_THE_SAME = {
    "council": (
        *("Local authority", "Local authority name", "Name of local authority", "Authority"),
        *("Organisation", "Organization", "Organisation name", "Name of organisation"),
    ),
    "date": ("Date", "Day", "Reporting date", "Date of return", "Return date"),
}


def read_answers(part: Part, table: Table) -> tuple[list[LandedCell], list[Problem]]:
    """The answer to each question of a part, and remarks. Raises FileRefused for what decides where numbers belong."""
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
        cell = landed_cell(part, table, index, table.columns["answer"], question.field, answer, question.kind)
        cell = cell.noted(cell_text(row, table.columns["note"]) if "note" in table.columns else "")
        earlier = met.get(question.field)
        if earlier is None:
            met[question.field] = cell
            cells.append(cell)
        elif normalise_answer(earlier.cell_text) != normalise_answer(answer):
            refusals.append(_answered_twice(part, table, question, earlier, cell))
        if question.is_required and earlier is None:
            refusals += required(part, table, index, table.columns["answer"], question, answer)
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
    return cells, remarks + remarks_on_columns(table) + remarks_on_hidden(table)


def identity_on(cells: list[LandedCell], cover: Table, received_on: date) -> tuple[Council, date]:
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


def disagreements_with_the_cover(cover: Part, part: Part, table: Table, council: Council, day: date) -> list[Problem]:
    """One problem for each other council or day that a column of a table of rows names beside its numbers."""
    if part.shape == "answers":
        return []
    heading = table.sheet.rows[table.heading_row]
    problems: dict[tuple[int, str], Problem] = {}
    for position in table.unknown:
        kind = _asked_on_the_cover(cover).get(normalise_heading(heading[position]), "")
        for index in range(table.heading_row + 1, len(table.sheet.rows)) if kind else ():
            text = cell_text(table.sheet.rows[index], position)
            if not text or normalise_heading(text) == normalise_heading(heading[position]):
                continue
            read = landed_cell(part, table, index, position, kind, text, kind).date_read
            if read != day.isoformat() if kind == "date" else council_called(text, day) != council:
                problems.setdefault(
                    (position, normalise_answer(text)),
                    _disagrees(table, index, position, kind, council.organisation_name, in_words(day)),
                )
    return list(problems.values())


def _asked_on_the_cover(cover: Part) -> dict[str, str]:
    """What a heading says of its rows, council or date, by the heading."""
    return {
        normalise_heading(wording): question.kind
        for question in cover.questions
        if question.kind in _SAYS_THE_SAME
        for wording in (*question.wordings, *_SAYS_THE_SAME[question.kind])
    }


def _disagrees(table: Table, index: int, position: int, kind: str, council: str, day: str) -> Problem:
    heading = cell_text(table.sheet.rows[table.heading_row], position)
    text = cell_text(table.sheet.rows[index], position)
    return Problem(
        "file_refused",
        f"The column '{shortened(heading)}' says '{shortened(text)}' here, and the cover says "
        f"{day if kind == 'date' else council}. All rows would count for what the cover says.",
        f"Send each {'day' if kind == 'date' else 'council'} in a workbook of its own. Where the column means "
        "something else, remove it.",
        sheet=table.sheet.name,
        row=index + 1,
        cell=cell_address(index, position),
        value=text[:200],
    )


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


def _question_not_known(table: Table, index: int, wording: str, answer: str) -> Problem:
    return Problem(
        "column_not_read",
        f"The question '{shortened(wording)}' is not one of the return, so its answer was not read.",
        "Nothing to do when it is a remark of your own. Otherwise use the wording of the template.",
        sheet=table.sheet.name,
        row=index + 1,
        cell=cell_address(index, table.columns["question"]),
        value=answer[:200],
    )


def _answer_without_question(table: Table, index: int, answer: str) -> Problem:
    return Problem(
        "unknown_header",
        f"The answer '{shortened(answer)}' stands beside no question.",
        "Put it beside its question, or remove it.",
        sheet=table.sheet.name,
        row=index + 1,
        cell=cell_address(index, table.columns["answer"]),
        value=answer[:200],
    )


def _answered_twice(part: Part, table: Table, question: Question, first: LandedCell, second: LandedCell) -> Problem:
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


def _question_missing(table: Table, question: Question) -> Problem:
    return Problem(
        "answer_missing",
        f"The question '{question.question}' is missing, and the numbers cannot be placed without its answer.",
        f"Put the question '{question.question}' and its answer back, as in the template.",
        sheet=table.sheet.name,
        field=question.field,
    )


def _question_left_out(table: Table, question: Question) -> Problem:
    return Problem(
        "sheet_not_read",
        f"The question '{question.question}' is not on the sheet, so it counts as not answered.",
        "Take a fresh template, or put the question back.",
        sheet=table.sheet.name,
        field=question.field,
    )
