"""What identifies a person inside a text that is kept: recognised by its form, and left out.

Belongs here: the forms, for Python and for DuckDB, which both read them. Does not: which columns are kept (the card).
"""

from __future__ import annotations

import re

WITHHELD = "[withheld]"
_FORMS = (
    # An e-mail address.
    r"[^\s@,;<>|]+@[^\s@,;<>|]+\.[A-Za-z]{2,}",
    # A National Insurance number, also with the prefixes that are never given out.
    r"\b[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]\b",
    # A postcode.
    r"\b[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}\b",
    # A telephone number of the United Kingdom: ten or eleven digits from the nought on, or as many after its code.
    r"(?:\+44[ -]?(?:\(0\)[ -]?)?|\b0)[1-9](?:[ ()-]{0,2}[0-9]){8,9}\b",
    # A registration number of the Health and Care Professions Council.
    r"\b(?:AS|BS|CH|CS|DT|HAD|ODP|OR|OT|PA|PH|PO|PYL|RA|SL) ?[0-9]{4,6}\b",
)
IDENTIFIER = "|".join(f"(?:{form})" for form in _FORMS)
_FOUND = re.compile(IDENTIFIER)
# What DuckDB's trim takes off both ends of a text: blanks of every kind, and marks that nobody sees.
BLANKS = " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"
SEPARATOR = "\x1f"
_BLANK = r"[\s\x{a0}\x{2007}\x{202f}\x{200b}\x{feff}]"
_ANY_CARE = (
    r"@"
    r"|[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]"
    r"|[A-Za-z][0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}"
    r"|[A-Z] ?[0-9]{4}"
    rf"|(?:^|{SEPARATOR}){_BLANK}|{_BLANK}(?:$|{SEPARATOR})"
)
# Whether the cells of a row, joined by the separator, need any care: nearly none do, and asking this of a row takes a
# tenth of looking at each cell. Whatever IDENTIFIER finds, one of these finds.
CARE_FOR_TEXTS = rf"{_ANY_CARE}|(?:\+44|0)[0-9 ()-]{{9}}"
# A day with its time would look like a telephone number at first sight, in every row.
CARE_FOR_NUMBERS_AND_DATES = rf"{_ANY_CARE}|\+44|(?:^|{SEPARATOR})\(?0[0-9]{{2}}[0-9 ()-]{{7}}"


def holds_an_identifier(text: str) -> bool:
    """Whether a text holds something like an e-mail address, NI number, postcode, telephone or registration number."""
    return bool(_FOUND.search(text))
