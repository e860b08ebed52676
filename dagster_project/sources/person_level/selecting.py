"""What becomes of the columns of an extract, as one SQL statement made from its card.

Belongs here: the expressions, from a raw cell to a landed one. Does not: running them, or finding the heading.
Only what this statement selects ever leaves the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from dagster_project.sources.person_level.cards import AGE_COLUMNS, Field, Key, Kind, RowTable, Use
from dagster_project.sources.person_level.dates import age_band_sql, age_sql, day_sql, last_day_of_month_sql, moment_sql
from dagster_project.sources.person_level.headings import Heading
from dagster_project.sources.person_level.identifiers import (
    BLANKS,
    CARE_FOR_NUMBERS_AND_DATES,
    CARE_FOR_TEXTS,
    IDENTIFIER,
    SEPARATOR,
    WITHHELD,
)
from dagster_project.sources.person_level.keys import pseudonym_sql
from dagster_project.sources.person_level.sql import name_sql, text_sql

REASON = "reason"
# A row that is of no interest here: counted, and neither landed nor refused.
OUT_OF_SCOPE = "out_of_scope"
WRONG_NUMBER_OF_CELLS, NO_AS_AT_DATE = "wrong_number_of_cells", "no_as_at_date"
# A row that holds more cells than its heading and this many beside stops the file.
_CELLS_TOO_MANY = 8
# A cell that is not there at all, in a row that is too short, is told from a blank one.
_NEVER_IN_A_FILE = "\x01"
SHORTEST_IDENTIFIER = 5


def cells_sql(heading: Heading, file: str, *, in_parallel: bool) -> str:
    """The rows of the file as text: columns c0, c1 and so on, and after them those of rows that are too long."""
    names = [*(f"c{column}" for column in range(heading.width)), *_overflow()]
    columns = ", ".join(f"{text_sql(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({text_sql(file)}, columns = {{{columns}}}, delim = {text_sql(heading.delimiter)}, "
        f"quote = '\"', escape = '\"', header = false, skip = {heading.row + 1}, auto_detect = false, "
        f"strict_mode = true, null_padding = true, nullstr = {text_sql(_NEVER_IN_A_FILE)}, "
        f"max_line_size = 1048576, parallel = {str(in_parallel).lower()})"
    )


def first_day_sql(heading: Heading, cells: str) -> str:
    """What the first row says of the day of the extract: its cells, and the day that they mean."""
    selection = _Selection(heading)
    return f"select {', '.join([*selection.day_cells(), selection.day_read()])} from {cells} limit 1"


def rows_sql(heading: Heading, cells: str) -> str:
    """One row for each row of the file, in its order: why it is refused, the day, and the landed columns.

    Its parameters are those of the key of the pseudonyms, the day of the first row (first_day) and the cells that say
    so (first_cell_0 and so on): an extract names its day in every row, and reading it anew each time takes longer than
    everything else.
    """
    return _Selection(heading).sql(cells)


class _Selection:
    def __init__(self, heading: Heading) -> None:
        self.heading = heading
        self.table: RowTable = heading.table

    def sql(self, cells: str) -> str:
        described = {**dict(self._keys()), **dict(self._kept())}
        columns = ", ".join(f"{described[name]} as {name_sql(name)}" for name in self.table.described_columns)
        return f"""
            with
            cells as (select *, {", ".join(self._looked_at())} from {cells}),
            placed as (select *, {self._needs_care()} as needs_care, {self._as_at_date()} as as_at_date,
                       {self._organisation()} as key_organisation{self._birth_dates()} from cells),
            identified as (select *, {", ".join([*self._key_columns(), *self._ages(), *self._careful_cells()])}
                           from placed)
            select {self._reason()} as {REASON}, as_at_date, {columns} from identified
        """

    def _cell(self, name: str) -> str | None:
        column = self.heading.column_of.get(name)
        return None if column is None else f"c{column}"

    def _read(self, *kinds: Kind) -> Iterator[str]:
        for field in self.table.fields:
            if field.use is Use.KEPT and field.kind in kinds and (cell := self._cell(field.field)):
                yield cell

    def _joined(self, *kinds: Kind) -> str:
        return f"concat_ws({', '.join([text_sql(SEPARATOR), *self._read(*kinds), text_sql('')])})"

    def _needs_care(self) -> str:
        return " or ".join(
            (
                f"regexp_matches(texts, {text_sql(CARE_FOR_TEXTS)})",
                f"regexp_matches(others, {text_sql(CARE_FOR_NUMBERS_AND_DATES)})",
                *(_holds_number("texts", cell) for cell in self._own_numbers()),
                *(_holds_name("lower(texts)", [f"lower({cell})" for cell in name]) for name in self._own_names()),
            )
        )

    def _own_names(self) -> list[list[str]]:
        """The cells of each group that together name the row's own person."""
        of_card = ([self._cell(name) for name in names] for names in self.table.names)
        return [[cell for cell in cells if cell] for cells in of_card if all(cells)]

    def _own_numbers(self) -> list[str]:
        """The cells that hold a number by which the row's own person is known."""
        return [
            cell
            for field in self.table.fields
            if field.use in (Use.KEYED, Use.PRESENCE) and (cell := self._cell(field.field))
        ]

    def _kept(self) -> Iterator[tuple[str, str]]:
        for field in self.table.fields:
            if field.use is Use.KEPT:
                yield field.field, self._kept_text(field)
            elif field.use is Use.PRESENCE:
                yield field.letters_column, self._letters(field)
                yield field.given_column, self._given(field)
        yield from zip(AGE_COLUMNS, self._age(), strict=True)

    def _kept_text(self, field: Field) -> str:
        cell = self._cell(field.field)
        if cell is None:
            return text_sql(field.when_absent)
        place = list(self._read(field.kind)).index(cell) + 1
        return f"case when needs_care then {_careful_name(field.kind)}[{place}] else {cell} end"

    def _careful_cells(self) -> Iterator[str]:
        """For each kind the kept cells of a row that needs care, trimmed, and withheld where they identify somebody.

        One expression looks at them all, since preparing one for each column takes longer than reading a small file.
        """
        for kind in Kind:
            cells = ", ".join(self._read(kind))
            identifies = f"regexp_matches(cell, {text_sql(IDENTIFIER)})"
            if kind is Kind.TEXT:
                numbers = (_holds_number("cell", number) for number in self._own_numbers())
                names = (_holds_name(_words("cell"), [_words(part) for part in name]) for name in self._own_names())
                identifies = " or ".join((identifies, *numbers, *names))
            else:
                identifies = f"{identifies} and not ({readable_sql(kind, 'cell')})"
            careful = f"if({identifies}, {text_sql(WITHHELD)}, {_trimmed('cell')})"
            each = f"list_transform(cast([{cells}] as varchar[]), lambda cell: {careful})"
            yield f"case when needs_care then {each} end as {_careful_name(kind)}"

    def _letters(self, field: Field) -> str:
        cell = self._cell(field.field)
        return "''" if cell is None else f"regexp_extract(upper(replace({cell}, ' ', '')), '^([A-Z]{{1,4}})[0-9]', 1)"

    def _given(self, field: Field) -> str:
        cell = self._cell(field.field)
        # 'None', 'N/A' and a dash are not numbers.
        return text_sql(field.when_absent) if cell is None else f"if(regexp_matches({cell}, '[0-9]'), 'yes', 'no')"

    def _birth_dates(self) -> str:
        return "".join(
            f", {moment_sql(cell)} as {_birth_date_of(field)}"
            for field, cell in self._age_cells()
            if field.use is Use.BIRTH_DATE
        )

    def _given_cell(self, field: Field, cell: str) -> str:
        """A cell, '' where it says that nothing is given."""
        if not field.blanks:
            return cell
        blanks = ", ".join(map(text_sql, field.blanks))
        return f"if(lower({_trimmed(cell)}) in ({blanks}), '', {cell})"

    def _ages(self) -> Iterator[str]:
        ages = {
            field: age_sql(_birth_date_of(field), "as_at_date")
            if field.use is Use.BIRTH_DATE
            else f"try_cast({_trimmed(cell)} as integer)"
            for field, cell in self._age_cells()
        }
        yield from (f"{age} as {_age_of(field)}" for field, age in ages.items())

    def _age_cells(self) -> Iterator[tuple[Field, str]]:
        for field in self.table.age_fields:
            if cell := self._cell(field.field):
                yield field, self._given_cell(field, cell)

    def _age(self) -> tuple[str, str]:
        """The age band and how it is known, by the birth date or, where that is blank, by the age."""
        answers = [(_trimmed(cell), age_band_sql(_age_of(field))) for field, cell in self._age_cells()]
        if not answers:
            return "''", "'not_asked'"
        given = " ".join(f"when {cell} <> '' then {band}" for cell, band in answers)
        valid = " ".join(f"when {cell} <> '' then if({band} = '', 'invalid', 'valid')" for cell, band in answers)
        return f"case {given} else '' end", f"case {valid} else 'not_recorded' end"

    def _looked_at(self) -> Iterator[str]:
        yield f"{self._joined(Kind.TEXT)} as texts"
        yield f"{self._joined(Kind.NUMBER, Kind.DATE)} as others"
        yield from self._plain_cells()

    def _plain_cells(self) -> Iterator[str]:
        """What keys are made of, as it is compared."""
        for name in self._named_in_keys():
            cell = self._given_cell(self.table.field_by_name[name], f"c{self.heading.column_of[name]}")
            yield f"{_plain(cell)} as {_plain_name(name)}"

    def _named_in_keys(self) -> list[str]:
        wordings = (wording.field for key in self.table.keys.values() for wording in key.wordings)
        return [name for name in dict.fromkeys(wordings) if name in self.heading.column_of]

    def day_cells(self) -> list[str]:
        return [
            cell
            for field in self.table.fields
            if field.use in (Use.AS_AT_DAY, Use.AS_AT_MONTH) and (cell := self._cell(field.field))
        ]

    def day_read(self) -> str:
        read = {Use.AS_AT_DAY: day_sql, Use.AS_AT_MONTH: last_day_of_month_sql}
        days = [
            read[field.use](cell)
            for field in self.table.fields
            if field.use in read and (cell := self._cell(field.field))
        ]
        return f"coalesce({', '.join([*days, 'null::date'])})"

    def _as_at_date(self) -> str:
        if not self.day_cells():
            return "cast($first_day as date)"
        same = " and ".join(f"{cell} = $first_cell_{number}" for number, cell in enumerate(self.day_cells()))
        return f"case when {same} then cast($first_day as date) else {self.day_read()} end"

    def _organisation(self) -> str:
        cells = [f"nullif({_plain(cell)}, '')" for name in self.table.organisation if (cell := self._cell(name))]
        return f"coalesce({', '.join([*cells, text_sql('')])})"

    def _key_columns(self) -> Iterator[str]:
        yield from (f"{text} as {_text_of(name)}" for name, text in self._key_texts())

    def _key_texts(self) -> Iterator[tuple[str, str]]:
        """The text each key is made of, '' where its fields are blank."""
        for name, key in self.table.keys.items():
            yield name, f"case {' '.join(self._wordings(key))} else '' end"

    def _wordings(self, key: Key) -> Iterator[str]:
        for wording in key.wordings:
            if wording.field in self.heading.column_of:
                number = _plain_name(wording.field)
                organisation = ["key_organisation"] if wording.within_organisation else []
                word = [text_sql(wording.word)] if wording.word else []
                filled = " and ".join(f"{part} <> ''" for part in (number, *organisation))
                if wording.hashed_with_birth_date:
                    born = _birth_date_of(self.table.field_by_name[wording.hashed_with_birth_date])
                    filled, number = f"{filled} and {born} is not null", _hashed_with_birth_date(number, born)
                yield f"when {filled} then {' || chr(124) || '.join([*organisation, *word, number])}"

    def _keys(self) -> Iterator[tuple[str, str]]:
        for name in self.table.keys:
            yield name, f"if({_text_of(name)} = '', '', {pseudonym_sql(_text_of(name))})"

    def _reason(self) -> str:
        last = f"c{self.heading.width - 1}"
        too_many = " or ".join(f"{name} <> ''" for name in _overflow())
        reasons = [
            f"when {last} is null or {too_many} then {text_sql(WRONG_NUMBER_OF_CELLS)}",
            *self._out_of_scope(),
            *(f"when {_text_of(name)} = '' then {text_sql(key.reason)}" for name, key in self.table.keys.items()),
            f"when as_at_date is null then {text_sql(NO_AS_AT_DATE)}",
        ]
        return f"case {' '.join(reasons)} else '' end"

    def _out_of_scope(self) -> Iterator[str]:
        codes = self.table.out_of_scope
        cell = self._cell(codes.field) if codes else None
        if codes and cell:
            listed = ", ".join(map(text_sql, sorted(codes.codes())))
            yield f"when {_trimmed(cell)} in ({listed}) then {text_sql(OUT_OF_SCOPE)}"


