"""What a cell says, as text: words as they are seen, numbers as they were typed, dates in ISO form.

Belongs here: turning one value into its text. Does not: where the value stands or how it was saved.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

UNKNOWN_ERROR = "#UNKNOWN!"
ERROR_VALUES = frozenset(
    {
        *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"),
        *("#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#EXTERNAL!", "#PYTHON!", UNKNOWN_ERROR),
        # LibreOffice numbers its own.
        *(f"Err:{number}" for number in range(500, 600)),
    }
)
# Zero-width characters, marks of writing direction and soft hyphens: they come with text copied from web pages and
# mails, and nobody sees them.
_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0x20), *range(0x7F, 0xA0)])
)
_NOT_SEEN_AT_ENDS = _INVISIBLE + "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MOMENT = re.compile(r"(?P<date>-?\d{4,}-\d\d-\d\d)?(?:(?:^|T)(?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?Z?", re.ASCII)
_MILLISECONDS_OF_A_DAY = 86_400_000
# 31 December 9999, counted from 1900 and from 1904.
_LAST_DAY = 2_958_465
_LAST_DAY_FROM_1904 = 2_957_003


def seen(text: str) -> str:
    """The text without what nobody sees at its ends; a line break within it is one line feed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(_NOT_SEEN_AT_ENDS)


def number_of(saved: str) -> float:
    """Raises ValueError for what is not a finite decimal number."""
    saved = saved.strip()
    if not _NUMBER.fullmatch(saved):
        raise ValueError(f"'{saved}' is not a number")
    number = float(saved)
    if not math.isfinite(number):
        raise ValueError(f"'{saved}' is too large a number")
    return number


def number_text(number: float) -> str:
    """The 15 significant digits a spreadsheet shows; beyond them lie only traces of binary arithmetic."""
    # Adding nought makes nought of minus nought, which a spreadsheet shows as 0.
    return format(Decimal(format(number + 0.0, ".15g")), "f")


def percentage_text(number: float, signs: int = 1) -> str:
    """As it is seen: a cell that shows 50% is not the number 0.5."""
    return number_text(number * 100**signs) + "%" * signs


def boolean_text(saved: str) -> str:
    """Raises ValueError for what is neither true nor false."""
    texts = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}
    if saved not in texts:
        raise ValueError(f"'{saved}' is neither true nor false")
    return texts[saved]


def moment_text(saved: str) -> str:
    """A date, or a date with its time where it is not midnight. Raises ValueError for what is not in ISO form."""
    moment = _MOMENT.fullmatch(saved.strip())
    if moment is None:
        raise ValueError(f"'{saved}' is no date")
    date, time = moment["date"] or "", moment["time"] or ""
    if date and not time.strip("T0:."):
        return date
    return f"{date}T{time}" if date else time


def clock_text(milliseconds: int) -> str:
    """Hours, minutes and seconds; more than 24 hours stay hours."""
    sign = "-" if milliseconds < 0 else ""
    seconds, rest = divmod(abs(milliseconds), 1000)
    text = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text


@dataclass
class _Section:
    """What one part of a number format makes of a number."""

    applies: Callable[[float], bool] | None = None
    percent_signs: int = 0
    has_percent_sign_as_text: bool = False
    has_days: bool = False
    has_hours: bool = False
    has_months_or_minutes: bool = False
    is_elapsed: bool = False
    is_for_text: bool = False

    @property
    def shows_a_date(self) -> bool:
        return self.has_days or (self.has_months_or_minutes and not self.has_hours)


_BUILT_IN_FORMATS = {
    9: "0%",
    10: "0.00%",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}


