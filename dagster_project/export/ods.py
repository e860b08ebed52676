"""Workbooks as OpenDocument spreadsheets.

Belongs here: what a sheet is in OpenDocument. Does not: what stands in it (sheets), or which looks it has (look).
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from odf import dc, meta, number, style, table, text
from odf.element import Element
from odf.namespaces import OFFICENS, STYLENS, TABLENS
from odf.opendocument import OpenDocumentSpreadsheet

from dagster_project.export import look
from dagster_project.export.sheets import COVER, Book, Column, Line, Sheet, Value, exactly
from dagster_project.sources.dates import in_words
from dagster_project.zips import timed

# Of a character of the font, in centimetres.
_CHARACTER_CM = 0.23
_PLACES = (0, 2, 3, 4)


def as_ods(book: Book) -> bytes:
    """The workbook as .ods; the same bytes for the same book."""
    # The library remembers every namespace that any document before used, and would name them all in this one.
    Element.namespaces.clear()
    document = OpenDocumentSpreadsheet()
    _add_properties(document, book)
    _add_styles(document)
    ranges = table.DatabaseRanges()
    for sheet in book.sheets:
        document.spreadsheet.addElement(_table(document, sheet))
        if sheet.columns:
            ranges.addElement(_marked_as_table(sheet))
    document.spreadsheet.addElement(ranges)
    written = io.BytesIO()
    document.write(written)
    return timed(written.getvalue(), book.created_at.timetuple()[:6])


def _add_properties(document: Any, book: Book) -> None:
    moment = f"{book.created_at:%Y-%m-%dT%H:%M:%S}"
    for element, value in (
        (dc.Title, book.title),
        (dc.Subject, book.subject),
        (dc.Description, book.description),
        (meta.Keyword, look.KEYWORDS),
        (meta.InitialCreator, look.CREATOR),
        (dc.Creator, look.CREATOR),
        (meta.CreationDate, moment),
        (dc.Date, moment),
        (dc.Language, f"{look.LANGUAGE}-{look.COUNTRY}"),
    ):
        document.meta.addElement(element(text=value))


def _add_styles(document: Any) -> None:
    """Named styles, so that a person who changes one changes all cells of its kind."""
    document.fontfacedecls.addElement(
        style.FontFace(name=look.FONT, fontfamily=look.FONT, fontfamilygeneric="swiss", fontpitch="variable")
    )
    usual = style.DefaultStyle(family="table-cell")
    usual.addElement(
        style.TextProperties(
            fontname=look.FONT, fontsize=f"{look.SIZE}pt", language=look.LANGUAGE, country=look.COUNTRY
        )
    )
    document.styles.addElement(usual)
    document.styles.addElement(style.Style(name="Default", family="table-cell"))
    thin = f"0.5pt solid #{look.LINES}"
    _cell_style(document, "Title", {"fontsize": f"{look.TITLE_SIZE}pt", "fontweight": "bold", "color": f"#{look.DARK}"})
    _cell_style(
        document, "Heading", {"fontsize": f"{look.HEADING_SIZE}pt", "fontweight": "bold", "color": f"#{look.DARK}"}
    )
    _cell_style(document, "Line", {})
    _cell_style(document, "Cover_line", {}, {"wrapoption": "wrap", "verticalalign": "top"})
    wrapped = {"wrapoption": "wrap", "verticalalign": "top", "border": thin, "padding": "0.1cm"}
    white = {"fontweight": "bold", "color": "#ffffff"}
    for name, side in (("Column_heading", "start"), ("Column_heading_of_numbers", "end")):
        _cell_style(document, name, white, {**wrapped, "backgroundcolor": f"#{look.DARK}"}, side)
    _cell_style(document, "Text", {}, wrapped, "start")
    # The sign for a number that is missing stands where the number would.
    _cell_style(document, "Sign", {}, wrapped, "end")
    for places in _PLACES:
        shown = number.NumberStyle(name=f"Places_{places}")
        shown.addElement(number.Number(decimalplaces=str(places), minintegerdigits="1", grouping="true"))
        document.styles.addElement(shown)
        _cell_style(document, f"Number_{places}", {}, wrapped, "end", f"Places_{places}")
    year = number.NumberStyle(name="Year_as_shown")
    year.addElement(number.Number(decimalplaces="0", minintegerdigits="1"))
    document.styles.addElement(year)
    _cell_style(document, "Year", {}, wrapped, "end", "Year_as_shown")
    day = number.DateStyle(name="Day_as_shown", language=look.LANGUAGE, country=look.COUNTRY)
    day.addElement(number.Day())
    day.addElement(number.Text(text=" "))
    day.addElement(number.Month(textual="true", style="long"))
    day.addElement(number.Text(text=" "))
    day.addElement(number.Year(style="long"))
    document.styles.addElement(day)
    _cell_style(document, "Day", {}, wrapped, "start", "Day_as_shown")
    _add_page(document)


def _cell_style(
    document: Any,
    name: str,
    letters: dict[str, str],
    cell: dict[str, str] | None = None,
    side: str = "",
    shown_as: str = "",
) -> None:
    extra = {"datastylename": shown_as} if shown_as else {}
    made = style.Style(name=name, family="table-cell", parentstylename="Default", **extra)
    if cell:
        made.addElement(style.TableCellProperties(**cell))
    if side:
        made.addElement(style.ParagraphProperties(textalign=side))
    if letters:
        made.addElement(style.TextProperties(**letters))
    document.styles.addElement(made)


def _add_page(document: Any) -> None:
    """Landscape, as wide as the paper."""
    layout = style.PageLayout(name="Page")
    paper = style.PageLayoutProperties(
        pagewidth="29.7cm", pageheight="21cm", printorientation="landscape", margin="1.2cm"
    )
    paper.setAttrNS(STYLENS, "scale-to-X", "1")
    paper.setAttrNS(STYLENS, "scale-to-Y", "0")
    layout.addElement(paper)
    document.automaticstyles.addElement(layout)
    document.masterstyles.addElement(style.MasterPage(name="Default", pagelayoutname=layout))
    kept = style.Style(name="Sheet", family="table", masterpagename="Default")
    kept.addElement(style.TableProperties(display="true"))
    document.automaticstyles.addElement(kept)


def _table(document: Any, sheet: Sheet) -> Any:
    made = table.Table(name=sheet.name, stylename="Sheet")
    for width in [column.width for column in sheet.columns] or [look.COVER_WIDTH]:
        made.addElement(table.TableColumn(stylename=_width(document, width), defaultcellstylename="Default"))
    made.addElement(_row([_texts("Title", sheet.title)]))
    for line in sheet.lines:
        made.addElement(_row([_line(line, on_cover=sheet.name == COVER)]))
    if sheet.columns:
        header = table.TableHeaderRows()
        header.addElement(_row([_heading(column) for column in sheet.columns]))
        made.addElement(header)
    for position, row in enumerate(sheet.rows):
        cells = [_cell(column, value) for column, value in zip(sheet.columns, row, strict=True)]
        if sheet.lead_to:
            cells[0] = _linked("Text", str(row[0]), sheet.lead_to[position])
        made.addElement(_row(cells))
    return made


def _width(document: Any, width: float) -> str:
    name = f"Width_{width * 10:.0f}"
    if name not in {made.getAttribute("name") for made in document.automaticstyles.childNodes}:
        made = style.Style(name=name, family="table-column")
        made.addElement(style.TableColumnProperties(columnwidth=f"{width * _CHARACTER_CM + 0.4:.2f}cm"))
        document.automaticstyles.addElement(made)
    return name


def _row(cells: list[Any]) -> Any:
    row = table.TableRow(check_grammar=False)
    for cell in cells:
        row.addElement(cell, check_grammar=False)
    return row


def _line(line: Line, on_cover: bool) -> Any:
    if line.is_heading:
        return _texts("Heading", line.text)
    looks = "Cover_line" if on_cover else "Line"
    return _linked(looks, line.text, line.to) if line.to else _texts(looks, line.text)


def _heading(column: Column) -> Any:
    return _texts("Column_heading_of_numbers" if column.is_numeric else "Column_heading", column.heading)


def _cell(column: Column, value: Value) -> Any:
    match value:
        case "":
            return _of_type("Text")
        case str():
            return _texts("Sign" if column.is_numeric else "Text", value)
        case date():
            made = _of_type("Day", "date", "date-value", value.isoformat())
            made.addElement(_paragraph(in_words(value)), check_grammar=False)
            return made
        case _:
            places = column.decimals(value)
            looks = "Year" if column.is_year else f"Number_{places}"
            made = _of_type(looks, "float", "value", exactly(value))
            shown = f"{value:.0f}" if column.is_year else f"{value:,.{places}f}"
            made.addElement(_paragraph(shown), check_grammar=False)
            return made


def _of_type(looks: str, value_type: str = "", attribute: str = "", value: str = "") -> Any:
    """A cell with its type. Set by full names, since the library takes longer to look a name up than for all else."""
    made = table.TableCell(check_grammar=False)
    made.attributes[TABLENS, "style-name"] = looks
    if value_type:
        made.attributes[OFFICENS, "value-type"] = value_type
    if attribute:
        made.attributes[OFFICENS, attribute] = value
    return made


def _paragraph(words: str) -> Any:
    made = text.P(check_grammar=False)
    made.addText(words, check_grammar=False)
    return made


def _texts(looks: str, value: str) -> Any:
    """A cell of text, one paragraph to a line. Its type says that it is text, whatever it begins with."""
    made = _of_type(looks, "string")
    for line in value.splitlines() or [""]:
        paragraph = text.P(check_grammar=False)
        # More than one blank in a row would be read as one.
        words = line.lstrip(" ")
        if len(words) < len(line):
            paragraph.addElement(text.S(c=str(len(line) - len(words))), check_grammar=False)
        paragraph.addText(words, check_grammar=False)
        made.addElement(paragraph, check_grammar=False)
    return made


def _linked(looks: str, value: str, to: str) -> Any:
    made = _of_type(looks, "string")
    paragraph = text.P()
    paragraph.addElement(text.A(href=f"#{to}.A1", type="simple", text=value))
    made.addElement(paragraph, check_grammar=False)
    return made


def _marked_as_table(sheet: Sheet) -> Any:
    last_column = _column_letters(len(sheet.columns))
    return table.DatabaseRange(
        name=f"Table_{sheet.name}",
        targetrangeaddress=f"{sheet.name}.A{sheet.heading_row}:{sheet.name}.{last_column}{sheet.last_row}",
        containsheader="true",
        displayfilterbuttons="false",
    )


def _column_letters(count: int) -> str:
    letters = ""
    while count:
        count, rest = divmod(count - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
