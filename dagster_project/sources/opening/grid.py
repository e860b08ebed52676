"""A sheet, and a sheet as it is filled: within what a return can hold, and what a person cannot see marked as such.

Belongs here: rows, columns and their limits. Does not: knowing of any kind of file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dagster_project.sources.problems import FileRefused, Problem, refused

MEGABYTE = 1024 * 1024
LARGEST_FILLED_CELLS = 2_000_000
# Formatting alone can reach to the edge of a sheet, so more cells are looked at than may be filled.
LARGEST_CELLS_LOOKED_AT = 6_000_000
LARGEST_TEXT_CHARACTERS = 60_000_000
LARGEST_SHEET_ROWS = 1_048_576
LARGEST_SHEET_COLUMNS = 16_384
# The rule of what is said of a file that was read although it is not in the form asked for.
UNUSUAL_FORM = "file_form_unusual"
_COPY_THE_TABLE = "Copy the table alone into a new workbook."


@dataclass(frozen=True)
class Sheet:
    """One sheet of text cells. Row and column numbers a person reads start at 1; `rows` starts at 0.

    `hidden_rows` are the indices of hidden rows that hold something, `hidden_columns` those of hidden columns within
    the sheet's width. What stands in them, and on a sheet that `is_hidden`, is in `rows` like anything else.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    # Days are then counted from 1904, so a bare serial number means another day than elsewhere.
    is_1904: bool = False

    @property
    def is_blank(self) -> bool:
        return not any(cell for row in self.rows for cell in row)


@dataclass(frozen=True)
class Opened:
    """The sheets of a file, and remarks on how they were read that do not stop it."""

    sheets: tuple[Sheet, ...]
    remarks: tuple[Problem, ...] = ()


def remark(message: str, suggestion: str, *, sheet: str = "", cell: str = "") -> Problem:
    return Problem(UNUSUAL_FORM, message, suggestion, sheet=sheet, cell=cell)


def cell_address(row_index: int, column_index: int) -> str:
    """'F8' for row index 7, column index 5."""
    letters, number = "", column_index + 1
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return f"{letters}{row_index + 1}"


