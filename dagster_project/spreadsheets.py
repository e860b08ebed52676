"""Text that is safe to open in a spreadsheet.

Belongs here: what a spreadsheet would run, and making it harmless. Does not: writing files.
"""

from __future__ import annotations

# Spaces and invisible characters may stand in front, because spreadsheets drop some of them; the four wide
# forms, given by their codes, are read as formulas by spreadsheets set to East Asian languages.
FORMULA_START = r"^[\s\pZ\pC]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"


def harmless_sql(text: str) -> str:
    """The DuckDB expression of a text with an apostrophe in front where a spreadsheet would run it as a formula."""
    plain = f"cast({text} as varchar)"
    return f"case when regexp_matches({plain}, '{FORMULA_START}') then '''' || {plain} else {plain} end"


def as_it_was_sql(text: str) -> str:
    """The DuckDB expression of a text without the apostrophe that `harmless_sql` put in front of it."""
    rest = f"substring({text}, 2)"
    return f"case when {text} like '''%' and regexp_matches({rest}, '{FORMULA_START}') then {rest} else {text} end"
