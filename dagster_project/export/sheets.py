"""The sheets of a workbook, before any format: what stands where, in which words.

Belongs here: the order of the sheets, the lines above a table, notes and definitions, after the guidance of the
Government Analysis Function on releasing statistics in spreadsheets. Does not: how a format writes a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.contracts import CAUTION_BEGINS
from dagster_project.export import words
from dagster_project.export.areas import EVERYTHING, Area
from dagster_project.export.tables import DATA_QUALITY, NOTES, ROW_STATUSES, SOURCE, TABLES, Asked, ExportTable, Rows
from dagster_project.present import SOURCES, counted, moment, number, safe_text
from dagster_project.sources.dates import in_words

if TYPE_CHECKING:
    import pyarrow

COVER, CONTENTS, NOTES_SHEET, DEFINITIONS, QUERIES = "Cover", "Contents", "Notes", "Definitions", "Queries"
RUN_FIRST = "Run first"
_WIDEST, _NARROWEST = 60, 10
_FIGURE_NAMED = re.compile(r"^Figure (\d+) of ")

Value = str | int | float | Decimal | date


class CautionMissing(Exception):
    """The release does not carry the caution on comparing councils, without which no table leaves."""


@dataclass(frozen=True)
class Line:
    """One line of text above a table or on the cover; `to` is the sheet it leads to, if it leads anywhere."""

    text: str
    is_heading: bool = False
    to: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its heading, its width in characters, and whether it holds numbers.

    `places` are the decimal places shown of numbers that are no decimals; the whole number stays behind them.
    """

    heading: str
    width: float
    is_numeric: bool = False
    places: int = 3
    is_year: bool = False

    def decimals(self, value: int | float | Decimal) -> int:
        """Decimal places shown: none of a count, and of a decimal two, or as many as it has up to four."""
        match value:
            case int():
                return 0
            case Decimal():
                exponent = value.normalize().as_tuple().exponent
                return min(max(2, -exponent), 4) if isinstance(exponent, int) else 2
            case _:
                return self.places


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title in A1, lines beneath it, then at most one table.

    `lead_to` holds for each row the sheet that its first cell leads to; empty where none does.
    """

    name: str
    title: str
    lines: tuple[Line, ...]
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    lead_to: tuple[str, ...] = ()
    # Columns whose cells may be empty; a line above the table says what that means.
    may_be_empty: frozenset[str] = frozenset()

    @property
    def heading_row(self) -> int:
        """The row of the headings, counted from 1."""
        return len(self.lines) + 2

    @property
    def last_row(self) -> int:
        """The last row of the table, counted from 1."""
        return self.heading_row + len(self.rows)


@dataclass(frozen=True)
class Book:
    """A workbook: its sheets in order and its document properties."""

    title: str
    subject: str
    description: str
    created_at: datetime
    sheets: tuple[Sheet, ...]
    # The rows behind each sheet of numbers, by the name of the sheet, with notes as references.
    data: Mapping[str, pyarrow.Table]


@dataclass
class _Notes:
    """Numbered notes, each once, in the order in which they are first met."""

    numbers: dict[str, int] = field(default_factory=dict)
    sheets: dict[str, dict[str, None]] = field(default_factory=dict)

    def reference(self, text: str, sheet: str) -> str:
        number = self.numbers.setdefault(text, len(self.numbers) + 1)
        self.sheets.setdefault(text, {})[sheet] = None
        return f"[note {number}]"


def make_book(
    release: Mapping[str, Any],
    area: Area,
    documents: Mapping[tuple[str, date], Sequence[str]],
    statuses: Sequence[tuple[str, str | None, str, bool]],
    titles: Mapping[str, str],
    choosing: Asked,
    tables: Sequence[Rows],
) -> Book:
    """The workbook of an area.

    `release` is its manifest; `documents` says what stands behind each source and day; `statuses` are the rows of
    reference.value_statuses, and `titles` those of rules of findings and of measures; `tables` those that have rows,
    the one on data quality first, and `choosing` the query that chose them. Raises CautionMissing.
    """
    called = {**{name: words.heading(name) for rows in tables for name in rows.names}, **titles}
    return _Maker(release, area, documents, statuses, called).book(choosing, tables)


class _Maker:
    def __init__(
        self,
        release: Mapping[str, Any],
        area: Area,
        documents: Mapping[tuple[str, date], Sequence[str]],
        statuses: Sequence[tuple[str, str | None, str, bool]],
        called: Mapping[str, str],
    ) -> None:
        self.release = release
        self.called = called
        self.area = area
        self.documents = documents
        self.statuses = statuses
        self.described = {f"{table['schema']}.{table['name']}": table for table in release["tables"]}
        self.symbols = words.OTHER_SYMBOLS | {status.replace("_", " "): symbol or "" for status, symbol, *_ in statuses}
        self.meanings = {status.replace("_", " "): meaning for status, _, meaning, _ in statuses}
        self.with_number = {status.replace("_", " ") for status, *_, has_number in statuses if has_number}
        self.caution = self._caution()
        self.notes = _Notes()
        self.spoken_of: set[tuple[str, date]] = set()
        self.invented_on: dict[str, list[str]] = {}
        self.definitions: dict[tuple[str, str, str], dict[str, None]] = {}

    def book(self, choosing: Asked, tables: Sequence[Rows]) -> Book:
        made = [self._data_sheet(place, rows) for place, rows in enumerate(tables)]
        quality, *others = made
        queries = self._queries(choosing, tables)
        front = [self._notes_sheet(), self._definitions_sheet(), quality]
        contents = self._contents([*front, *others, queries])
        cover = self._cover(others)
        return Book(
            title=cover.title,
            subject="Allied health professions workforce of councils in England",
            description=f"Tables of the release {self.release['release_id']}. {words.SMALL_NUMBERS}",
            created_at=datetime.fromisoformat(self.release["created_at"]),
            sheets=(cover, contents, *front, *others, queries),
            data={rows.table.sheet: self._with_references(rows) for rows in tables},
        )

    # Sheets of numbers

    def _data_sheet(self, number: int, rows: Rows) -> Sheet:
        table = rows.table
        sheet = table.sheet
        lines = [
            Line("This sheet contains one table. References such as [note 1] lead to the sheet Notes."),
            Line("Back to the contents", to=CONTENTS),
            *(Line(text) for text in self._where_from(rows)),
        ]
        invented = [name for name in rows.distinct(SOURCE) if name in self.release.get("invented_sources", ())]
        if invented:
            self.invented_on[sheet] = invented
            lines.append(Line(_invented(invented)))
        caveats = [self.caution, *(text for text in self._caveats(table.about, table.figure) if text != self.caution)]
        lines += [Line(f"{text} {self.notes.reference(text, sheet)}") for text in caveats]
        shown = tuple(self._shown_row(rows, row) for row in rows.rows)
        columns = tuple(self._column(rows, name, position, shown) for position, name in enumerate(rows.shown))
        for name in rows.names:
            self._define(rows, name)
        lines += self._key(shown)
        if NOTES in rows.shown:
            lines.append(Line("An empty cell in the column Notes means that there is no note."))
        lines.append(Line("The SQL that makes this table again stands on the sheet Queries.", to=QUERIES))
        return Sheet(
            sheet,
            self._title(number, rows),
            tuple(lines),
            columns,
            shown,
            may_be_empty=frozenset({words.heading(NOTES)}),
        )

    def _title(self, number: int, rows: Rows) -> str:
        table = rows.table
        beginning = f"Table {number}: {table.title}" if number else f"Data quality: {table.title.lower()}"
        where = "" if self.area.kind == EVERYTHING else f", {self.area.title}"
        days = rows.distinct("as_at_date")
        if len(days) <= 2:
            when = f", as at {' and '.join(map(in_words, days))}" if days else ""
        else:
            when = (
                f", as at {len(days)} separate dates, the first {in_words(days[0])} and the last {in_words(days[-1])}"
            )
        figure = f" (after {table.figure} of the Midlands report)" if table.figure else ""
        return f"{beginning}{where}{when}{figure}"

    def _where_from(self, rows: Rows) -> Iterable[str]:
        pairs = []
        if {SOURCE, "as_at_date"} <= set(rows.names):
            pairs = sorted(
                {pair for pair in zip(rows.values(SOURCE), rows.values("as_at_date"), strict=True) if all(pair)}
            )
        self.spoken_of.update(pairs)
        for source, day in pairs:
            behind = "; ".join(self.documents.get((source, day), ()))
            yield f"Source: {SOURCES.get(source, source)}, as at {in_words(day)}{f': {behind}' if behind else ''}."
        if rows.table.query == "workforce" and self.area.kind != EVERYTHING:
            for row in rows.rows:
                values = dict(zip(rows.names, row, strict=True))
                if values["geography_code"] == self.area.code and self.area.kind != "council":
                    yield (
                        f"Coverage as at {in_words(values['as_at_date'])}: {values['councils_returned']} of the "
                        f"{counted(values['councils_expected'], 'council')} of {self.area.name} stand behind its total."
                    )

    def _key(self, rows: Iterable[Sequence[Value]]) -> list[Line]:
        met = {sign for row in rows for value in row if isinstance(value, str) for sign in _signs(value)}
        said = [f"{sign} {words.SHORTHAND[sign]}" for sign in words.SHORTHAND if sign in met]
        return [Line(f"Shorthand: {'; '.join(said)}.")] if said else []

    def _shown_row(self, rows: Rows, row: Sequence[Any]) -> tuple[Value, ...]:
        values = dict(zip(rows.names, row, strict=True))
        return tuple(self._shown(rows, name, values) for name in rows.shown)

    def _shown(self, rows: Rows, name: str, values: Mapping[str, Any]) -> Value:
        value = values[name]
        if name == NOTES:
            return self._references(rows, values)
        if value is None:
            return self._why_missing(rows, name, values)
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if name in ROW_STATUSES and (symbol := self.symbols.get(value)):
            return f"{value} {symbol}"
        if isinstance(value, str):
            # Characters that hide or turn others around are written out; XML could not hold all of them.
            return safe_text(value)
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, int | float | Decimal | date) else str(value)

    def _why_missing(self, rows: Rows, name: str, values: Mapping[str, Any]) -> str:
        status = str(rows.status_of(name, values) or "").replace("_", " ")
        # The status of a row whose number is there does not tell why something else is not.
        symbol = "" if status in self.with_number else self._symbol(status)
        if symbol and rows.is_numeric(name):
            return symbol
        # Of a text, it tells only that the whole row does not apply.
        not_supplied = name in rows.table.missing and symbol != words.NOT_APPLICABLE
        return words.NOT_SUPPLIED if not_supplied else words.NOT_APPLICABLE

    def _symbol(self, status: object) -> str:
        return self.symbols.get(str(status).replace("_", " "), "") if status is not None else ""

    def _references(self, rows: Rows, values: Mapping[str, Any]) -> str:
        texts = list(values[NOTES] or ())
        for name, status_name in rows.statuses_of_numbers.items():
            symbol = self._symbol(values[status_name])
            # A number that is there cannot show its sign, since it has to stay a number.
            if symbol and values[name] is not None:
                meaning = self.meanings.get(str(values[status_name]).replace("_", " "), "")
                texts.append(f"{words.heading(name)} {symbol}: {meaning}.")
        return " ".join(
            self.notes.reference(safe_text(self._plain(text)), rows.table.sheet) for text in dict.fromkeys(texts)
        )

    def _with_references(self, rows: Rows) -> pyarrow.Table:
        """The answer with its notes as references, so that every file says the same."""
        import pyarrow

        if NOTES not in rows.names:
            return rows.answer
        references = [self._references(rows, dict(zip(rows.names, row, strict=True))) or None for row in rows.rows]
        return rows.answer.set_column(rows.names.index(NOTES), NOTES, pyarrow.array(references, pyarrow.string()))

    def _column(self, rows: Rows, name: str, position: int, shown: Sequence[Sequence[Value]]) -> Column:
        title = words.heading(name)
        longest_word = max(len(word) for word in title.split())
        texts = [_length(row[position]) for row in shown]
        width = max([longest_word + 2, _NARROWEST, *(min(length + 2, _WIDEST) for length in texts)])
        places = 2 if name.endswith("_pct") else 3
        return Column(title, width, rows.is_numeric(name), places, is_year=name.endswith("_year"))

    def _define(self, rows: Rows, name: str) -> None:
        numbers = {status: number for number, status in rows.statuses_of_numbers.items()}
        if name in numbers:
            meaning = f"How {words.heading(numbers[name])} was given, or why it is missing. Only in CSV and Parquet."
        else:
            meaning = self._released_meaning(rows, name) or words.MEANINGS.get(name, "")
        self.definitions.setdefault((words.heading(name), name, meaning), {})[rows.table.sheet] = None

    def _released_meaning(self, rows: Rows, name: str) -> str:
        for table in (*rows.table.about, *rows.query.reads):
            for column in self.described.get(table, {}).get("columns", ()):
                if column["name"] == name and column["description"]:
                    return self._plain(column["description"])
        return ""

    # Sheets about them

    def _cover(self, tables: Sequence[Sheet]) -> Sheet:
        made = moment(datetime.fromisoformat(self.release["created_at"]))
        lines = [Line(f"Release {self.release['release_id']}, made {made}.")]
        if self.area.kind == EVERYTHING:
            lines.append(
                Line("One workbook for everything: every region, integrated care system and council of the release.")
            )
        if self.release.get("bundled_inputs"):
            lines.append(
                Line(
                    "Example data: nothing of your own had landed, so all of it comes from files that are bundled with "
                    "the warehouse."
                )
            )
        if self.invented_on:
            lines.append(Line("Invented numbers", is_heading=True))
            for sources in dict.fromkeys(map(tuple, self.invented_on.values())):
                sheets = [sheet for sheet, on_it in self.invented_on.items() if tuple(on_it) == sources]
                lines.append(
                    Line(
                        f"{_invented(sources)} On the {'sheet' if len(sheets) == 1 else 'sheets'} {', '.join(sheets)}."
                    )
                )
        lines += [
            Line("Before you use these tables", is_heading=True),
            Line(self.caution),
            Line(words.SMALL_NUMBERS),
            Line("Nothing is ranked: rows stand in the order of their names."),
            Line("What else is to be known stands above each table, and every note on the sheet Notes."),
            Line("What is here", is_heading=True),
            Line(
                f"{counted(len(tables), 'numbered table')}, one to a sheet, and the sheet {DATA_QUALITY.sheet} on what "
                "was found in the data."
            ),
            Line("Go to the contents", to=CONTENTS),
            *self._left_out(tables),
            Line("Whom to ask", is_heading=True),
            Line(self.release.get("contact") or words.NO_CONTACT),
        ]
        lines.append(Line("Shorthand", is_heading=True))
        lines += [Line(f"{sign} {said}") for sign, said in words.SHORTHAND.items()]
        lines += [
            Line("0 is a true zero."),
            Line("Where the numbers come from", is_heading=True),
            *(
                Line(f"{SOURCES.get(source, source)}, as at {in_words(day)}: {'; '.join(titles)}.")
                for (source, day), titles in self.documents.items()
                if (source, day) in self.spoken_of
            ),
        ]
        subject = "everything in the release" if self.area.kind == EVERYTHING else self.area.title
        return Sheet(COVER, f"Allied health professions workforce: {subject}", tuple(lines))

    def _left_out(self, tables: Sequence[Sheet]) -> list[Line]:
        """What is not here, by the reason: not of single areas, not in the release at all, or not of these areas."""
        there = {sheet.name for sheet in tables}
        reasons: dict[str, list[str]] = {}
        for table in TABLES:
            if table.sheet not in there:
                reasons.setdefault(self._why_left_out(table), []).append(table.title)
        lines = [Line(f"{reason}: {'; '.join(titles)}.") for reason, titles in reasons.items()]
        return [Line("What is not here", is_heading=True), *lines] if lines else []

    def _why_left_out(self, table: ExportTable) -> str:
        if not any(self.described.get(name, {}).get("rows") for name in table.about):
            return "The release holds nothing on these"
        if table.is_of_no_area and self.area.kind != EVERYTHING:
            return "Only in the workbook of everything (./ahp export --all)"
        return "The release has no rows of this area on these"

    def _contents(self, sheets: Sequence[Sheet]) -> Sheet:
        rows = tuple((sheet.name, sheet.title) for sheet in sheets)
        return _listing(
            CONTENTS,
            "Contents",
            ["This sheet contains one table. The names in its first column lead to the sheets."],
            ("Sheet", "What it holds"),
            rows,
            lead_to=tuple(sheet.name for sheet in sheets),
        )

    def _notes_sheet(self) -> Sheet:
        rows = tuple(
            (f"[note {number}]", text, ", ".join(self.notes.sheets[text]))
            for text, number in self.notes.numbers.items()
        )
        return _listing(
            NOTES_SHEET,
            "Notes",
            ["This sheet contains one table: every note, and the sheets it belongs to."],
            ("Note", "Text", "Sheets"),
            rows,
        )

    def _definitions_sheet(self) -> Sheet:
        rows: list[tuple[Value, ...]] = [
            (title, name, meaning, ", ".join(sheets)) for (title, name, meaning), sheets in self.definitions.items()
        ]
        rows.sort(key=lambda row: (str(row[0]).casefold(), str(row[1]), str(row[3])))
        rows += [
            (
                f"Status: {status.replace('_', ' ')} {symbol or ''}".rstrip(),
                status,
                f"{meaning}.",
                "All tables with a status",
            )
            for status, symbol, meaning, _ in self.statuses
        ]
        return _listing(
            DEFINITIONS,
            "Definitions",
            ["This sheet contains one table: what each column means, and then each status."],
            ("Heading", "Name in CSV, Parquet and SQL", "Meaning", "Sheets"),
            tuple(rows),
        )

    def _queries(self, choosing: Asked, tables: Sequence[Rows]) -> Sheet:
        rows = (
            (RUN_FIRST, choosing.question, choosing.sql),
            *((rows.table.sheet, rows.query.question, rows.query.sql) for rows in tables),
        )
        return _listing(
            QUERIES,
            "Queries",
            [
                "This sheet contains one table: the SQL behind each sheet, for DuckDB or ./ahp sql on this release.",
                f"Run the statements of the row {RUN_FIRST} and those of a sheet in one go.",
            ],
            ("Sheet", "What it asks", "SQL"),
            rows,
        )

    # Facts

    def _caveats(self, tables: Iterable[str], figure: str) -> list[str]:
        found = []
        for table in tables:
            for caveat in self.described.get(table, {}).get("caveats", ()):
                named = _FIGURE_NAMED.match(caveat)
                # What is wrong with one figure is of no matter to the sheet of another.
                if not (named and figure and named[1] not in figure):
                    found.append(self._plain(caveat))
        return list(dict.fromkeys(found))

    def _plain(self, text: str) -> str:
        return words.plain(text, self.called)

    def _caution(self) -> str:
        for table in self.release["tables"]:
            for caveat in table.get("caveats", ()):
                if caveat.startswith(CAUTION_BEGINS):
                    return self._plain(caveat)
        raise CautionMissing(
            "The release does not carry the caution on comparing councils, and without it no table is made. "
            "Make a new release with ./ahp refresh."
        )


def _listing(
    name: str,
    title: str,
    lines: Sequence[str],
    headings: Sequence[str],
    rows: tuple[tuple[Value, ...], ...],
    lead_to: tuple[str, ...] = (),
) -> Sheet:
    widths = (
        max(
            len(heading) + 2,
            _NARROWEST,
            *(min(max(map(len, str(row[position]).splitlines() or [""])) + 2, 90) for row in rows),
        )
        for position, heading in enumerate(headings)
    )
    columns = tuple(Column(heading, width) for heading, width in zip(headings, widths, strict=True))
    back = () if name == CONTENTS else (Line("Back to the contents", to=CONTENTS),)
    return Sheet(name, title, (*(Line(text) for text in lines), *back), columns, rows, lead_to)


def _invented(sources: Sequence[str]) -> str:
    named = " and ".join(SOURCES.get(source, source) for source in sources)
    return f"Invented numbers, of nobody real, as an example of what comes from: {named}. Do not quote them."


def _signs(text: str) -> list[str]:
    return [sign for sign in words.SHORTHAND if text == sign or text.endswith(f" {sign}")]


def exactly(value: int | float | Decimal) -> str:
    """A number with every digit it has, as both kinds of workbook keep numbers."""
    return number(value) if isinstance(value, Decimal) else repr(value)


def _length(value: Value) -> int:
    return (
        len(in_words(value))
        if isinstance(value, date)
        else len(f"{value:,.2f}")
        if isinstance(value, float)
        else len(str(value))
    )
