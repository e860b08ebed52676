"""Text files of rows and columns (.csv): their encoding and what divides their columns, recognised or refused.

Belongs here: from bytes to rows of text. Does not: guessing; what could be read in two ways is not read.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from functools import cached_property

from dagster_project.sources.opening.grid import Opened, Sheet, remark
from dagster_project.sources.opening.mistaken import must_not_be_another_kind
from dagster_project.sources.opening.texts import seen
from dagster_project.sources.problems import FileRefused, Problem, refused

_SAVE_AS_UTF8 = "Save it again as 'CSV UTF-8 (comma delimited)'."
_LEAVES_NO_DOUBT = "Saving it as 'CSV UTF-8 (comma delimited)' leaves no doubt."
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}
# A first line by which Excel is told what divides the columns, and which it does not show.
_STATED_DELIMITER = re.compile(r'"?sep=(?P<sign>[^"\r\n])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
_CAPITALS_OF_WINDOWS = "ÀÁÂÄÅÇÈÉËÌÍÎÏÑÓÖØÙÚÛÜÝ"
_SMALL_LETTERS_OF_WINDOWS = "àáâäåæçèéêëìíîïñòóôöøùúûüß"
_SIGNS_OF_WINDOWS = "£€‘’“”–—…•·°½¼¾²³×±§©®™\u00a0\u00ad"
# What English text in Windows-1252 does not hold. It is far more likely a character of another encoding: the pound sign
# of MS-DOS, a quotation mark of an old Mac, a letter of Eastern Europe, or UTF-8 that was damaged.
_NOT_WINDOWS = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f]"
    rf"|[^\x00-\x7f{_CAPITALS_OF_WINDOWS}{_SMALL_LETTERS_OF_WINDOWS}{_SIGNS_OF_WINDOWS}]"
    # A capital with an accent begins a word or stands among capitals.
    rf"|(?<=[a-z\d{_SMALL_LETTERS_OF_WINDOWS}])[{_CAPITALS_OF_WINDOWS}]|[{_CAPITALS_OF_WINDOWS}](?![A-Za-z])"
    # A small letter with an accent stands in a word.
    rf"|(?<![A-Za-z])[{_SMALL_LETTERS_OF_WINDOWS}](?![A-Za-z])|(?<=\d)[{_SMALL_LETTERS_OF_WINDOWS}]"
    # English has no two accented letters side by side; Greek and Cyrillic would read as nothing else.
    rf"|[{_CAPITALS_OF_WINDOWS}{_SMALL_LETTERS_OF_WINDOWS}]{{2}}"
    r"|(?<![m\d])[²³]"
)
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def open_csv(content: bytes) -> Opened:
    """The rows of the file as one sheet without a name. Raises FileRefused as `open_bytes` does."""
    must_not_be_another_kind(content, "a comma-separated file")
    text, remarks = _decoded(content)
    stated = _STATED_DELIMITER.match(text)
    if stated:
        text = text[stated.end() :]
    delimiter = _known(stated["sign"]) if stated else _delimiter_of(text)
    if delimiter != ",":
        remarks.append(
            remark(
                f"The columns are divided by {_DELIMITERS[delimiter]}, not by commas; the file was read accordingly.",
                f"Nothing to do when its values stand in the right columns. {_LEAVES_NO_DOUBT}",
            )
        )
    rows: list[tuple[str, ...]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(tuple(map(seen, cells)))
    except csv.Error as error:
        row = len(rows) + 1
        raise refused(
            f"The row that starts as row {row} is not well-formed: a quotation mark is opened and not closed, or "
            f"stands inside a cell ({error}).",
            "Open it in a spreadsheet, look at that row, and save it again as 'CSV UTF-8 (comma delimited)'.",
            row=row,
        ) from error
    return Opened((Sheet("", tuple(rows)),), tuple(remarks))


def _decoded(content: bytes) -> tuple[str, list[Problem]]:
    """The text, and a remark when it was not saved as UTF-8."""
    encoding = _UTF16_MARKS.get(content[:2])
    try:
        text = content[2:].decode(encoding) if encoding else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if encoding:
            raise refused(
                "The file is saved as UTF-16 ('Unicode text'), but a part of it is damaged; it may have been cut short "
                "on its way.",
                _SAVE_AS_UTF8,
            ) from error
        return _decoded_as_windows(content, error)
    if "\0" in text:
        raise refused("The file holds null bytes, which no text file saved as UTF-8 does.", _SAVE_AS_UTF8)
    return text.lstrip("\ufeff"), [_saved_as("UTF-16 ('Unicode text')")] if encoding else []


def _decoded_as_windows(content: bytes, error: UnicodeDecodeError) -> tuple[str, list[Problem]]:
    """The text as older programs of Windows save it, if it cannot be anything else."""
    if mixed := _UTF8_CHARACTER.search(content):
        raise _neither_encoding(content[: min(mixed.start(), error.start)].decode("latin-1")) from error
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as undefined:
        raise _neither_encoding(content[: undefined.start].decode("latin-1")) from undefined
    if sign := _NOT_WINDOWS.search(text):
        raise _neither_encoding(text[: sign.start()]) from error
    return text, [_saved_as("Windows-1252 ('ANSI')")]


def _neither_encoding(before: str) -> FileRefused:
    # One more character, so that a row which has just begun is counted as well.
    row = sum(1 for _ in csv.reader(io.StringIO(before + "?", newline="")))
    return refused(
        f"Row {row} holds a character that is not saved as UTF-8, nor as Windows-1252 for certain, so names and pound "
        "signs could be misread.",
        _SAVE_AS_UTF8,
        row=row,
    )


def _saved_as(encoding: str) -> Problem:
    return remark(
        f"The file is saved as {encoding}, not as UTF-8; it was read accordingly.",
        f"Nothing to do when names and pound signs are right. {_LEAVES_NO_DOUBT}",
    )


def _known(stated: str) -> str:
    if stated not in _DELIMITERS:
        raise refused(
            f"The first line says that '{stated}' divides the columns, which is not read here.", _SAVE_AS_UTF8
        )
    return stated


@dataclass(frozen=True)
class _Row:
    number: int
    first_line: int
    last_line: int
    width: int


@dataclass(frozen=True)
class _Division:
    """The rows of a text as one delimiter divides them, up to where its quotation marks make no sense."""

    delimiter: str
    rows: list[_Row]
    is_sound: bool

    @cached_property
    def divided(self) -> list[_Row]:
        return [row for row in self.rows if row.width > 1]

    @property
    def divides_most_rows(self) -> bool:
        return bool(self.divided) and len(self.divided) * 2 >= sum(1 for row in self.rows if row.width)

    @property
    def is_even(self) -> bool:
        """Whether every row that it divides has the same number of cells; a title above the table need not be."""
        return self.is_sound and len({row.width for row in self.divided}) == 1

    def explains(self, other: _Division) -> bool:
        """Whether the other sign is only part of the text in cells that this one divides."""
        return self._divides_all_of(other) and not (other.is_even and other._divides_all_of(self))

    def _divides_all_of(self, other: _Division) -> bool:
        lines = {line for row in self.divided for line in range(row.first_line, row.last_line + 1)}
        return all(row.first_line in lines for row in other.divided)


def _delimiter_of(text: str) -> str:
    """What divides the columns. Raises FileRefused when it cannot be told for certain."""
    signs = [sign for sign in _DELIMITERS if sign in text]
    if signs in ([], [","]):
        return ","
    divisions = [_division(text, sign) for sign in signs]
    dividing = [division for division in divisions if division.divided]
    likely = [division for division in dividing if division.divides_most_rows] or dividing
    if not likely:
        return ","
    if len(likely) == 1:
        return likely[0].delimiter
    certain = [
        division
        for division in likely
        if division.is_even and all(division.explains(other) for other in likely if other is not division)
    ]
    if len(certain) != 1:
        raise _not_certain(likely)
    return certain[0].delimiter


def _division(text: str, delimiter: str) -> _Division:
    rows: list[_Row] = []
    first_line = 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            rows.append(_Row(number, first_line, reader.line_num, len(cells)))
            first_line = reader.line_num + 1
    except csv.Error:
        return _Division(delimiter, rows, is_sound=False)
    return _Division(delimiter, rows, is_sound=True)


def _not_certain(divisions: list[_Division]) -> FileRefused:
    ways = " and ".join(
        f"{_DELIMITERS[division.delimiter]} divide row {division.divided[0].number} into "
        f"{division.divided[0].width} cells"
        for division in divisions
    )
    return refused(
        f"It is not certain what divides the columns: {ways}.",
        _SAVE_AS_UTF8,
        row=min(division.divided[0].number for division in divisions),
    )
