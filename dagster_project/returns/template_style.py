"""How the return workbook looks: styles by name, and how a page is set up.

Belongs here: fonts, colours, widths, protection, printing. Does not: what stands in a cell. Contrast is high, and
nothing is told by colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.protection import SheetProtection
from openpyxl.worksheet.table import Table, TableColumn
from openpyxl.worksheet.worksheet import Worksheet

from dagster_project.returns.template_words import words
from dagster_project.sources.return_layout import ReturnColumn, offered

FONT = "Arial"
DARK, LINES, GREY, PALE = "1F3864", "7F8796", "EDEFF3", "E2EAF6"
_THIN = Side(style="thin", color=LINES)
LINE_HEIGHT = 15.0
SPACE_ABOVE_TABLE = 8.0
# Beyond it a sentence would leave the screen of a laptop.
LONGEST_LINE = 125
# Wider tables are printed on A3, since on A4 nobody could read them.
WIDEST_TABLE_ON_A4 = 200
_PAPER_A3, _PAPER_A4 = 8, 9
# Longer answers of a list run over two lines.
_WIDEST_LIST = 26
# "cannot quantify" stands on two lines, with no word broken.
_NARROWEST = 12


class Style(StrEnum):
    """The styles of the workbook, by the name a person finds them under."""

    sheet_title = "Return title"
    topic = "Return topic"
    line = "Return line"
    legend = "Return line on earlier numbers"
    heading = "Return heading"
    printed = "Return printed words"
    printed_number = "Return printed number"
    printed_date = "Return printed date"
    answer_choice = "Return answer chosen"
    answer_words = "Return answer words"
    answer_number = "Return answer number"
    answer_date = "Return answer date"
    earlier_number = "Return earlier number"
    earlier_date = "Return earlier date"


def add_styles(workbook: Workbook) -> None:
    """Give a workbook the styles."""
    box = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    worded = Alignment(horizontal="left", indent=1, vertical="top", wrap_text=True)
    numeric = Alignment(horizontal="right", vertical="top", wrap_text=True)
    open_to_all = Protection(locked=False)
    plain, italic = Font(name=FONT, size=11), Font(name=FONT, size=11, italic=True)
    pale, grey = PatternFill("solid", fgColor=PALE), PatternFill("solid", fgColor=GREY)
    # Text keeps what is typed, such as the grade 6-7, which would otherwise become the 6th of July.
    text, day = "@", "dd/mm/yyyy"
    printed: dict[str, Any] = {"font": plain, "fill": grey, "border": box}
    answer: dict[str, Any] = {"font": plain, "border": box, "protection": open_to_all}
    earlier: dict[str, Any] = {"font": italic, "fill": pale, "border": box, "protection": open_to_all}
    for style in (
        NamedStyle(Style.sheet_title, font=Font(name=FONT, size=18, bold=True, color=DARK)),
        NamedStyle(Style.topic, font=Font(name=FONT, size=13, bold=True, color=DARK)),
        NamedStyle(Style.line, font=plain, alignment=Alignment(vertical="top")),
        NamedStyle(Style.legend, font=italic, fill=pale, alignment=Alignment(vertical="top")),
        NamedStyle(
            Style.heading,
            font=Font(name=FONT, size=11, bold=True, color="FFFFFF"),
            fill=PatternFill("solid", fgColor=DARK),
            border=box,
            alignment=Alignment(horizontal="left", indent=1, vertical="center", wrap_text=True),
        ),
        NamedStyle(Style.printed, **printed, alignment=worded),
        NamedStyle(Style.printed_number, **printed, alignment=numeric),
        NamedStyle(Style.printed_date, **printed, alignment=worded, number_format=day),
        NamedStyle(Style.answer_choice, **answer, alignment=worded),
        NamedStyle(Style.answer_words, **answer, alignment=worded, number_format=text),
        NamedStyle(Style.answer_number, **answer, alignment=numeric),
        NamedStyle(Style.answer_date, **answer, alignment=worded, number_format=day),
        NamedStyle(Style.earlier_number, **earlier, alignment=numeric),
        NamedStyle(Style.earlier_date, **earlier, alignment=worded, number_format=day),
    ):
        workbook.add_named_style(style)
    # Column widths are counted in digits of the font of this style, so it must be one that both programs have.
    workbook._named_styles["Normal"].font = plain  # type: ignore[attr-defined]


def begin_group(cells: Iterable[Cell | MergedCell]) -> None:
    """Draw a heavier line above the first row of a group of rows."""
    for cell in cells:
        cell.border = Border(left=_THIN, right=_THIN, bottom=_THIN, top=Side(style="medium", color=DARK))


def mark_as_table(sheet: Worksheet, heading_row: int, last_row: int, headings: Sequence[str]) -> None:
    """Make headings and rows one table to a screen reader, which then says the heading with every cell."""
    sheet.add_table(
        Table(
            displayName=sheet.title.replace(" ", "_"),
            ref=f"A{heading_row}:{get_column_letter(len(headings))}{last_row}",
            # Named here, since otherwise every heading gets a filter button, which a protected sheet does not work.
            tableColumns=[TableColumn(id=number, name=heading) for number, heading in enumerate(headings, start=1)],
        )
    )


def protect(sheet: Worksheet) -> None:
    """Only unlocked cells can be written in; no password. Columns, rows and looks are the reader's to change."""
    sheet.protection = SheetProtection(sheet=True, formatCells=False, formatColumns=False, formatRows=False)


def set_up_page(sheet: Worksheet, heading_row: int | None, width: float) -> None:
    """Landscape, as wide as the paper, the heading on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _PAPER_A3 if width > WIDEST_TABLE_ON_A4 else _PAPER_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.8
    footer = sheet.oddFooter
    assert footer is not None, "every sheet has a footer to fill"
    footer.left.text, footer.right.text = "&A", "Page &P of &N"
    sheet.sheet_view.showGridLines = False
    if heading_row is not None:
        sheet.print_title_rows = f"{heading_row}:{heading_row}"


def lines_needed(texts: Iterable[str], widths: Iterable[float]) -> int:
    """Lines of a row of wrapped texts in columns of these widths."""
    # A width is counted in digits, which are wider than letters are on average; the indent takes two of them.
    return max(len(textwrap.wrap(text, int(width * 1.1) - 2)) for text, width in zip(texts, widths, strict=True))


def height_of(lines: int) -> float:
    """Points a row of so many lines needs."""
    return lines * LINE_HEIGHT + 3


def width_of(column: ReturnColumn) -> float:
    """How wide a column is, in characters: as the words say, or else as its heading and its list need."""
    if column.field in words().column_widths:
        return words().column_widths[column.field]
    longest_word = max(len(word) for word in column.heading.split())
    if not column.choices:
        return max(longest_word + 4, _NARROWEST)
    # The arrow that opens the list stands beside the longest answer.
    longest_answer = max(len(wording) for wording in offered(column.choices))
    return max(longest_word + 4, min(longest_answer + 5, _WIDEST_LIST))
