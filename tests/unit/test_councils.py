"""A name stands for the one council that bears it on the day, and for nobody where there is none or more than one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.sources import councils as councils_module
from dagster_project.sources.councils import (
    NAMES_FILE,
    Council,
    council_called,
    councils,
    councils_on,
    nearest_names,
)

DAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Derby", "E06000015"),
        ("Derby City Council", "E06000015"),
        ("DERBY", "E06000015"),
        ("  derby \u00a0city, council ", "E06000015"),
        ("E06000015", "E06000015"),
        (" e06000015 ", "E06000015"),
        ("Derbyshire", "E10000007"),
        ("Telford & Wrekin", "E06000020"),
        ("Telford and Wrekin", "E06000020"),
        ("Bristol", "E06000023"),
        ("County Durham", "E06000047"),
    ],
)
def test_a_council_is_known_by_its_names_and_its_code(name: str, code: str) -> None:
    council = council_called(name, DAY)
    assert council is not None
    assert council.organisation_code == code


@pytest.mark.parametrize(
    "name", ["", " ", "-", "Camelot", "Derbi", "Derby Derbyshire", "Derby / Leicester", "E0600001", "E06000015 Derby"]
)
def test_a_name_that_no_council_bears_is_nobody(name: str) -> None:
    assert council_called(name, DAY) is None


@pytest.mark.parametrize(
    ("name", "last_day"),
    [
        ("Northamptonshire", date(2021, 3, 31)),
        ("Northamptonshire County Council", date(2021, 3, 31)),
        ("E10000021", date(2021, 3, 31)),
        ("Cumbria", date(2023, 3, 31)),
    ],
)
def test_a_former_council_is_known_to_its_last_day_and_not_after(name: str, last_day: date) -> None:
    assert council_called(name, last_day) is not None
    assert council_called(name, last_day + timedelta(days=1)) is None


def test_a_name_that_passed_to_a_new_council_means_the_one_of_the_day() -> None:
    before, after = (
        council_called("North Yorkshire", date(2023, 3, 31)),
        council_called("North Yorkshire", date(2023, 4, 1)),
    )
    assert before is not None
    assert after is not None
    assert before.organisation_code != after.organisation_code


@pytest.fixture
def two_of_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The list of names with one that two councils bear."""
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shared = [
        {**rows[0], "name_as_written": "Twintown", "organisation_code": code, "valid_to": ""}
        for code in ("E06000015", "E06000016")
    ]
    path = tmp_path / "names.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows([*rows, *shared])
    monkeypatch.setattr(councils_module, "NAMES_FILE", path)
    councils_module._names.cache_clear()
    yield
    councils_module._names.cache_clear()


@pytest.mark.usefixtures("two_of_a_name")
def test_a_name_that_two_councils_bear_is_nobody() -> None:
    assert council_called("Twintown", DAY) is None
    assert council_called("Derby", DAY) is not None


def test_every_name_in_the_list_stands_for_its_council_from_its_first_day_to_its_last() -> None:
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 300
    for row in rows:
        for day in filter(None, (row["valid_from"], row["valid_to"])):
            council = council_called(row["name_as_written"], date.fromisoformat(day))
            assert council is not None, row
            assert council.organisation_code == row["organisation_code"], row


def test_every_council_is_known_by_its_own_name() -> None:
    for council in councils_on(DAY):
        assert council_called(council.organisation_name, DAY) == council


@pytest.mark.parametrize("day", [DAY, date(2021, 3, 31), date(2021, 4, 1), date(2023, 4, 1)])
def test_the_councils_of_a_day_are_those_that_exist_on_it_by_name(day: date) -> None:
    found = councils_on(day)
    names = [council.organisation_name for council in found]
    assert names == sorted(names)
    assert {council.organisation_code for council in found} == {
        code for code, council in councils().items() if council.existed_on(day)
    }


def test_england_has_153_councils_with_social_care() -> None:
    assert len(councils_on(DAY)) == 153


def test_a_council_exists_from_its_first_day_to_its_last() -> None:
    council = Council("E1", "Anyshire", date(2009, 4, 1), date(2021, 3, 31))
    assert [
        council.existed_on(day) for day in (date(2009, 3, 31), date(2009, 4, 1), date(2021, 3, 31), date(2021, 4, 1))
    ] == [False, True, True, False]
    assert Council("E1", "Anyshire", date(2009, 4, 1), None).existed_on(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("name", "near"), [("Leicster", "Leicester"), ("Darbyshire", "Derbyshire"), ("Nottinghm", "Nottingham")]
)
def test_a_misspelt_name_is_answered_with_the_nearest(name: str, near: str) -> None:
    found = nearest_names(name, DAY)
    assert near in found
    assert len(found) <= 3


def test_the_nearest_names_are_those_of_councils_that_exist_on_the_day() -> None:
    assert "Northamptonshire" in nearest_names("Northamptonshir", date(2021, 3, 31))
    assert "Northamptonshire" not in nearest_names("Northamptonshir", DAY)


def test_a_name_like_no_other_has_no_nearest() -> None:
    assert nearest_names("Xyzzy", DAY) == []


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=40))
def test_no_text_makes_the_lookup_fail(name: str) -> None:
    council = council_called(name, DAY)
    assert council is None or council.existed_on(DAY)