@dataclass(frozen=True)
class Block:
    """A rectangle of cells by its indices, ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class Allowance:
    """What the sheets of one workbook may hold together."""

    def __init__(self) -> None:
        self._filled = self._looked_at = self._characters = 0

    def take(self, sheet: str, *, filled: int = 0, looked_at: int = 0, characters: int = 0) -> None:
        """Raises FileRefused when no person can have filled so much."""
        self._filled += filled
        self._looked_at += looked_at
        self._characters += characters
        for count, most, what in (
            (self._filled, LARGEST_FILLED_CELLS, "filled cells"),
            (self._looked_at, LARGEST_CELLS_LOOKED_AT, "formatted cells"),
            (self._characters, LARGEST_TEXT_CHARACTERS, "characters of text"),
        ):
            if count > most:
                raise refused(
                    f"The workbook has more than {most:,} {what} up to here; no return has so many.",
                    _COPY_THE_TABLE,
                    sheet=sheet,
                )


class _Cells:
    """Addresses of cells, of which no more are named than a person reads."""

    _MOST_NAMED = 10

    def __init__(self) -> None:
        self._addresses: list[str] = []

    def __str__(self) -> str:
        others = " and others" if len(self._addresses) > self._MOST_NAMED else ""
        return ", ".join(self._addresses[: self._MOST_NAMED]) + others

    @property
    def first(self) -> str:
        return self._addresses[0] if self._addresses else ""

    def add(self, row_index: int, column_index: int) -> None:
        if len(self._addresses) <= self._MOST_NAMED:
            self._addresses.append(cell_address(row_index, column_index))


class Grid:
    """One sheet as its rows are met, in any order. Raises FileRefused for what no person filled."""

    def __init__(self, name: str, allowance: Allowance) -> None:
        self.name = name
        self._allowance = allowance
        self._rows: dict[int, tuple[str, ...]] = {}
        self._hidden_rows: set[int] = set()
        self._covered = _Cells()
        self._not_worked_out = _Cells()

    def add_row(
        self, index: int, texts: list[str], looked_at: int, *, repeats: int = 1, is_hidden: bool = False
    ) -> None:
        """A row's texts, of which blank ones at its end are dropped, and how many cells were looked at for them."""
        row = _without_blank_end(texts)
        if not row:
            self._allowance.take(self.name, looked_at=looked_at)
            return
        if index + repeats > LARGEST_SHEET_ROWS:
            raise refused(
                f"The sheet has cells below row {LARGEST_SHEET_ROWS:,}; no return is so long.",
                _COPY_THE_TABLE,
                sheet=self.name,
            )
        self._allowance.take(self.name, looked_at=looked_at, filled=len(row) * repeats, characters=sum(map(len, row)))
        for repeated in range(index, index + repeats):
            if repeated in self._rows:
                raise self.damaged(f"row {repeated + 1} stands in it twice", row=repeated + 1)
            self._rows[repeated] = row
            if is_hidden:
                self._hidden_rows.add(repeated)

    def add_covered(self, row_index: int, column_index: int) -> None:
        """A cell that holds something nobody sees, since it lies under a merged cell. Its text is not in the rows."""
        self._covered.add(row_index, column_index)

    def add_not_worked_out(self, row_index: int, column_index: int) -> None:
        """A cell whose formula has no saved result."""
        self._not_worked_out.add(row_index, column_index)

    def too_wide(self, row_index: int) -> FileRefused:
        return refused(
            f"The row has cells beyond column {LARGEST_SHEET_COLUMNS:,}; no return is so wide.",
            _COPY_THE_TABLE,
            sheet=self.name,
            row=row_index + 1,
        )

    def damaged(self, what: str, *, row: int | None = None, cell: str = "") -> FileRefused:
        return refused(
            f"The workbook is damaged: {what}.",
            "Open it in Excel or LibreOffice, let the program mend it, and save it again.",
            sheet=self.name,
            row=row,
            cell=cell,
        )

    def sheet(
        self,
        *,
        is_hidden: bool = False,
        hidden_columns: Iterable[tuple[int, int]] = (),
        merged: Iterable[Block] = (),
    ) -> Sheet:
        """The sheet as it now is; `hidden_columns` are first and last indices.

        Raises FileRefused when a formula has no saved result.
        """
        if self._not_worked_out.first:
            raise refused(
                f"These cells hold formulas whose results were never saved: {self._not_worked_out}.",
                "Open the workbook in Excel or LibreOffice, save it, and send it again.",
                sheet=self.name,
                cell=self._not_worked_out.first,
            )
        for block in merged:
            self._cover(block)
        width = max(map(len, self._rows.values()), default=0)
        hidden: set[int] = set()
        for first, last in hidden_columns:
            columns = range(max(first, 0), min(last + 1, width))
            self._allowance.take(self.name, looked_at=len(columns))
            hidden.update(columns)
        return Sheet(
            self.name,
            tuple(self._rows.get(index, ()) for index in range(max(self._rows, default=-1) + 1)),
            is_hidden,
            frozenset(self._hidden_rows),
            frozenset(hidden),
        )

    @property
    def remarks(self) -> list[Problem]:
        """What should be said of the sheet, once it is read."""
        if not self._covered.first:
            return []
        return [
            remark(
                f"These cells lie under merged cells, where nobody sees them, so what they hold was not read: "
                f"{self._covered}.",
                "Split the merged cells. Delete what is not meant to count, and write the rest where it can be seen.",
                sheet=self.name,
                cell=self._covered.first,
            )
        ]

    def _cover(self, block: Block) -> None:
        rows = range(block.first_row, min(block.last_row, max(self._rows, default=-1)) + 1)
        self._allowance.take(self.name, looked_at=len(rows))
        for row_index in rows:
            row = list(self._rows.get(row_index, ()))
            columns = range(block.first_column, min(block.last_column + 1, len(row)))
            self._allowance.take(self.name, looked_at=len(columns))
            for column_index in columns:
                if row[column_index] and (row_index, column_index) != (block.first_row, block.first_column):
                    row[column_index] = ""
                    self.add_covered(row_index, column_index)
            if any(row):
                self._rows[row_index] = _without_blank_end(row)
            elif row_index in self._rows:
                del self._rows[row_index]
                self._hidden_rows.discard(row_index)


def _without_blank_end(texts: list[str]) -> tuple[str, ...]:
    end = len(texts)
    while end and not texts[end - 1]:
        end -= 1
    return tuple(texts[:end])
