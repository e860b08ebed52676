"""A day is read in every form people write it in, and only where it can be no other day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.sources.dates import in_words, read_date

LAST_OF_MARCH = date(2026, 3, 31)
FORMS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d-%m-%Y",
    "%d-%m-%y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %y",
    "%A %d %B %Y",
    "%a, %d %b %Y",
    "%B %d, %Y",
    "%b %d %Y",
)
# The same examples every time, so that a change is told by what changed.
STEADY = settings(derandomize=True, deadline=None)
DAYS_OF_RETURNS = st.dates(min_value=date(2000, 1, 1), max_value=date(2068, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31",
        "31/03/2026",
        "31/3/26",
        "31.3.26",
        "31-03-2026",
        "31\u201303\u20132026",
        "31\u221203\u22122026",
        "31 March 2026",
        "31st March 2026",
        "31ST MARCH 2026",
        "31 Mar 26",
        "Tuesday 31 March 2026",
        "Tues. 31 March 2026",
        "Tue, 31st Mar, 2026",
        "March 31, 2026",
        "  31\u00a0March\n2026 ",
        "2026-03-31T00:00:00",
        "2026-03-31 00:00",
        "31/03/2026 00:00:00.000",
        "46112",
    ],
)
def test_a_day_written_in_any_of_these_forms_is_the_last_of_march(text: str) -> None:
    assert read_date(text) == LAST_OF_MARCH


@pytest.mark.parametrize("text", ["3 Sept 2025", "3rd September 2025", "03-Sep-25", "Wednesday, 3 September 2025"])
def test_september_may_be_shortened_in_both_ways(text: str) -> None:
    assert read_date(text) == date(2025, 9, 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [("01/02/2026", date(2026, 2, 1)), ("04/05/26", date(2026, 5, 4)), ("12.11.26", date(2026, 11, 12))],
)
def test_the_day_stands_before_the_month_as_in_britain(text: str, day: date) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "31/02/2026",
        "29/02/2026",
        "31 April 2026",
        "03/31/2026",
        "31/03",
        "March 2026",
        "2026",
        "31/03/026",
        "31/03/0026",
        "31/03/1926",
        "end of March",
        "31 March",
        "01/04/2025 - 31/03/2026",
        "31/03/2026 and 30/09/2026",
        "31/03/2026?",
        "c. 31/03/2026",
        "2026-03-31T09:30:00",
        "20260331",
        "4611",
        "461120",
        "46112.5",
        "-46112",
        "n/a",
        "ongoing",
        "0",
        "31/03/2O26",
    ],
)
def test_what_is_no_day_or_more_than_one_is_not_read(text: str) -> None:
    assert read_date(text) is None


def test_a_leap_day_is_read_in_a_leap_year_only() -> None:
    assert read_date("29/02/2028") == date(2028, 2, 29)
    assert read_date("29/02/2027") is None


@pytest.mark.parametrize(
    ("text", "day"), [("32874", date(1990, 1, 1)), ("73050", date(2099, 12, 31)), ("32873", None), ("73051", None)]
)
def test_a_serial_number_is_a_day_from_1990_to_2099_only(text: str, day: date | None) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    ("text", "year"), [("31/03/68", 2068), ("31/03/69", None), ("31/03/99", 1999), ("31/03/00", 2000)]
)
def test_a_year_of_two_digits_belongs_to_this_century(text: str, year: int | None) -> None:
    day = read_date(text)
    # From 1990 on the last century has days that could be meant.
    assert (day.year if day else None) == year


@STEADY
@given(DAYS_OF_RETURNS, st.sampled_from(FORMS))
def test_a_day_written_in_a_form_that_is_read_is_that_day(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day


@STEADY
@given(DAYS_OF_RETURNS)
def test_the_number_a_spreadsheet_keeps_a_day_as_is_that_day(day: date) -> None:
    assert read_date(str((day - date(1899, 12, 30)) // timedelta(days=1))) == day


@STEADY
@given(DAYS_OF_RETURNS.filter(lambda day: day.day > 12))
def test_the_american_order_is_never_taken_for_another_day(day: date) -> None:
    assert read_date(day.strftime("%m/%d/%Y")) is None


@STEADY
@given(st.text(max_size=30))
def test_no_text_makes_the_reading_of_a_day_fail(text: str) -> None:
    day = read_date(text)
    assert day is None or day.year >= 1990


@STEADY
@given(DAYS_OF_RETURNS)
def test_a_day_in_words_reads_as_that_day(day: date) -> None:
    assert read_date(in_words(day)) == day


def test_a_day_is_said_as_a_person_says_it() -> None:
    assert in_words(date(2026, 3, 1)) == "1 March 2026"
