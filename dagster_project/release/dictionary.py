"""The data dictionary as Markdown, from the promises of the public tables.

Belongs here: wording and layout. Does not: descriptions of tables and columns, which are written beside each model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dagster_project.contracts import Column, PublicTable

_INTRODUCTION = """\
# Data dictionary

Every table of a release, and what each of its columns means. The same tables come in three forms: the DuckDB file
`ahp_workforce.duckdb`, Parquet files (`parquet/<schema>/<table>.parquet`) and CSV files (`csv/<schema>/<table>.csv`).
The first sentence under each table says what one row stands for.

- **Empty is not nought.** An empty value means that the number is not known. Where a column that names a status
  stands beside it, that column says why.
- **CSV files and spreadsheets.** A spreadsheet may run text that begins with `=`, `+`, `-` or `@` as a formula. In the
  CSV files, and only there, such text is given a single apostrophe (`'`) in front: `-none` is written `'-none`.
  Numbers are left as they are, negative ones too. DuckDB and Parquet hold the text as it was.
"""

_SCHEMA_TITLES = {
    "marts": "Tables for analysis",
    "quality": "The quality of the data",
    "reference": "Reference data",
}

_PLAIN_TYPES = {
    "VARCHAR": "text",
    "TEXT": "text",
    "BOOLEAN": "true or false",
    "DATE": "date",
    "TIMESTAMP": "date and time",
    "TIMESTAMPTZ": "date and time",
    "TIMESTAMP WITH TIME ZONE": "date and time",
    "TINYINT": "whole number",
    "SMALLINT": "whole number",
    "INTEGER": "whole number",
    "BIGINT": "whole number",
    "HUGEINT": "whole number",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DECIMAL": "number",
}


def render(tables: Sequence[PublicTable]) -> str:
    """The dictionary of these tables, in the order given. It changes only with them: it holds no date."""
    return "\n".join([_INTRODUCTION, _contents(tables), *(_table_section(table) for table in tables)])


def _contents(tables: Sequence[PublicTable]) -> str:
    lines = ["## Contents", ""]
    for schema in dict.fromkeys(table.schema for table in tables):
        lines += [f"**{_SCHEMA_TITLES.get(schema, schema)}** (schema `{schema}`)", ""]
        lines += [
            f"- [{table.full_name}](#{_anchor(table.full_name)}): {table.grain}"
            for table in tables
            if table.schema == schema
        ]
        lines.append("")
    return "\n".join(lines)


def _table_section(table: PublicTable) -> str:
    lines = [f"## {table.full_name}", "", table.description.strip(), ""]
    if table.caveats:
        lines += ["Before you use it:", "", *(f"- {_on_one_line(caveat)}" for caveat in table.caveats), ""]
    if table.may_be_empty:
        lines += ["This table may hold no rows.", ""]
    if table.rests_on:
        lines += [f"This table holds no rows while nothing of {table.rests_on} is in force.", ""]
    lines += ["| Column | Type | May be empty? | Description |", "| --- | --- | --- | --- |"]
    lines += [_column_line(column) for column in table.columns]
    return "\n".join([*lines, ""])


def _column_line(column: Column) -> str:
    may_be_empty = "no" if column.not_null else "yes"
    description = _on_one_line(column.description).replace("|", r"\|")
    plain = plain_type(column.data_type)
    data_type = f"{plain} (`{column.data_type}`)" if plain else f"`{column.data_type}`"
    return f"| `{column.name}` | {data_type} | {may_be_empty} | {description} |"


def plain_type(data_type: str) -> str:
    """What a type of the contract is to people, for example text or whole number; '' for a type without such a word."""
    return _PLAIN_TYPES.get(data_type.split("(")[0].strip().upper(), "")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
