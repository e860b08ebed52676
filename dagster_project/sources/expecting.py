"""The publisher's promises (expectations/*.json) checked on landed rows before they count.

Belongs here: running Great Expectations and saying which rows broke which promise, in words.
Does not: the promises, which are data. Great Expectations takes seconds to import, so it is imported only
when there is something new to check.
"""

from __future__ import annotations

import json
import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.home import PROJECT_ROOT
from dagster_project.sources.problems import Problem

if TYPE_CHECKING:
    import polars as pl

SUITES_FOLDER = PROJECT_ROOT / "expectations"
CRITICAL = "critical"
_PLACE = ["submission_id", "source_sheet", "source_row", "source_cell", "field", "cell_text"]


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
    """Runs the suite of a landed table over rows that have just been read.

    Raises RuntimeError when an expectation could not be evaluated at all: a check that did not run has not passed.
    """
    import great_expectations as gx
    from great_expectations.data_context import EphemeralDataContext

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    suite = suite_of(table)
    context: EphemeralDataContext = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frame = landed.to_pandas()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = (
            context.data_sources.add_pandas(table)
            .add_dataframe_asset(table)
            .add_batch_definition_whole_dataframe(table)
            .get_batch({"dataframe": frame})
        )
        result = batch.validate(
            context.suites.add(gx.ExpectationSuite(**suite)),
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": _PLACE,
                "partial_unexpected_count": 0,
            },
        )
    outcomes = []
    for one in result.results:
        config = one.expectation_config
        assert config is not None
        failure = _failure(one.exception_info or {})
        if failure:
            raise RuntimeError(f"{table}: {config.type} could not be run: {failure}")
        meta = config.meta or {}
        broken = tuple(_problem(meta, row) for row in one.result.get("unexpected_index_list") or [])
        if not one.success and not broken:
            broken = tuple((submission, _problem_of_file(meta)) for submission in frame["submission_id"].unique())
        outcomes.append(
            Outcome(
                table=table,
                expectation=meta["name"],
                severity=str(getattr(config.severity, "value", config.severity)),
                broken=() if one.success else broken,
            )
        )
    return outcomes


def _failure(exception_info: dict[str, Any]) -> str:
    """Why an expectation could not be run, or ''. Great Expectations gives one record, or one for each metric."""
    records = [exception_info, *(record for record in exception_info.values() if isinstance(record, dict))]
    return next((str(record.get("exception_message")) for record in records if record.get("raised_exception")), "")


def _problem(meta: dict[str, Any], row: dict[str, Any]) -> tuple[str, Problem]:
    return row["submission_id"], Problem(
        rule_id=meta["rule_id"],
        message=meta["message"],
        suggestion=meta["suggestion"],
        sheet=row["source_sheet"],
        row=int(row["source_row"]),
        cell=row["source_cell"],
        field=row["field"],
        value=row["cell_text"][:200],
    )


def _problem_of_file(meta: dict[str, Any]) -> Problem:
    return Problem(rule_id=meta["rule_id"], message=meta["message"], suggestion=meta["suggestion"])
