"""The survey of employer standards and self-assessments of maturity, from their files to landed cells or a refusal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nights import a_return

from dagster_project.home import BUNDLED_LANDING, Home
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import Landing, land
from dagster_project.sources.store import Store

REPORT = "lga_employer_standards_ot_2023_24"
CONDITION = f"source_doc,figure,answer,average_mean_score_standards_1_to_8\n{REPORT},%s,Yes,73\n"
PHYSICAL = "Scores by physical condition"


def landed(home: Home, files: dict[str, str]) -> Landing:
    for name, content in files.items():
        path = home.own_landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return land(home, expectations=check_lightly)


def problem_of(home: Home, content: str, folder: str = "employer_standards") -> tuple[str, str]:
    """Rule and message of what stops a file that is landed alone."""
    done = landed(home, {f"{folder}/file.csv": content})
    (event,) = done.refused
    return event.problems[0]["rule_id"], event.problems[0]["message"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize(
    ("source", "files", "cells", "texts"),
    # Files, rows times columns, and blank cells, counted in the published tables.
    [
        ("employer_standards", 13, 452, {"": 22, "-": 7, "Insufficient data": 1}),
        ("maturity", 5, 400, {"": 247, "→": 53}),
    ],
)
def test_the_published_tables_land_whole(
    home: Home, source: str, files: int, cells: int, texts: dict[str, int]
) -> None:
    shutil.copytree(BUNDLED_LANDING / source, home.own_landing / source)
    done = land(home, expectations=check_lightly)
    assert (len(done.accepted), done.refused) == (files, [])
    assert done.rows[source] == cells
    import polars as pl

    read = pl.read_parquet(Store(home).landed_folder / source / "*.parquet")
    assert {text: read.filter(pl.col("cell_text") == text).height for text in texts} == texts
    assert read.filter(pl.col("source_cell") == "").height == 0


def test_a_heading_that_is_not_on_the_card_is_refused_by_name(home: Home) -> None:
    rule, message = problem_of(home, "source_doc,region,overall_mean_score_2021_22,change\nx,London,78,1\n")
    assert rule == "unknown_header"
    assert message.startswith("The heading 'overall_mean_score_2021_22' is not one of Scores by region.")


def test_words_in_a_score_cell_are_refused_with_their_place(home: Home) -> None:
    done = landed(home, {"employer_standards/file.csv": (CONDITION % PHYSICAL).replace("73", "about 73")})
    (problem,) = done.refused[0].problems
    assert (problem["rule_id"], problem["cell"], problem["value"]) == ("text_in_number", "D2", "about 73")
    assert problem["message"] == "The cell holds words where a score belongs."


def test_words_under_a_level_are_refused(home: Home) -> None:
    rule, message = problem_of(
        home,
        "organisation,dimension,activity,pre_emerging,emerging,developing,maturing\nKent,2,,,mostly there,,\n",
        "maturity",
    )
    assert (rule, message) == ("landing_expectation_failed", "The cell holds something that marks no level.")


def test_tables_with_the_same_headings_are_told_apart_by_what_their_rows_name(home: Home) -> None:
    done = landed(
        home,
        {
            "employer_standards/a.csv": CONDITION % PHYSICAL,
            "employer_standards/b.csv": CONDITION % "Scores by mental health condition",
        },
    )
    assert sorted(figure for event in done.accepted for figure in event.figures) == [
        "Scores by mental health condition",
        PHYSICAL,
    ]


def test_a_table_that_may_be_one_of_several_is_refused_until_it_says_which(home: Home) -> None:
    rule, message = problem_of(home, CONDITION % "")
    assert rule == "file_refused"
    assert message == (
        "These headings are those of several tables, and it is not said which one this is: "
        "Scores by physical condition, Scores by mental health condition."
    )


def test_a_table_of_one_survey_is_not_read_as_another(home: Home) -> None:
    _, message = problem_of(home, (CONDITION % PHYSICAL).replace(REPORT, "halton_health_check_2024"))
    assert message == (
        f"The headings are those of a table in '{REPORT}', but the row says it comes from 'halton_health_check_2024'."
    )


def test_a_table_that_names_no_report_is_read_as_the_one_it_belongs_to(home: Home) -> None:
    done = landed(
        home,
        {
            "employer_standards/halton_scores.csv": (
                "standard,all_social_workers_2022,all_social_workers_2021,adults_social_workers_only_2022,"
                "adults_social_workers_only_2021,national_mean_2022\n4. Wellbeing,82,81,78,81,79\n"
            )
        },
    )
    (event,) = done.accepted
    assert event.documents == ["halton_health_check_2024"]
    assert [problem["rule_id"] for problem in event.problems] == ["as_at_date_missing"]
    assert "Halton" in event.problems[0]["message"]


def test_a_councils_return_among_surveys_is_refused_and_told_where_it_belongs(home: Home) -> None:
    path = home.own_landing / "employer_standards" / "return.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(a_return())
    (event,) = land(home, expectations=check_lightly).refused
    assert event.problems[0]["message"] == "The file is a council's return workbook."
    assert "'council_returns'" in event.problems[0]["suggestion"]


def test_a_score_that_another_file_replaces_is_read_from_the_later_file_alone(home: Home) -> None:
    landed(home, {"employer_standards/a.csv": CONDITION % PHYSICAL})
    done = landed(home, {"employer_standards/a.csv": (CONDITION % PHYSICAL).replace("73", "74")})
    assert [event.figures for event in done.accepted] == [[PHYSICAL]]
    assert done.rows["employer_standards"] == 4
