"""Days of an extract, read in DuckDB: the forms that are known, and no other.

Belongs here: SQL for a day, a month and an age band. Does not: which columns hold one (the card).
"""

from __future__ import annotations

from dagster_project.sources.person_level.identifiers import BLANKS
from dagster_project.sources.person_level.sql import text_sql

DAY_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y", "%d %B %Y", "%d %b %Y", "%d-%B-%Y")
MONTH_FORMS = ("%Y-%B", "%Y-%b", "%Y-%m", "%B %Y", "%b %Y", "%B-%Y", "%b-%Y")
EARLIEST_YEAR = 1900
# Who is younger than this is not employed; who is older has a birth date that was made up.
YOUNGEST, OLDEST = 16, 100
AGE_BANDS = ((25, "16 to 24"), (35, "25 to 34"), (45, "35 to 44"), (55, "45 to 54"), (65, "55 to 64"))
OLDEST_BAND = "65 and over"
_MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?$"


def moment_sql(text: str) -> str:
    """The day a text means, as a timestamp, or null: 2024-03-31, 31/03/2024, 31-MAR-2024, 31 March 2024.

    Each may be followed by midnight. A year of two digits is read as one of the first century.
    """
    return _read(text, DAY_FORMS)


def day_sql(text: str) -> str:
    """The day a text means, or null for a text that means none."""
    return _of_this_age(_read(text, DAY_FORMS))


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
