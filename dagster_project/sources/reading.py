"""From sheets of text to landed cells: one record per published cell, by the layout on the source card.

Belongs here: finding headings and blocks, and saying which cell is which field of which council.
Does not: what a value means (dbt), and which council a name stands for (dbt).
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from dagster_project.sources.catalogue import Figure, Layout, SourceCard, normalise_heading
from dagster_project.sources.headings import HEADING_STANDS_WITHIN_ROWS, filled_cells, nothing_may_be_lost_above
from dagster_project.sources.landed import TOTALS_TABLE, LandedCell, Reading
from dagster_project.sources.opening import Sheet, cell_address
from dagster_project.sources.problems import FileRefused, Problem, refused, shortened
from dagster_project.sources.sheets import cell_text, must_hold_no_path, sheet_name_must_be_fit_to_pass_on

LINES_OF_A_HEADING = (1, 2, 3)


@dataclass(frozen=True)
class _Heading:
    """A heading recognised at some rows: which column holds which field."""

    figure: Figure
    first_row: int
    lines: int
    columns: dict[str, int]
    provenance: dict[str, int]
    headed: frozenset[int]
    width: int
    region: str

    @property
    def name_column(self) -> int:
        return self.columns[self.figure.rows_named_by]

    @property
    def data_starts(self) -> int:
        return self.first_row + self.lines


def read_sheets(sheets: tuple[Sheet, ...], card: SourceCard, received_on: date) -> Reading:
    """Every sheet read by the layout in force on the day the file came.

    Raises FileRefused when a heading is unknown, a sheet is missing, a figure is doubled, or a file contradicts itself.
    """
    layout = card.layout_on(received_on)
    reading = Reading()
    is_workbook = any(sheet.name for sheet in sheets)
    seen: dict[str, str] = {}
    refusals: list[Problem] = []
    rows_read = 0
    without_document: Counter[str] = Counter()
    for sheet in sheets:
        if sheet.is_blank:
            continue
        try:
            cells, rows, undocumented = _read_sheet(sheet, layout, card)
        except FileRefused as refusal:
            if is_workbook and not _claims_a_figure(sheet, layout) and _is_no_table(refusal):
                reading.problems.append(_sheet_not_read(sheet))
                continue
            refusals.extend(refusal.problems)
            continue
        figure = cells[0].figure
        if figure in seen:
            refusals.append(_figure_twice(figure, seen[figure], sheet))
        seen[figure] = sheet.name
        reading.cells.extend(cells)
        rows_read += rows
        without_document += undocumented
    if is_workbook:
        refusals.extend(_missing_sheets(sheets, layout, seen, bool(refusals)))
    if refusals:
        raise FileRefused(*refusals)
    if not reading.cells:
        raise refused("No sheet of the file holds a table that is known here.", "Check that the right file was sent.")
    reading.problems.extend(
        _document_not_stated(card, document, rows, rows_read) for document, rows in without_document.items()
    )
    return reading


def headings_known(sheets: tuple[Sheet, ...], card: SourceCard, received_on: date) -> int:
    """The most headings of one table on the card that stand together in a sheet: how near a file is to the card."""
    layout = card.layout_on(received_on)
    return max(
        (
            len(_match(_joined(sheet, index, lines), figure, layout).columns)
            for sheet in sheets
            for index in range(min(len(sheet.rows), HEADING_STANDS_WITHIN_ROWS))
            for lines in LINES_OF_A_HEADING
            for figure in layout.figures
        ),
        default=0,
    )


def _read_sheet(sheet: Sheet, layout: Layout, card: SourceCard) -> tuple[list[LandedCell], int, Counter[str]]:
    """The cells of a sheet, how many rows they come from, and how many name no document, by the one assumed."""
    first = _first_heading(sheet, layout)
    _figure_must_fit_sheet_name(sheet, layout, first.figure)
    sheet_name_must_be_fit_to_pass_on(sheet, 1)
    cells: list[LandedCell] = []
    heading, index, council_above, rows_read = first, first.data_starts, "", 0
    rows_without_document: Counter[str] = Counter()
    while index < len(sheet.rows):
        row = sheet.rows[index]
        if not any(row):
            index += 1
            continue
        next_heading = _heading_at(sheet, index, layout, heading)
        if next_heading is not None:
            # A row without a name never belongs to the last council of the block above.
            heading, index, council_above = next_heading, next_heading.data_starts, ""
            continue
        council = cell_text(row, heading.columns["council"]) if "council" in heading.columns else ""
        continued = council_above if not council and heading.figure.blank_council_continues_row_above else ""
        cells.extend(_cells_of_row(sheet, index, heading, layout, card, council, continued))
        council_above = council or council_above
        rows_read += 1
        if not _provenance(row, heading, "source_document"):
            rows_without_document[layout.document_of(heading.figure)] += 1
        index += 1
    if not rows_read:
        raise refused(
            f"The headings of {first.figure.figure} are there, but no row stands below them.",
            "Check that the whole table was saved.",
            sheet=sheet.name,
        )
    return cells, rows_read, rows_without_document


def _first_heading(sheet: Sheet, layout: Layout) -> _Heading:
    nearest: tuple[tuple[int, int], Problem] | None = None
    # Only rows that are plainly meant as a heading are taken for a misspelt one: a sheet of notes may hold the word
    # 'council' as well. A sheet that must be a figure is given the nearest there is.
    least = 1 if not sheet.name or _claims_a_figure(sheet, layout) else 2
    for index, row in enumerate(sheet.rows[:HEADING_STANDS_WITHIN_ROWS]):
        if not any(row):
            continue
        for lines in LINES_OF_A_HEADING:
            headings = _joined(sheet, index, lines)
            whole: list[_Heading] = []
            for figure in layout.figures:
                known = _match(headings, figure, layout)
                if known.is_whole:
                    whole.append(_heading(figure, index, lines, headings, known, layout))
                elif len(known.columns) >= least and (nearest is None or known.score > nearest[0]):
                    nearest = (known.score, _unknown_heading(sheet, index, lines, figure, known))
            if whole:
                first = _the_one_meant(sheet, whole)
                _nothing_may_be_lost_above(sheet, index, first.figure, nearest[1] if nearest else None)
                return first
    if nearest:
        raise FileRefused(nearest[1])
    raise refused(
        f"None of the first {HEADING_STANDS_WITHIN_ROWS} rows is a heading that is known here."
        if len(sheet.rows) > HEADING_STANDS_WITHIN_ROWS
        else "None of the rows is a heading that is known here.",
        "The first row of a table must name its columns as in the template or the published figure.",
        rule_id="unknown_header",
        sheet=sheet.name,
        value=next((" | ".join(cell for cell in row if cell)[:200] for row in sheet.rows if any(row)), ""),
    )


def _the_one_meant(sheet: Sheet, headings: list[_Heading]) -> _Heading:
    """Of several figures with the same headings, the one that the sheet or its first row names."""
    if len(headings) == 1:
        return headings[0]
    first = headings[0]
    row = next((row for row in sheet.rows[first.data_starts :] if any(row)), ())
    names = {normalise_heading(sheet.name), normalise_heading(_provenance(row, first, "figure"))} - {""}
    named = [heading for heading in headings if names & heading.figure.normalised_sheet_names]
    if len(named) == 1:
        return named[0]
    raise refused(
        "These headings are those of several tables, and it is not said which one this is: "
        f"{', '.join(heading.figure.figure for heading in headings)}.",
        "Add a column 'figure' that names the table in every row, or name the sheet after it.",
        sheet=sheet.name,
        row=first.data_starts,
    )


def _nothing_may_be_lost_above(sheet: Sheet, heading: int, figure: Figure, misspelt: Problem | None) -> None:
    """A title may stand above the first heading, but not a block of rows whose own heading was not recognised."""
    as_full_as_data = max(3, len(figure.columns) - 1)
    try:
        nothing_may_be_lost_above(
            sheet,
            heading,
            lambda row: filled_cells(row) >= as_full_as_data,
            named="the first heading that is known here",
            suggestion="Give the rows above a heading of their own, worded as in the published figure, or remove them.",
        )
    except FileRefused:
        if misspelt is not None and misspelt.row is not None and misspelt.row <= heading:
            raise FileRefused(misspelt) from None
        raise


@dataclass
class _Match:
    columns: dict[str, int] = field(default_factory=dict)
    provenance: dict[str, int] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.unknown and not self.missing and not self.doubled

    @property
    def score(self) -> tuple[int, int]:
        """How near a row is to a heading of the figure: the more it knows, then the less it does not."""
        return len(self.columns), -len(self.unknown)


def _match(headings: tuple[str, ...], figure: Figure, layout: Layout) -> _Match:
    match = _Match()
    for column, heading in enumerate(headings):
        if not heading or heading in layout.headings_not_kept:
            continue
        if heading in figure.field_of_heading:
            name = figure.field_of_heading[heading]
            match.doubled.extend([column] if name in match.columns else [])
            match.columns[name] = column
        elif heading in layout.provenance_of_heading:
            name = layout.provenance_of_heading[heading]
            match.doubled.extend([column] if name in match.provenance else [])
            match.provenance[name] = column
        else:
            match.unknown.append(column)
    match.missing = [name for name in figure.columns if name not in match.columns]
    return match


def _heading_at(sheet: Sheet, index: int, layout: Layout, current: _Heading) -> _Heading | None:
    """The heading of a further block of the same figure, or None for a row of data."""
    first_cell = normalise_heading(cell_text(sheet.rows[index], current.name_column))
    if first_cell not in current.figure.field_of_heading and first_cell not in layout.region_of_heading:
        return None
    if not any(text for column, text in enumerate(sheet.rows[index]) if column != current.name_column):
        # A block whose heading names only the region keeps the columns of the block above.
        return _Heading(
            current.figure,
            index,
            1,
            current.columns,
            current.provenance,
            current.headed,
            current.width,
            layout.region_of_heading.get(first_cell, ""),
        )
    nearest: tuple[tuple[int, int], Problem] | None = None
    for lines in LINES_OF_A_HEADING:
        headings = _joined(sheet, index, lines)
        known = _match(headings, current.figure, layout)
        if known.is_whole:
            return _heading(current.figure, index, lines, headings, known, layout)
        if nearest is None or known.score > nearest[0]:
            nearest = (known.score, _unknown_heading(sheet, index, lines, current.figure, known))
    assert nearest is not None, "a heading has at least one line"
    raise FileRefused(nearest[1])


def _cells_of_row(
    sheet: Sheet, index: int, heading: _Heading, layout: Layout, card: SourceCard, council: str, continued: str
) -> Iterator[LandedCell]:
    row = sheet.rows[index]
    document = _provenance(row, heading, "source_document") or layout.document_of(heading.figure)
    if card.document(document) is None:
        raise refused(
            f"The row names the document '{document}', which the source card does not list, so its date is not known.",
            "Add the document and its as-at date to the source card, or correct the name.",
            rule_id="as_at_date_missing",
            sheet=sheet.name,
            row=index + 1,
            value=document,
        )
    if heading.figure.document not in ("", document):
        raise refused(
            f"The headings are those of a table in '{heading.figure.document}', but the row says it comes from "
            f"'{document}'.",
            "Correct the name of the document; the tables of another survey need headings of their own on the card.",
            sheet=sheet.name,
            row=index + 1,
            value=document,
        )
    stated_figure = _provenance(row, heading, "figure")
    if stated_figure and normalise_heading(stated_figure) not in heading.figure.normalised_sheet_names:
        raise refused(
            f"The row says it belongs to {stated_figure}, but the columns are those of {heading.figure.figure}.",
            "Put each figure on a sheet (or in a file) of its own.",
            sheet=sheet.name,
            row=index + 1,
            value=stated_figure,
        )
    must_hold_no_path(sheet, index, row)
    _must_be_as_wide_as_its_heading(sheet, index, row, heading)
    _must_stand_under_headings(sheet, index, row, heading)
    is_total = council.casefold().split()[:1] == ["total"]
    for name in heading.figure.value_fields:
        column = heading.columns[name]
        yield LandedCell(
            landed_table=TOTALS_TABLE if is_total else heading.figure.landed_table,
            source_document=document,
            figure=heading.figure.figure,
            region_block=_provenance(row, heading, "region_block") or heading.region,
            council_as_written=council,
            continued_council=continued,
            figure_as_written=stated_figure,
            field=name,
            cell_text=cell_text(row, column),
            source_sheet=sheet.name or heading.figure.figure,
            source_row=index + 1,
            source_cell=cell_address(index, column),
            published_row=_provenance(row, heading, "published_row"),
            transcription_note=_provenance(row, heading, "transcription_note"),
        )


def _must_be_as_wide_as_its_heading(sheet: Sheet, index: int, row: tuple[str, ...], heading: _Heading) -> None:
    # A workbook has no ragged rows; in a CSV file one comma too many or too few shifts what follows it.
    if not sheet.name and len(row) != heading.width:
        raise refused(
            f"The row has {len(row)} cells and its heading has {heading.width}, so its values may stand under the "
            "wrong headings.",
            "Look for a comma too many or too few, for example within a number, or save the table again from a "
            "spreadsheet.",
            row=index + 1,
        )


def _must_stand_under_headings(sheet: Sheet, index: int, row: tuple[str, ...], heading: _Heading) -> None:
    for column, text in enumerate(row):
        if text and column not in heading.headed:
            raise refused(
                f"The cell stands under no heading of {heading.figure.figure}, so it is not known what it means.",
                "Put the value under its heading; put a remark in a column with the heading 'note'.",
                sheet=sheet.name,
                row=index + 1,
                cell=cell_address(index, column),
                value=text[:200],
            )


def _joined(sheet: Sheet, index: int, lines: int) -> tuple[str, ...]:
    width = max((len(row) for row in sheet.rows[index : index + lines]), default=0)
    return tuple(normalise_heading(_wording(sheet, index, lines, column)) for column in range(width))


def _wording(sheet: Sheet, index: int, lines: int, column: int) -> str:
    """A heading as it is printed, over one line or several."""
    return " ".join(text for row in sheet.rows[index : index + lines] if (text := cell_text(row, column)))


def _provenance(row: tuple[str, ...], heading: _Heading, name: str) -> str:
    return cell_text(row, heading.provenance[name]) if name in heading.provenance else ""


def _heading(
    figure: Figure, index: int, lines: int, headings: tuple[str, ...], known: _Match, layout: Layout
) -> _Heading:
    region = layout.region_of_heading.get(headings[known.columns[figure.rows_named_by]], "")
    headed = frozenset(column for column, text in enumerate(headings) if text)
    return _Heading(figure, index, lines, known.columns, known.provenance, headed, len(headings), region)


def _unknown_heading(sheet: Sheet, index: int, lines: int, figure: Figure, match: _Match) -> Problem:
    wordings = {normalise_heading(alias): alias for aliases in figure.columns.values() for alias in aliases}
    if match.unknown:
        column = match.unknown[0]
        printed = _wording(sheet, index, lines, column)
        nearest = difflib.get_close_matches(normalise_heading(printed), wordings, n=1, cutoff=0.5)
        hint = f" Did you mean '{wordings[nearest[0]]}'?" if nearest else ""
        message = f"The heading '{shortened(printed)}' is not one of {figure.figure}.{hint}"
    elif match.doubled:
        column = match.doubled[0]
        message = f"The heading '{_wording(sheet, index, lines, column)}' stands twice in {figure.figure}."
    else:
        column = match.columns.get(figure.rows_named_by, 0)
        wanted = ", ".join(f"'{figure.columns[name][-1]}'" for name in match.missing)
        message = f"{figure.figure} lacks these headings: {wanted}."
    return Problem(
        "unknown_header",
        message,
        "Use the headings of the published figure, or add the new wording to the aliases on the source card.",
        sheet=sheet.name,
        row=index + lines,
        cell=cell_address(index + lines - 1, column),
        value=_wording(sheet, index, lines, column)[:200],
    )


def _figure_must_fit_sheet_name(sheet: Sheet, layout: Layout, figure: Figure) -> None:
    named = _figure_named_by(sheet, layout)
    if named and named.figure != figure.figure:
        raise refused(
            f"The sheet is named '{sheet.name}', but its headings are those of {figure.figure}.",
            "Rename the sheet, or put the right table on it.",
            sheet=sheet.name,
        )


def _figure_named_by(sheet: Sheet, layout: Layout) -> Figure | None:
    name = normalise_heading(sheet.name)
    return next((figure for figure in layout.figures if name and name in figure.normalised_sheet_names), None)


def _claims_a_figure(sheet: Sheet, layout: Layout) -> bool:
    return _figure_named_by(sheet, layout) is not None


def _is_no_table(refusal: FileRefused) -> bool:
    return all(problem.rule_id == "unknown_header" and not problem.cell for problem in refusal.problems)


def _sheet_not_read(sheet: Sheet) -> Problem:
    return Problem(
        "unknown_header",
        f"The sheet '{sheet.name}' was not read: none of its rows is a heading that is known here.",
        "Nothing to do when the sheet holds notes; otherwise give its table the headings of the published figure.",
        sheet=sheet.name,
    )


def _figure_twice(figure: str, first_sheet: str, sheet: Sheet) -> Problem:
    return Problem(
        "file_refused",
        f"{figure} stands on two sheets, '{first_sheet}' and '{sheet.name}', so it is not clear which one counts.",
        "Keep one of the two sheets.",
        sheet=sheet.name,
    )


def _missing_sheets(
    sheets: tuple[Sheet, ...], layout: Layout, seen: dict[str, str], some_refused: bool
) -> list[Problem]:
    # A sheet that is there but was refused for its content is not missing as well.
    named = {figure.figure for sheet in sheets if some_refused and (figure := _figure_named_by(sheet, layout))}
    missing = [
        figure.figure
        for figure in layout.figures
        if figure.in_every_workbook and figure.figure not in seen and figure.figure not in named
    ]
    if not missing:
        return []
    return [
        Problem(
            "file_refused",
            f"The workbook has no sheet for {', '.join(missing)}. Its sheets are: "
            f"{', '.join(repr(sheet.name) for sheet in sheets)}.",
            "Add the missing sheet, headings included, even when a council had nothing to return.",
        )
    ]


def _document_not_stated(card: SourceCard, assumed: str, rows_without_document: int, rows_read: int) -> Problem:
    document = card.document(assumed)
    assert document is not None, "the card names a document it does not list"
    what_lacks_it = (
        "The file names neither its document nor a date."
        if rows_without_document == rows_read
        else f"{rows_without_document:,} of the file's {rows_read:,} rows name neither their document nor a date."
    )
    return Problem(
        "as_at_date_missing",
        f"{what_lacks_it} Its headings are those of '{document.title}', so it is read as that, "
        f"as at {document.as_at_date.isoformat()}.",
        f"Add a column 'source_document' holding '{document.document}', or the document it really comes from.",
    )
