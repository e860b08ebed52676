"""The same tables as loose files, one to a table, for programs and for anybody who wants one table alone.

Belongs here: which files there are and what is in them. Does not: the tables (tables) or their words (sheets).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster_project import present
from dagster_project.export.sheets import Book, Sheet

if TYPE_CHECKING:
    import pyarrow

# Without it Excel takes the pound sign for two other characters.
_UTF8_MARK = "\ufeff".encode()


def as_csv(book: Book) -> dict[str, bytes]:
    """Every table as CSV, by file name, and the cover as text. Empty is missing; a column beside it says why."""
    files = {f"{name}.csv": _UTF8_MARK + present.csv_bytes(table) for name, table in _tables(book)}
    return files | {"cover.txt": _cover(book.sheets[0])}


def as_parquet(book: Book) -> dict[str, bytes]:
    """Every table as Parquet, by file name, and the cover as text."""
    files = {f"{name}.parquet": present.parquet_bytes(table) for name, table in _tables(book)}
    return files | {"cover.txt": _cover(book.sheets[0])}


def _tables(book: Book) -> Iterator[tuple[str, pyarrow.Table]]:
    for sheet in book.sheets:
        if sheet.columns:
            yield sheet.name.lower(), book.data[sheet.name] if sheet.name in book.data else _listed(sheet)


def _listed(sheet: Sheet) -> pyarrow.Table:
    import pyarrow

    headings = [column.heading for column in sheet.columns]
    return pyarrow.table(
        [pyarrow.array([row[place] for row in sheet.rows], pyarrow.string()) for place in range(len(headings))],
        headings,
    )


def _cover(sheet: Sheet) -> bytes:
    lines = [
        sheet.title,
        "",
        *(f"\n{line.text}" if line.is_heading else line.text for line in sheet.lines if not line.to),
    ]
    return ("\n".join(lines) + "\n").encode()