def built_in_format(number: int) -> str:
    """The number format that Excel means by a number and does not save."""
    return _BUILT_IN_FORMATS.get(number, "General")


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda number, limit: number < limit,
    "<=": lambda number, limit: number <= limit,
    ">": lambda number, limit: number > limit,
    ">=": lambda number, limit: number >= limit,
    "=": lambda number, limit: number == limit,
    "<>": lambda number, limit: number != limit,
}
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_PART_OF_A_FORMAT = re.compile(
    r"""(?P<text>"[^"]*"?|\\.)|(?P<space>[_*].)|(?P<elapsed>\[(?:h+|m+|s+)\])|(?P<bracket>\[[^\]]*\])|(?P<end>;)"""
    r"|(?P<percent>%)|(?P<half>AM/PM|A/P)|(?P<word>General|Standard|E[+-])|(?P<days>y+|d+|mmm+)|(?P<hours>h+|s+)|(?P<months>m+)"
    r"|(?P<at>@)|.",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[_Section, ...]:
    """The parts of a number format that are for numbers."""
    sections = [_Section()]
    for part in _PART_OF_A_FORMAT.finditer(code):
        kind, section = part.lastgroup, sections[-1]
        if kind == "end":
            sections.append(_Section())
        elif kind == "text":
            section.has_percent_sign_as_text |= "%" in part.group()
        elif kind == "percent":
            section.percent_signs += 1
        elif kind == "days":
            section.has_days = True
        elif kind in ("hours", "half"):
            section.has_hours = True
        elif kind == "months":
            section.has_months_or_minutes = True
        elif kind == "elapsed":
            section.is_elapsed = True
        elif kind == "at":
            section.is_for_text = True
        elif kind == "bracket" and (condition := _CONDITION.fullmatch(part.group())):
            section.applies = _condition(condition)
    numeric = [section for section in sections[:3] if not section.is_for_text] or [_Section()]
    if len(numeric) > 1 and numeric[0].applies is None:
        numeric[0].applies = _condition_of(">=" if len(numeric) == 2 else ">")
    if len(numeric) > 2 and numeric[1].applies is None:
        numeric[1].applies = _condition_of("<")
    return tuple(numeric)


def _condition(written: re.Match[str]) -> Callable[[float], bool]:
    return _condition_of(written[1], float(written[2]))


def _condition_of(sign: str, limit: float = 0) -> Callable[[float], bool]:
    return lambda number: _COMPARISONS[sign](number, limit)


def formatted_text(number: float, code: str, *, is_1904: bool = False) -> str:
    """The text of a number in a cell with an Excel number format, as typed: 50%, 2024-07-13, 09:30:00, 30000.

    A number that its format would show as a date, though there is no such date, is given as the number.
    """
    section = next(
        (section for section in _sections(code) if section.applies is None or section.applies(number)),
        _sections(code)[-1],
    )
    if section.percent_signs:
        return percentage_text(number, section.percent_signs)
    if section.has_percent_sign_as_text:
        return f"{number_text(number)}%"
    if section.is_elapsed:
        return clock_text(round(number * _MILLISECONDS_OF_A_DAY))
    if section.has_hours or section.shows_a_date:
        return _serial_text(number, is_1904, section.shows_a_date) or number_text(number)
    return number_text(number)


def _serial_text(serial: float, is_1904: bool, shows_a_date: bool) -> str:
    """The day and time Excel counts from 1900 or 1904; '' when there is no such day."""
    day, milliseconds = divmod(round(serial * _MILLISECONDS_OF_A_DAY), _MILLISECONDS_OF_A_DAY)
    if not 0 <= day <= (_LAST_DAY_FROM_1904 if is_1904 else _LAST_DAY):
        return ""
    clock = clock_text(milliseconds)
    if day == 0 and not shows_a_date:
        return clock
    if is_1904:
        date = (dt.date(1904, 1, 1) + dt.timedelta(days=day)).isoformat()
    elif day == 0:
        # Excel shows 00/01/1900. It is no date, and must not become one.
        date = "1900-01-00"
    elif day == 60:
        # Excel keeps a day that never was, as Lotus 1-2-3 did.
        date = "1900-02-29"
    else:
        date = (dt.date(1899, 12, 31 if day < 60 else 30) + dt.timedelta(days=day)).isoformat()
    return f"{date}T{clock}" if milliseconds else date
