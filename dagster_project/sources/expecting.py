"""The publisher's promises (expectations/*.json) checked on landed rows, or on their profile, before they count.

Belongs here: running a suite, with Great Expectations or without, and saying which rows broke which promise, in words.
Does not: the promises, which are data. Great Expectations takes seconds to import, so it is imported only when there is
something new to check, and a single file that somebody waits for is checked without it, to the same outcomes.
"""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from dagster_project.home import PROJECT_ROOT
from dagster_project.sources.problems import Problem

if TYPE_CHECKING:
    import polars as pl

SUITES_FOLDER = PROJECT_ROOT / "expectations"
CRITICAL = "critical"
_PLACE = ["submission_id", "source_sheet", "source_row", "source_cell", "field", "cell_text"]
# The one form of condition in the suites: a column and the text that it must, or must not, hold.
_CONDITION = re.compile(r'\s*(?P<column>\w+)\s*(?P<sign>==|!=)\s*"(?P<text>[^"\\]*)"\s*')


@dataclass(frozen=True)
class Outcome:
    """One expectation on one landed table, and the problem of each row that broke it, by submission."""

    table: str
    expectation: str
    severity: str
    broken: tuple[tuple[str, Problem], ...]

    @property
    def is_critical(self) -> bool:
        return self.severity == CRITICAL


def suite_of(table: str) -> dict[str, Any]:
    """The suite of one landed table. Raises FileNotFoundError when the table has none: every landed table has one."""
    suite: dict[str, Any] = json.loads((SUITES_FOLDER / f"{table}.json").read_text(encoding="utf-8"))
    return suite


def check(table: str, landed: pl.DataFrame) -> list[Outcome]:
    """Runs the suite of a landed table over rows that have just been read. Gives its outcomes in the suite's order.

    Raises RuntimeError when an expectation could not be evaluated at all: a check that did not run has not passed.
    """
    import great_expectations as gx

    suite = suite_of(table)
    frame = landed.to_pandas()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = (
            _context()
            .data_sources.pandas_default.read_dataframe(frame)
            .validate(
                gx.ExpectationSuite(**suite),
                result_format={
                    "result_format": "COMPLETE",
                    "unexpected_index_column_names": _PLACE,
                    "partial_unexpected_count": 0,
                },
            )
        )
    outcomes = {}
    for one in result.results:
        config = one.expectation_config
        assert config is not None
        failure = _failure(one.exception_info or {})
        if failure:
            raise _not_run(table, config.type, failure)
        meta = config.meta or {}
        severity = str(getattr(config.severity, "value", config.severity))
        rows = () if one.success else one.result.get("unexpected_index_list") or ()
        outcome = _outcome(table, severity, meta, rows)
        if not one.success and not outcome.broken:
            of_files = ((submission, _problem_of_file(meta)) for submission in frame["submission_id"].unique())
            outcome = replace(outcome, broken=tuple(of_files))
        outcomes[meta["name"]] = outcome
    return [outcomes[expectation["meta"]["name"]] for expectation in suite["expectations"]]


def check_lightly(table: str, landed: pl.DataFrame) -> list[Outcome]:
    """Gives what `check` gives, without Great Expectations, for the kinds of expectation that the suites hold.

    Raises RuntimeError for any other kind, and when an expectation could not be evaluated.
    """
    import polars as pl

    outcomes = []
    for expectation in suite_of(table)["expectations"]:
        kind, details = expectation["type"], dict(expectation["kwargs"])
        breaks = _BREAKS.get(kind)
        if breaks is None:
            raise _not_run(table, kind, "only Great Expectations knows this kind")
        try:
            looked_at = _where(landed, details.pop("row_condition", None), details.pop("condition_parser", None))
            broken = looked_at.filter(breaks(looked_at, **details)).select(_PLACE)
        except (pl.exceptions.PolarsError, re.error, TypeError, ValueError) as problem:
            raise _not_run(table, kind, str(problem)) from problem
        outcomes.append(_outcome(table, expectation["severity"], expectation["meta"], broken.iter_rows(named=True)))
    return outcomes


