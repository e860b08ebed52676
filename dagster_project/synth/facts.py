"""The facts the invented data is made from: organisations, posts, titles, answers, headings. Each says its source."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars

_DATA = Path(__file__).parent / "data"


@cache
def facts(name: str) -> polars.DataFrame:
    """The rows of one file of facts; text, but for numbers."""
    return polars.read_csv(_DATA / f"{name}.csv").with_columns(polars.col(polars.String).fill_null(""))
