"""Text that is safe to open in a spreadsheet.

Belongs here: what a spreadsheet would run, and making it harmless. Does not: writing files.
"""

from __future__ import annotations

import unicodedata

# Spaces and invisible characters may stand in front, because spreadsheets drop some of them; the four wide
# forms, given by their codes, are read as formulas by spreadsheets set to East Asian languages.
FORMULA_START = r"^[\s\pZ\pC]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"


def harmless_sql(text: str) -> str:
    """The DuckDB expression of a text with an apostrophe in front where a spreadsheet would run it as a formula."""
    plain = f"cast({text} as varchar)"
    return f"case when regexp_matches({plain}, '{FORMULA_START}') then '''' || {plain} else {plain} end"


def runs_as_formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula; as FORMULA_START says, for texts that Python holds."""
    for character in text:
        if character in "=+-@\uff1d\uff0b\uff0d\uff20":
            return True
        # Separators, controls and what is invisible.
        if not character.isspace() and unicodedata.category(character)[0] not in "ZC":
            return False
    return False


def as_it_was(text: str) -> str:
    """A text without the apostrophe that was put in front of it to make it harmless."""
    return text[1:] if text.startswith("'") and runs_as_formula(text[1:]) else text
