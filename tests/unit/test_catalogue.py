"""Source cards: data that is checked, so that a heading never has two meanings and a document always has a date."""

import csv
from datetime import date
from typing import Any

import pytest
import yaml
from fixtures.collations import HEADINGS
from pydantic import ValidationError

from dagster_project.sources.catalogue import (
    CARDS_FOLDER,
    Figure,
    SourceCard,
    load_card,
    load_cards,
    normalise_heading,
)
from dagster_project.sources.return_layout import SEEDS
from dagster_project.sources.store import CELL_TABLES


def card_as_data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((CARDS_FOLDER / "council_returns.yml").read_text(encoding="utf-8"))
    return data


def test_every_card_is_whole() -> None:
    assert [card.source for card in load_cards()] == ["council_returns", "employer_standards", "maturity"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("FTE of OT /AHP managers", "fte of ot ahp managers"),
        ("fte_of_ot_ahp_managers", "fte of ot ahp managers"),
        ("  Vacant\nposts\u00a0FTE ", "vacant posts fte"),
        ("Number of non- regulated OT assessors /officers", "number of non regulated ot assessors officers"),
    ],
)
def test_a_heading_is_compared_without_case_punctuation_and_spacing(written: str, plain: str) -> None:
    assert normalise_heading(written) == plain


def test_cyrillic_letters_are_not_taken_for_latin_ones() -> None:
    assert normalise_heading("Experienced ОТ") != normalise_heading("Experienced OT")


@pytest.mark.parametrize("figure", load_card("council_returns").layouts[0].figures, ids=lambda figure: figure.figure)
def test_every_figure_feeds_a_landed_table_and_names_its_council(figure: Any) -> None:
    assert figure.landed_table in CELL_TABLES
    assert "council" in figure.columns
    assert figure.figure in figure.sheet_names
    assert figure.value_fields


@pytest.mark.parametrize("source", ["employer_standards", "maturity"])
def test_every_table_of_a_survey_feeds_its_landed_table_and_names_its_rows(source: str) -> None:
    for figure in load_card(source).layouts[0].figures:
        assert figure.landed_table == source in CELL_TABLES
        assert figure.rows_named_by in figure.value_fields
        assert figure.figure in figure.sheet_names


def test_every_column_of_a_survey_is_explained_for_its_document() -> None:
    """A column without a line in survey_columns.csv would land and reach no table."""
    with (SEEDS / "survey_columns.csv").open(encoding="utf-8", newline="") as file:
        explained = {(row["source_document"], row["field"]) for row in csv.DictReader(file)}
    layout = load_card("employer_standards").layouts[0]
    texts = {"row_name", "question", "breakdown"}
    assert explained == {
        (layout.document_of(figure), field)
        for figure in layout.figures
        for field in figure.value_fields
        if field not in texts
    }


def test_a_figure_whose_rows_have_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="its rows are named by council, which is none of its columns"):
        Figure(figure="F", landed_table="t", sheet_names=("F",), columns={"score": ("score",)})


def test_the_document_that_is_assumed_is_on_the_card() -> None:
    for card in load_cards():
        for layout in card.layouts:
            assert card.document(layout.document_when_not_stated) is not None
            assert all(card.document(layout.document_of(figure)) for figure in layout.figures)


def test_every_published_heading_is_on_the_card() -> None:
    layout = load_card("council_returns").layout_on(date(2024, 6, 30))
    for figure in layout.figures:
        for lines in HEADINGS.get(figure.figure, {}).values():
            columns = zip(*(line.split("|") for line in lines), strict=True)
            wordings = [normalise_heading(" ".join(part for part in column if part)) for column in columns]
            assert {wording for wording in wordings if wording} <= figure.field_of_heading.keys()


def test_a_heading_with_two_meanings_is_refused() -> None:
    data = card_as_data()
    data["layouts"][0]["figures"][0]["columns"]["fte"].append("Number of OTs")
    with pytest.raises(ValidationError, match="Figure 18: these headings have two meanings on the card: number of ots"):
        SourceCard.model_validate(data)


@pytest.mark.parametrize("heading", ["region", "sentence"])
def test_a_heading_that_is_also_a_place_or_not_kept_is_refused(heading: str) -> None:
    data = card_as_data()
    data["layouts"][0]["figures"][0]["columns"]["fte"].append(heading)
    with pytest.raises(ValidationError, match="two meanings"):
        SourceCard.model_validate(data)


def test_a_card_with_an_unknown_entry_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        SourceCard.model_validate(card_as_data() | {"cadense": "yearly"})


def test_a_day_without_a_layout_is_named() -> None:
    with pytest.raises(ValueError, match="council_returns has no layout in force on 2023-12-31"):
        load_card("council_returns").layout_on(date(2023, 12, 31))


def test_the_layout_is_the_one_in_force_on_the_day() -> None:
    data = card_as_data()
    later = data["layouts"][0] | {"layout": "later", "effective_from": date(2025, 1, 1)}
    data["layouts"][0]["effective_to"] = date(2024, 12, 31)
    card = SourceCard.model_validate(data | {"layouts": [data["layouts"][0], later]})
    assert card.layout_on(date(2024, 12, 31)).layout == "regional_collation"
    assert card.layout_on(date(2025, 1, 1)).layout == "later"