def readable_sql(kind: Kind, text: str) -> str:
    """Whether a text that is not blank can be read as what its column is to hold."""
    match kind:
        case Kind.NUMBER:
            return f"try_cast(replace({_trimmed(text)}, ',', '') as double) is not null"
        case Kind.DATE:
            return f"{day_sql(text)} is not null"
        case Kind.TEXT:
            return "true"


def _overflow() -> list[str]:
    return [f"too_many_{number}" for number in range(_CELLS_TOO_MANY)]


def _hashed_with_birth_date(number: str, born: str) -> str:
    """The number that Skills for Care makes of a National Insurance number and a birth date (wrkglbid)."""
    return f"upper(md5({number} || strftime({born}, '%Y%m%d')))"


def _holds_number(text: str, number: str) -> str:
    return f"(length({number}) >= {SHORTEST_IDENTIFIER} and contains({text}, {number}))"


def _holds_name(text: str, name: list[str]) -> str:
    parts = (f"trim({part}) <> '' and contains({text}, {part})" for part in name)
    return f"({' and '.join(parts)})"


def _words(text: str) -> str:
    """The words of a text in small letters, with one blank before and after each."""
    return f"regexp_replace(concat(' ', lower({text}), ' '), '[^\\p{{L}}]+', ' ', 'g')"


def _careful_name(kind: Kind) -> str:
    return name_sql(f"careful {kind}s")


def _birth_date_of(field: Field) -> str:
    return name_sql(f"day of {field.field}")


def _age_of(field: Field) -> str:
    return name_sql(f"age by {field.field}")


def _text_of(key: str) -> str:
    return name_sql(f"{key} text")


def _trimmed(cell: str) -> str:
    return f"trim({cell}, {text_sql(BLANKS)})"


def _plain(cell: str) -> str:
    """An identifier as it is compared: in capitals and without blanks. Most are so already."""
    return f"if(regexp_full_match({cell}, '[0-9A-Z-]*'), {cell}, upper(translate({cell}, {text_sql(BLANKS)}, '')))"


def _plain_name(field: str) -> str:
    return name_sql(f"plain {field}")
