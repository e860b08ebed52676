"""A sheet of a workbook as the text of a CSV file, for tables that hold no people.

Belongs here: choosing the sheet, and writing it as text in memory. Does not: reading its rows.
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from dagster_project.sources.opening import Sheet, open_with_remarks
from dagster_project.sources.person_level.cards import PersonLevelCard, RowTable
from dagster_project.sources.person_level.encrypted import EncryptedFile
from dagster_project.sources.person_level.examining import BEGINNING_BYTES, Examined
from dagster_project.sources.person_level.headings import HEADING_STANDS_WITHIN_ROWS, recognise_row
from dagster_project.sources.problems import refused


def examine_workbook(path: Path | EncryptedFile, name: str, content: bytes, card: PersonLevelCard) -> Examined:
    """The one sheet of a workbook, sent as `name`, that is a table of the card.

    Raises FileRefused for none, several, or people.
    """
    opened = open_with_remarks(content, name)
    sheets = [(sheet, table) for sheet in opened.sheets if (table := _table(sheet, card))]
    if any(table.has_people for _, table in sheets):
        raise refused(
            "The workbook has a row for each person, which is read from CSV files only.",
            "Export the extract as a CSV file.",
        )
    if len(sheets) != 1:
        found = " and ".join(f"'{sheet.name}'" for sheet, _ in sheets)
        raise refused(
            f"Several sheets are of a kind that is read here ({found})."
            if sheets
            else "No sheet of the workbook has the headings of a table that is known here.",
            "Send a workbook with one such sheet, or the sheet as a CSV file.",
            rule_id="unknown_header" if not sheets else "file_refused",
        )
    text = _as_text(sheets[0][0])
    return Examined(
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        encoding="utf-8",
        mark=b"",
        has_one_line_end=True,
        ends_with_line_end=True,
        beginning=text[:BEGINNING_BYTES],
        text=text,
    )


def _table(sheet: Sheet, card: PersonLevelCard) -> RowTable | None:
    for row in sheet.rows[:HEADING_STANDS_WITHIN_ROWS]:
        found = recognise_row(row)
        if found and found[1].source == card.source:
            return found[2]
    return None


def _as_text(sheet: Sheet) -> str:
    """Each row with as many cells as the widest, so that none seems to be cut off."""
    width = max(len(row) for row in sheet.rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([*(" ".join(cell.split()) for cell in row), *[""] * (width - len(row))] for row in sheet.rows)
    return text.getvalue()
