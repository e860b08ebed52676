"""Words and names inside SQL.

Belongs here: quoting. Does not: any statement.
"""

from __future__ import annotations


def text_sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def name_sql(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
