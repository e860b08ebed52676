"""Days as people write them, read only where one reading is possible.

Belongs here: the forms of a date. Does not: whether the day makes sense where it stands.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

# British order: the day stands before the month. A year of two digits belongs to this century.
_FORMS = (
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
    "%d %b %y",
    "%B %d %Y",
    "%b %d %Y",
)
_SERIAL = re.compile(r"[1-9]\d{4}")
_SERIAL_DAY_ZERO = date(1899, 12, 30)
# Serial numbers of days between 1990 and 2099; outside it a bare number is more likely something else.
_FIRST_SERIAL, _LAST_SERIAL = 32874, 73050


def read_date(text: str) -> date | None:
    """The day a text means, or None where it means none or more than one.

    Read are 2026-03-31, 31/03/2026, 31.3.26, 31-03-2026, 31 March 2026, Tuesday 31st Mar 2026, March 31, 2026, and the
    serial number a spreadsheet keeps a day as (46112).
    """
    plain = " ".join(text.replace(",", " ").replace("\u00a0", " ").split())
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    if _SERIAL.fullmatch(plain):
        serial = int(plain)
        return _SERIAL_DAY_ZERO + timedelta(days=serial) if _FIRST_SERIAL <= serial <= _LAST_SERIAL else None
    plain = re.sub(r"(?i)^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\b\.? *", "", plain)
    plain = re.sub(r"(?i)\b(\d{1,2})(st|nd|rd|th)\b", r"\1", plain)
    plain = re.sub(r"(?i)\bsept\b", "Sep", plain)
    plain = re.sub(r"[T ]00:00(:00(\.0+)?)?$", "", plain)
    for form in _FORMS:
        try:
            day = datetime.strptime(plain, form).date()
        except ValueError:
            continue
        # '%y' takes 69 to 99 for the last century, which no count of staff here belongs to.
        return day if day.year >= 1990 else None
    return None


def in_words(day: date) -> str:
    """A day as a person says it: 31 March 2026."""
    return f"{day.day} {day:%B %Y}"
