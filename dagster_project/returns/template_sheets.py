"""The sheets of the return workbook: guidance, parts to fill in, example and lists.

Belongs here: what stands where before anybody fills anything in. Does not: wording (the layout and template_words.yml),
or values (template_cells).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from dagster_project.returns.template_cells import (
    OF_THEIR_DAY,
    Rows,
    answer_style,
    counted_rows,
    fit_row,
    printed_fields,
    printed_style,
    put,
    put_rows,
)
from dagster_project.returns.template_style import (
    LINE_HEIGHT,
    LONGEST_LINE,
    SPACE_ABOVE_TABLE,
    Style,
    begin_group,
    height_of,
    lines_needed,
    mark_as_table,
    set_up_page,
    width_of,
)
from dagster_project.returns.template_validation import Asked, Lists, label_of, list_of, message, validation
from dagster_project.returns.template_words import words
from dagster_project.sources.councils import councils_on
from dagster_project.sources.dates import in_words
from dagster_project.sources.return_layout import Part, ReturnLayout, offered

READ_ME, EXAMPLE, LISTS = "Read me", "Example", "Lists"
_READ_ME_WIDTHS = (25.0, 36.0, 76.0)
# Rows below those of the earlier return, where it filled nearly all that are prepared.
_ROOM_FOR_MORE = 20


def lists_of(layout: ReturnLayout, as_at: date) -> Lists:
    """The answers of every list that is asked for somewhere."""
    names = {list_of(asked) for part in layout.parts for asked in _asked_on(part)} - {""}
    councils = tuple(council.organisation_name for council in councils_on(as_at))
    return Lists(LISTS, {name: councils if name == "council" else offered(name) for name in sorted(names)})


def write_lists(workbook: Workbook, lists: Lists) -> None:
    """The hidden sheet behind the drop-downs."""
    sheet = workbook.create_sheet(LISTS)
    lists.write(sheet)
    sheet.sheet_state = "hidden"


def write_read_me(workbook: Workbook, layout: ReturnLayout, council: str, as_at: date) -> None:
    """The guidance, and a table of what to put in every column and to every question."""
    sheet = workbook.create_sheet(READ_ME)
    _set_widths(sheet, _READ_ME_WIDTHS)
    row = _write_lines(sheet, 1, [layout.title], Style.sheet_title)
    row = _write_lines(sheet, row, [f"For {council}, as at {in_words(as_at)}."], Style.line)
    for topic in words().guidance:
        row = _write_lines(sheet, row + 1, [topic.heading], Style.topic)
        row = _write_lines(sheet, row, topic.lines, Style.line)
    row = _write_lines(sheet, row + 1, ["What to put in each column, and to each question"], Style.topic)
    set_up_page(sheet, row, sum(_READ_ME_WIDTHS))
    headings = ("Sheet", "Column or question", "What to put")
    definitions = [
        (part.sheet_names[0], label_of(asked), _definition(layout, asked))
        for part in layout.parts
        for asked in _asked_on(part)
    ]
    for offset, texts in enumerate([headings, *definitions]):
        for position, text in enumerate(texts, start=1):
            sheet.cell(row + offset, position, text).style = Style.printed if offset else Style.heading
        sheet.row_dimensions[row + offset].height = height_of(lines_needed(texts, _READ_ME_WIDTHS))
    mark_as_table(sheet, row, row + len(definitions), headings)


def write_part(
    workbook: Workbook, layout: ReturnLayout, part: Part, lists: Lists, earlier: Rows, earlier_as_at: date | None
) -> None:
    """A sheet to fill in, with what the council sent earlier."""
    sheet = workbook.create_sheet(part.sheet_names[0])
    introduction = f"{part.introduction} {words().where_help_is}"
    heading_row = _write_head(sheet, part, part.part, introduction, _legend(part, earlier, earlier_as_at))
    last_row = _write_prepared_rows(sheet, part, heading_row, len(earlier))
    for asked, cells in _asked_in(part, heading_row + 1, last_row):
        sheet.add_data_validation(validation(asked, _help(layout, asked), cells, lists))
        for (cell,) in sheet[cells] if ":" in cells else [(sheet[cells],)]:
            cell.style = answer_style(asked)
    mark_as_table(sheet, heading_row, last_row, [column.heading for column in part.columns])
    put_rows(sheet, part, heading_row, earlier, are_earlier=True)
    if part.shape == "counts":
        _divide_groups(sheet, heading_row, last_row)


def write_example(workbook: Workbook, layout: ReturnLayout) -> None:
    """A filled page to look at."""
    example = words().example
    part = layout.part(example.part)
    sheet = workbook.create_sheet(EXAMPLE)
    heading_row = _write_head(sheet, part, example.title, " ".join(example.lines), "")
    for row, values in enumerate(example.rows, start=heading_row + 1):
        for position, column in enumerate(part.columns, start=1):
            cell = sheet.cell(row, position)
            cell.style = printed_style(column)
            put(cell, values.get(column.field, ""), column)
        fit_row(sheet, part, row)
    mark_as_table(sheet, heading_row, row, [column.heading for column in part.columns])


def _write_head(sheet: Worksheet, part: Part, title: str, introduction: str, legend: str) -> int:
    """Title, introduction and headings of a sheet; the row of the headings."""
    widths = [width_of(column) for column in part.columns]
    _set_widths(sheet, widths)
    line_length = min(int(sum(widths)), LONGEST_LINE)
    row = _write_lines(sheet, 1, [title], Style.sheet_title)
    row = _write_lines(sheet, row, textwrap.wrap(introduction, line_length), Style.line)
    row = _write_lines(sheet, row, textwrap.wrap(legend, line_length), Style.legend, columns=len(widths))
    sheet.row_dimensions[row - 1].height = LINE_HEIGHT + SPACE_ABOVE_TABLE
    headings = [column.heading for column in part.columns]
    for position, heading in enumerate(headings, start=1):
        sheet.cell(row, position, heading).style = Style.heading
    sheet.row_dimensions[row].height = height_of(lines_needed(headings, widths))
    set_up_page(sheet, row, sum(widths))
    # The column that names a row stays in sight where the table is wider than a screen.
    sheet.freeze_panes = f"{'B' if sum(widths) > LONGEST_LINE * 1.5 else 'A'}{row + 1}"
    return row


def _write_lines(sheet: Worksheet, row: int, lines: Sequence[str], style: Style, columns: int = 1) -> int:
    """One line a row, running on over the blank cells to its right; the row below the last."""
    for line in lines:
        for position in range(1, columns + 1):
            sheet.cell(row, position).style = style
        sheet.cell(row, 1, line)
        row += 1
    return row


def _write_prepared_rows(sheet: Worksheet, part: Part, heading_row: int, earlier_rows: int) -> int:
    """What is printed below the headings; the last row to fill in."""
    if part.shape == "rows":
        room = earlier_rows + _ROOM_FOR_MORE if earlier_rows else 0
        return heading_row + max(words().prepared_rows[part.part], room)
    printed: list[tuple[str, ...]] = [(question.question,) for question in part.questions] or [*counted_rows().values()]
    for row, texts in enumerate(printed, start=heading_row + 1):
        for position, text in enumerate(texts, start=1):
            sheet.cell(row, position, text).style = Style.printed
    return heading_row + len(printed)


def _asked_in(part: Part, first_row: int, last_row: int) -> list[tuple[Asked, str]]:
    """Everything asked on a sheet, and the cells of one column in which it is answered."""
    asked: list[tuple[Asked, str]] = []
    for position, column in enumerate(part.columns, start=1):
        letter = get_column_letter(position)
        if column.field == "answer" and part.shape == "answers":
            asked += [(question, f"{letter}{row}") for row, question in enumerate(part.questions, start=first_row)]
        elif column.field not in printed_fields(part):
            asked.append((column, f"{letter}{first_row}:{letter}{last_row}"))
    return asked


def _asked_on(part: Part) -> list[Asked]:
    return [asked for asked, _ in _asked_in(part, 1, 2)]


def _divide_groups(sheet: Worksheet, heading_row: int, last_row: int) -> None:
    for row in range(heading_row + 2, last_row + 1):
        if sheet.cell(row, 1).value != sheet.cell(row - 1, 1).value:
            begin_group(sheet[row])


def _legend(part: Part, earlier: Rows, earlier_as_at: date | None) -> str:
    """What the marked cells of a sheet are; '' where there are none."""
    of_their_day = {asked.field for asked in _asked_on(part) if asked.kind in OF_THEIR_DAY}
    if not any(of_their_day & row.keys() for row in earlier):
        return ""
    which = f"as at {in_words(earlier_as_at)}" if earlier_as_at else "sent before this one"
    return (
        f"The numbers and dates shown in italics are those of the return {which} and must be checked one by one. "
        "Change what has changed; take the italics off (Ctrl+I) where you have checked."
    )


def _definition(layout: ReturnLayout, asked: Asked) -> str:
    """What to put, with the answers of a list spelt out."""
    sentences = message(asked, _help(layout, asked))
    if asked.choices:
        return sentences.replace("Choose from the list.", f"One of: {'; '.join(offered(asked.choices))}.")
    return sentences


def _help(layout: ReturnLayout, asked: Asked) -> str:
    """The help of a column or question; one that has none says what the same field says elsewhere."""
    elsewhere = (column.help for part in layout.parts for column in part.columns if column.field == asked.field)
    return asked.help or next((help_text for help_text in elsewhere if help_text), "")


def _set_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    for position, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
