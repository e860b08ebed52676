"""Days of an extract: the forms that are known, and no other.

Belongs here: SQL for a day, a month and an age band, and the day that a path says. Does not: which columns hold one
(the card).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dagster_project.sources.person_level.identifiers import BLANKS
from dagster_project.sources.person_level.sql import text_sql

MONTH_FORMS = ("M%Y%m", "%Y-%B", "%Y-%b", "%Y-%m", "%B %Y", "%b %Y", "%B-%Y", "%b-%Y")
# Ways of writing a day; a month in letters may be written out or not.
DAY_WRITTEN_AS = {
    "2024-03-31": ("%Y-%m-%d",),
    "31/03/2024": ("%d/%m/%Y",),
    "31-MAR-2024": ("%d-%b-%Y", "%d-%B-%Y"),
    "31 March 2024": ("%d %B %Y", "%d %b %Y"),
}
DAY_FORMS = tuple(form for forms in DAY_WRITTEN_AS.values() for form in forms)
EARLIEST_YEAR = 1900
# Who is younger than this is not employed; who is older has a birth date that was made up.
YOUNGEST, OLDEST = 16, 100
AGE_BANDS = ((25, "16 to 24"), (35, "25 to 34"), (45, "35 to 44"), (55, "45 to 54"), (65, "55 to 64"))
OLDEST_BAND = "65 and over"
_IMPORT_DATE = re.compile(r"import_date=(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})(?!\d)")
_MONTH_IN_NAME = re.compile(r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ _-]?(20\d{2})(?!\d)")
_YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_](\d{2})(?!\d)(?!-\d)")
_MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?$"


def moment_sql(text: str) -> str:
    """The day a text means, as a timestamp, or null: 2024-03-31, 31/03/2024, 31-MAR-2024, 31 March 2024.

    Each may be followed by midnight. A year of two digits is read as one of the first century.
    """
    return _read(text, DAY_FORMS)


def day_sql(text: str) -> str:
    """The day a text means, or null for a text that means none."""
    return _of_this_age(_read(text, DAY_FORMS))


def way_of_writing_sql(text: str) -> str:
    """The way in which a day is written, as an example of it (DAY_WRITTEN_AS), or null for a text that means none."""
    ways = " ".join(
        f"when {_read(text, forms)} is not null then {text_sql(example)}" for example, forms in DAY_WRITTEN_AS.items()
    )
    return f"case {ways} end"


def last_day_of_month_sql(text: str) -> str:
    """The last day of the month a text means, or null: 2024-MARCH, 2024-03, March 2024."""
    return f"last_day({_of_this_age(_read(text, MONTH_FORMS))})"


def age_sql(birth_date: str, as_at_date: str) -> str:
    """Whole years between two days."""
    return f"(({_number(as_at_date)} - {_number(birth_date)}) // 10000)"


def age_band_sql(age: str) -> str:
    """The age band of an age in whole years, or '' where the age is not known or not possible."""
    bands = " ".join(f"when {age} < {below} then {text_sql(band)}" for below, band in AGE_BANDS)
    return (
        f"case when {age} is null or {age} not between {YOUNGEST} and {OLDEST} then '' {bands} else '{OLDEST_BAND}' end"
    )


def days_in_path(source_file: str, *, vintages: bool = False) -> set[date]:
    """The days that an extract stands for by where it lies and what it is called.

    A folder `import_date=20260101` says on which day the extract was made: it stands for the day before. Without one,
    a day in the name of the file, such as worker_2025-12-31.csv, is the day itself. Of `vintages` a month (Oct-2021)
    stands for its last day, and a financial year (2019-20) for the 31 March on which it ends.
    """
    made = _days(_IMPORT_DATE.findall(source_file))
    if made:
        return {day - timedelta(days=1) for day in made}
    name = source_file.rsplit("/", 1)[-1]
    return _days(_DAY_IN_NAME.findall(name)) or (set(_vintages(name)) if vintages else set())


def _vintages(name: str) -> Iterator[date]:
    for month, year in _MONTH_IN_NAME.findall(name):
        first = datetime.strptime(f"{month.title()} {year}", "%b %Y").date()
        yield (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    for year, following in _YEAR_IN_NAME.findall(name):
        if (int(year) + 1) % 100 == int(following):
            yield date(int(year) + 1, 3, 31)


def _days(found: list[tuple[str, str, str]]) -> set[date]:
    days = set()
    for year, month, day in found:
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days


def _read(text: str, forms: tuple[str, ...]) -> str:
    trimmed = f"trim({text}, {text_sql(BLANKS)})"
    without_midnight = f"regexp_replace({trimmed}, {text_sql(_MIDNIGHT)}, '')"
    return (
        f"try_strptime(if(contains({text}, ':'), {without_midnight}, {trimmed}), [{', '.join(map(text_sql, forms))}])"
    )


def _of_this_age(moment: str) -> str:
    return f"cast(case when year({moment}) >= {EARLIEST_YEAR} then {moment} end as date)"


def _number(day: str) -> str:
    return f"(year({day}) * 10000 + month({day}) * 100 + day({day}))"
