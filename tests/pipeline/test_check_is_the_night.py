"""What `ahp check` says of a file is what the night says once it has come: the same findings in the same words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from nights import ASSESSORS, FOLDER, OCCUPATIONAL_THERAPISTS, Nights, a_return

from dagster_project.home import BUNDLED_LANDING
from dagster_project.returns.checking import check_files

FOUND = (
    "rule_id, severity, status, source_sheet, source_row, source_cell, field, value, message, suggestion, looks_like, "
    "reference"
)
DAY_OF_THE_COLLATION = date(2024, 6, 30)
FIGURE_18 = "fig18_occupational_therapists.csv"

Finding = tuple[Any, ...]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights.begin(tmp_path / "home")


def checked(nights: Nights, name: str, content: bytes, folder: Path) -> list[Finding]:
    """The findings of a check of the file before it is sent."""
    folder.mkdir()
    path = folder / name
    path.write_bytes(content)
    (file,) = check_files([path], nights.home).files
    return sorted(
        (
            *(found.rule_id, found.severity, found.status, found.sheet, found.row or 0, found.cell, found.field),
            *(found.found, found.message, found.suggestion, found.looks_like, found.reference),
        )
        for found in file.findings
    )


def found_at_night(nights: Nights, name: str, content: bytes) -> list[Finding]:
    nights.put(name, content)
    landing = nights.night()
    (event,) = [*landing.accepted, *landing.refused]
    assert event.file_name == name
    rows = nights.ask(
        f"select {FOUND} from quality.findings where submission_id = '{event.submission_id}' and status <> 'resolved'",
        "quality.findings",
    )
    return sorted(
        tuple((0 if index == 4 else "") if value is None else value for index, value in enumerate(row)) for row in rows
    )


def changed(**numbers: str) -> list[dict[str, str]]:
    return [{**OCCUPATIONAL_THERAPISTS, **numbers}, ASSESSORS]


FAULTY = {
    "numbers that contradict each other": a_return(
        workforce=changed(fte="20", fte_temporary="-1", fte_vacant="about 2")
    ),
    "answers left out or not in the list": a_return(
        cover={"delivery_model": "", "principal_ot_input": "Perhaps"}, workforce=changed(level="Grand master")
    ),
    "a return that is refused": a_return(cover={"service_age_scope": "Everybody"}),
    "no workbook": b"",
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_check_finds_what_the_night_finds(nights: Nights, tmp_path: Path, fault: str) -> None:
    before = checked(nights, "derby.xlsx", FAULTY[fault], tmp_path / "desk")
    assert before
    assert found_at_night(nights, "derby.xlsx", FAULTY[fault]) == before


def test_a_check_names_what_changes_against_the_return_before(nights: Nights, tmp_path: Path) -> None:
    nights.put("derby.xlsx", a_return())
    nights.night()
    halved = a_return(workforce=changed(headcount="6", fte="5", fte_permanent="5"))
    before = checked(nights, "derby again.xlsx", halved, tmp_path / "desk")
    assert "large_change" in {rule for rule, *_ in before}
    assert found_at_night(nights, "derby again.xlsx", halved) == before


def test_a_check_names_the_collation_that_a_return_differs_from(nights: Nights, tmp_path: Path) -> None:
    nights.put(FIGURE_18, (BUNDLED_LANDING / FOLDER / FIGURE_18).read_bytes())
    nights.night()
    own = a_return(day=DAY_OF_THE_COLLATION, workforce=changed(headcount="12"))
    before = checked(nights, "derby.xlsx", own, tmp_path / "desk")
    ((severity, message),) = [(row[1], row[8]) for row in before if row[0] == "large_change"]
    assert severity == "warning"
    assert f"takes the place of the collation '{FIGURE_18}'" in message
    # Derby stands with 13 people in Figure 18.
    assert "headcount was 13 and is 12" in message
    assert found_at_night(nights, "derby.xlsx", own) == before


def test_a_check_of_a_collation_names_the_return_whose_place_it_takes(nights: Nights, tmp_path: Path) -> None:
    nights.put("derby.xlsx", a_return(day=DAY_OF_THE_COLLATION, workforce=changed(headcount="12")))
    nights.night()
    collation = (BUNDLED_LANDING / FOLDER / FIGURE_18).read_bytes()
    before = [row for row in checked(nights, FIGURE_18, collation, tmp_path / "desk") if row[0] == "large_change"]
    ((_, severity, *_),) = before
    assert severity == "warning"
    message = before[0][8]
    assert message.startswith(
        f"Derby: the collation '{FIGURE_18}' takes the place of the council's own return 'derby.xlsx'"
    )
    assert "headcount was 12 and is 13" in message
    night = found_at_night(nights, FIGURE_18, collation)
    assert [row for row in night if row[0] == "large_change"] == before


def test_a_return_and_a_collation_that_agree_say_nothing_of_each_other(nights: Nights, tmp_path: Path) -> None:
    nights.put(FIGURE_18, (BUNDLED_LANDING / FOLDER / FIGURE_18).read_bytes())
    nights.night()
    ((headcount, fte, permanent, temporary, vacant),) = nights.ask(
        "select headcount, fte, fte_permanent, fte_temporary, fte_vacant from marts.fct_workforce "
        "where organisation_name = 'Derby' and return_group = 'occupational_therapists'",
        "marts.fct_workforce",
    )
    same = changed(
        headcount=f"{headcount}",
        fte=f"{fte}",
        fte_permanent=f"{permanent}",
        fte_temporary=f"{temporary}",
        fte_vacant=f"{vacant}",
    )
    found = found_at_night(nights, "derby.xlsx", a_return(day=DAY_OF_THE_COLLATION, workforce=same))
    assert "large_change" not in {rule for rule, *_ in found}


def test_a_check_of_a_table_of_the_survey_reads_it_as_the_night_does(nights: Nights) -> None:
    files = [
        BUNDLED_LANDING / "employer_standards" / "halton_scores.csv",
        BUNDLED_LANDING / "maturity" / "table13_dimension4.csv",
    ]
    survey, assessment = check_files(files, nights.home).files
    assert (survey.form, assessment.form) == ("table", "table")
    assert [found.rule_id for found in survey.findings].count("survey_complement_disclosed") == 2
    # The one arrow of Table 13 whose words begin elsewhere, and a report without a day.
    assert sorted(found.rule_id for found in assessment.findings) == ["as_at_date_missing", "maturity_level_doubtful"]
