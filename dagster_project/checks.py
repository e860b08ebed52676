"""The checks Dagster shows that are not dbt's own: landing expectations and release gates, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg

from dagster_project.dbt_assets import landed_key
from dagster_project.release.gates import GATE_NAMES, GateResult
from dagster_project.sources.landing import Landing
from dagster_project.sources.store import LANDED_TABLES, ROW_TABLES
from dagster_project.warehouse import Build, NodeResult

MEETS_ITS_EXPECTATIONS = "meets_its_expectations"
EVERY_FILE_COULD_BE_READ = "every_file_could_be_read"
RELEASE_CANDIDATE = dg.AssetKey(["release", "candidate"])


def landing_check_specs() -> list[dg.AssetCheckSpec]:
    return [
        *(
            dg.AssetCheckSpec(
                MEETS_ITS_EXPECTATIONS,
                asset=landed_key(table),
                description="What the publisher promises of this table (expectations/), checked before a file counts.",
            )
            for table in LANDED_TABLES
        ),
        dg.AssetCheckSpec(
            EVERY_FILE_COULD_BE_READ,
            asset=landed_key("submissions"),
            description="No file in the landing folder was refused. A refused file stops only itself.",
        ),
    ]


def landing_results(table: str, landing: Landing) -> list[dg.AssetCheckResult]:
    """The check results of one landed table."""
    if table in LANDED_TABLES:
        return [_expectations_met(table, landing)]
    if table == "submissions":
        return [_files_read(landing)]
    return []


def _expectations_met(table: str, landing: Landing) -> dg.AssetCheckResult:
    counts = [count for count in landing.checks if count.table == table]
    broken = [count for count in counts if count.failed]
    names = sorted({count.expectation for count in counts})
    rows = landing.rows[table]
    # The promises of a table of people are held against how each of its fields is filled.
    landed, looked_at = ("rows", "fields") if table in ROW_TABLES else ("cells", "cells")
    if not rows:
        reason = "No file has brought any rows of this table yet, so there was nothing to check."
    elif broken:
        reason = "; ".join(f"{count.expectation}: {count.failed} of {count.evaluated} {looked_at}" for count in broken)
    else:
        reason = f"All {len(names)} expectations hold for {rows:,} {landed}."
    return dg.AssetCheckResult(
        passed=not broken and (not rows or bool(names)),
        asset_key=landed_key(table),
        check_name=MEETS_ITS_EXPECTATIONS,
        severity=dg.AssetCheckSeverity.WARN,
        description=reason,
        metadata={"reason": reason, landed: rows, "expectations": ", ".join(names)},
    )


def _files_read(landing: Landing) -> dg.AssetCheckResult:
    refused = [*landing.refused, *landing.still_refused]
    reason = (
        "; ".join(f"{event.file_name}: {event.problems[0]['message']}" for event in refused)
        if refused
        else "Every file could be read."
    )
    return dg.AssetCheckResult(
        passed=not refused,
        asset_key=landed_key("submissions"),
        check_name=EVERY_FILE_COULD_BE_READ,
        severity=dg.AssetCheckSeverity.WARN,
        description=reason,
        metadata={"reason": reason, "refused": len(refused)},
    )


def test_result(key: dg.AssetCheckKey, result: NodeResult, built: Build) -> dg.AssetCheckResult:
    """A dbt test's result with its reason in words, as every other check has one."""
    if not result.failed:
        reason = "No row breaks the rule."
    elif result.failures:
        reason = f"{result.failures:,} rows break the rule."
    else:
        reason = f"The rule could not be run: {result.message}"
    if built.is_repeated:
        reason += f" Found when the warehouse was built, {built.built_at}; nothing it reads has changed since."
    return dg.AssetCheckResult(
        passed=not result.failed,
        asset_key=key.asset_key,
        check_name=key.name,
        description=reason,
        metadata={"reason": reason},
    )


def in_words(built: Build) -> str:
    """Which tables and tests failed, the first three by name."""
    failures = built.failures
    named = [f"{failure.name}: {failure.message[:300]}." for failure in failures[:3]]
    more = [f"And {len(failures) - 3:,} more."] if len(failures) > 3 else []
    return " ".join(["The warehouse could not be built.", *named, *more])


def gate_specs() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            name,
            asset=RELEASE_CANDIDATE,
            blocking=True,
            description="A gate of the release: when it fails, nothing is released and the last release stands.",
        )
        for name in GATE_NAMES
    ]


def gate_results(gates: Sequence[GateResult]) -> Iterator[dg.AssetCheckResult]:
    for gate in gates:
        yield dg.AssetCheckResult(
            passed=gate.passed,
            asset_key=RELEASE_CANDIDATE,
            check_name=gate.name,
            severity=dg.AssetCheckSeverity.ERROR,
            description=gate.reason,
            metadata={"reason": gate.reason, "evaluated": gate.evaluated},
        )
