"""What the return workbook says beyond its layout, as checked data: guidance, example, room for rows.

Belongs here: loading template_words.yml. Does not: headings, questions and help texts (the layout), or any style.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dagster_project.sources.catalogue import CardPart
from dagster_project.yaml_files import read_yaml

WORDS_FILE = Path(__file__).with_name("template_words.yml")


class Topic(CardPart):
    """A heading of the guidance and the sentences below it."""

    heading: str
    lines: tuple[str, ...]


class Example(CardPart):
    """A filled page of one part; `rows` hold the text of each field."""

    part: str
    title: str
    lines: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


class Words(CardPart):
    """The words of the workbook. `prepared_rows` counts rows by part; `column_widths` are characters by field."""

    guidance: tuple[Topic, ...]
    where_help_is: str
    prepared_rows: dict[str, int]
    column_widths: dict[str, int]
    example: Example


@cache
def words() -> Words:
    """Raises FileNotFoundError or pydantic's ValidationError when the words are not whole."""
    return Words.model_validate(read_yaml(WORDS_FILE))
