"""The queue of titles goes through LibreOffice: what it offers is there, and what a person fills in is taken."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from programs import saved_by_libreoffice

from dagster_project.home import Home
from dagster_project.roles.deciding import accept_decisions
from dagster_project.roles.queue_file import as_workbook, choices
from dagster_project.roles.reviewing import COLUMNS

pytestmark = pytest.mark.slow

QUEUE: list[dict[str, Any]] = [
    {"title_raw": "=cmd|' /C calc'!A0", "employer_type": "council", "why": "Uncoded: x", "headcount": 4},
    {
        "title_raw": "Wellbeing Lead",
        "employer_type": "council",
        "why": "Uncoded: y",
        "headcount": 3,
        "organisations": 1,
    },
    {"title_raw": "OT Wizard", "band_or_grade": "Band 7", "employer_type": "nhs", "why": "Uncoded: z", "headcount": 2},
]
DECISION = {
    "role_code": "senior",
    "equivalence": "narrower",
    "reason": "It leads practice.",
    "reviewer": "Principal OT",
    "decided_on": date(2026, 3, 31),
}


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_queue_opened_and_saved_in_libreoffice_offers_the_same_and_its_decisions_are_taken(
    tmp_path: Path, kind: str
) -> None:
    made = tmp_path / "queue.xlsx"
    made.write_bytes(as_workbook(QUEUE, *choices()))
    opened = saved_by_libreoffice(made, kind, tmp_path)
    opened = opened if kind == "xlsx" else saved_by_libreoffice(opened, "xlsx", tmp_path)
    before, workbook = load_workbook(made), load_workbook(opened)
    sheet = workbook.worksheets[0]
    assert [cell.value for cell in sheet["A"]] == ["title_raw", *(row["title_raw"] for row in QUEUE)]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet.auto_filter.ref == before.worksheets[0].auto_filter.ref == "A1:V4"
    lists = [
        {
            str(rule.sqref): rule.formula1
            for rule in book.worksheets[0].data_validations.dataValidation
            if rule.type == "list"
        }
        for book in (before, workbook)
    ]
    assert len(lists[0]) == 3
    assert lists[1] == lists[0]

    for name, value in DECISION.items():
        sheet.cell(3, COLUMNS.index(name) + 1, value)
    sheet.cell(3, COLUMNS.index("profession") + 1, "generic_therapy")
    workbook.save(tmp_path / "decided.xlsx")
    back = saved_by_libreoffice(tmp_path / "decided.xlsx", kind, tmp_path)
    accepted = accept_decisions(back, Home(tmp_path / "home"), today=date(2026, 4, 1))
    assert (accepted.recorded, accepted.known) == (1, 0)
    assert accepted.changes[0].startswith("'Wellbeing Lead' becomes senior")
