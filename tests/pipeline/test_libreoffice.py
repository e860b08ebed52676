"""Workbooks that LibreOffice has saved read like the files they were made from."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from fixtures.collations import published_workbook, write_xlsx
from programs import libreoffice

from dagster_project.sources.catalogue import load_card
from dagster_project.sources.landed import LandedCell
from dagster_project.sources.opening import open_file
from dagster_project.sources.reading import read_sheets


def _cells(path: Path) -> list[tuple[str, ...]]:
    reading = read_sheets(open_file(path, path.name), load_card("council_returns"), date(2026, 1, 1))
    return sorted(_what_it_says(cell) for cell in reading.cells)


def _what_it_says(cell: LandedCell) -> tuple[str, ...]:
    place = (cell.figure, cell.region_block, cell.source_sheet, cell.source_cell)
    return (*place, cell.council_as_written, cell.continued_council, cell.field, cell.cell_text)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ods", "xlsx", "xls"])
def test_a_collation_saved_by_libreoffice_reads_the_same(kind: str, tmp_path: Path) -> None:
    program = libreoffice()
    made = write_xlsx(published_workbook(), tmp_path / "made.xlsx")
    saved = tmp_path / "saved"
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(saved),
            str(made),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    cells = _cells(saved / f"made.{kind}")
    assert len(cells) == 938
    assert cells == _cells(made)