@cache
def _context() -> Any:
    """What Great Expectations works in. Making one for each table takes a seventh longer."""
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def _where(landed: pl.DataFrame, condition: str | None, parser: str | None) -> pl.DataFrame:
    """The rows an expectation looks at. Raises ValueError for a condition of another form."""
    import polars as pl

    if condition is None:
        return landed
    read = _CONDITION.fullmatch(condition)
    if read is None or parser != "pandas":
        raise ValueError(f"the condition {condition} has a form that only Great Expectations knows")
    column = pl.col(read["column"])
    # What is not there is not the text.
    return landed.filter(column.eq_missing(read["text"]) if read["sign"] == "==" else column.ne_missing(read["text"]))


def _is_not_in_set(landed: pl.DataFrame, *, column: str, value_set: list[str]) -> pl.Expr:
    import polars as pl

    return pl.col(column).is_in(value_set).not_()


def _has_no_such_length(
    landed: pl.DataFrame, *, column: str, min_value: int | None = None, max_value: int | None = None
) -> pl.Expr:
    import polars as pl

    if min_value is None and max_value is None:
        raise ValueError("neither min_value nor max_value is given")
    length = pl.col(column).str.len_chars()
    is_too_long = pl.lit(False) if max_value is None else length > max_value
    return is_too_long | (length < (min_value or 0))


def _does_not_match(landed: pl.DataFrame, *, column: str, regex: str) -> pl.Expr:
    import polars as pl

    # Great Expectations reads a pattern as Python does, and polars reads some otherwise.
    pattern = re.compile(regex)
    return pl.col(column).is_in([text for text in landed[column].drop_nulls().unique() if not pattern.search(text)])


def _is_outside(
    landed: pl.DataFrame, *, column: str, min_value: float | None = None, max_value: float | None = None
) -> pl.Expr:
    import polars as pl

    if min_value is None and max_value is None:
        raise ValueError("neither min_value nor max_value is given")
    is_above = pl.lit(False) if max_value is None else pl.col(column) > max_value
    return is_above if min_value is None else is_above | (pl.col(column) < min_value)


def _is_missing(landed: pl.DataFrame, *, column: str) -> pl.Expr:
    import polars as pl

    return pl.col(column).is_null()


def _stands_more_than_once(landed: pl.DataFrame, *, column_list: list[str]) -> pl.Expr:
    import polars as pl

    return pl.struct(column_list).is_duplicated() & pl.any_horizontal(pl.col(column_list).is_not_null())


# For each kind of expectation, which rows break it. A value that is not there breaks none but the one that asks for it.
_BREAKS: Mapping[str, Callable[..., pl.Expr]] = {
    "expect_column_values_to_be_in_set": _is_not_in_set,
    "expect_column_values_to_be_between": _is_outside,
    "expect_column_value_lengths_to_be_between": _has_no_such_length,
    "expect_column_values_to_match_regex": _does_not_match,
    "expect_column_values_to_not_be_null": _is_missing,
    "expect_compound_columns_to_be_unique": _stands_more_than_once,
}


def _not_run(table: str, kind: str, why: str) -> RuntimeError:
    return RuntimeError(f"{table}: {kind} could not be run: {why}")


def _outcome(table: str, severity: str, meta: dict[str, Any], broken: Iterable[dict[str, Any]]) -> Outcome:
    return Outcome(table, meta["name"], severity, tuple(_problem(meta, row) for row in broken))


def _failure(exception_info: dict[str, Any]) -> str:
    """Why an expectation could not be run, or ''. Great Expectations gives one record, or one for each metric."""
    records = [exception_info, *(record for record in exception_info.values() if isinstance(record, dict))]
    return next((str(record.get("exception_message")) for record in records if record.get("raised_exception")), "")


def _problem(meta: dict[str, Any], row: dict[str, Any]) -> tuple[str, Problem]:
    return row["submission_id"], Problem(
        rule_id=meta["rule_id"],
        message=meta["message"],
        suggestion=meta["suggestion"],
        sheet=_text(row["source_sheet"]),
        row=int(row["source_row"]),
        cell=_text(row["source_cell"]),
        field=_text(row["field"]),
        value=_text(row["cell_text"])[:200],
    )


def _text(value: Any) -> str:
    # pandas writes a text that is not there as a number.
    return value if isinstance(value, str) else ""


def _problem_of_file(meta: dict[str, Any]) -> Problem:
    return Problem(rule_id=meta["rule_id"], message=meta["message"], suggestion=meta["suggestion"])
