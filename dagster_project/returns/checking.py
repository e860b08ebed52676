"""`ahp check`: the night's own rules on files that have not been sent.

Belongs here: giving the files a night of their own, in a home that is thrown away, and gathering what it found.
Does not: any rule. Reading, expectations and models are those of the night; only Great Expectations is left out, whose
suites are looked at lightly, because it takes longer to start than everything else takes to run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.home import Home
from dagster_project.returns.checked import CheckedFile, CheckedFinding, CheckReport, CountedGroup, FileStatus
from dagster_project.rules import run_rules
from dagster_project.sources.catalogue import load_cards
from dagster_project.sources.expecting import check_lightly
from dagster_project.sources.landing import COUNCIL_RETURNS, folder_of, land, speak_of_the_same
from dagster_project.sources.role_decisions import take_decisions
from dagster_project.sources.store import ACCEPTED, QUARANTINED, Event, Store, now, sha256_of

if TYPE_CHECKING:
    import duckdb

FOLDER = "council_returns"
_FINDINGS = """
    select
        findings.submission_id,
        coalesce(findings.reference, '') as reference,
        findings.source,
        findings.rule_id,
        rules.title,
        findings.severity,
        findings.status,
        coalesce(findings.source_sheet, '') as sheet,
        findings.source_row as row,
        coalesce(findings.source_cell, '') as cell,
        coalesce(findings.field, '') as field,
        coalesce(findings.value, '') as found,
        coalesce(findings.looks_like, '') as looks_like,
        findings.message,
        findings.suggestion,
        coalesce(findings.accepted_reason, '') as accepted_reason,
        coalesce(findings.accepted_by_role, '') as accepted_by
    from quality.findings as findings
    inner join reference.finding_rules as rules on findings.rule_id = rules.rule_id
    where findings.status <> 'resolved'
    order by
        case findings.severity when 'error' then 1 when 'warning' then 2 else 3 end,
        findings.source_sheet, findings.source_row, findings.source_cell, findings.rule_id, findings.message
"""
_COUNTED = """
    select
        returns.submission_id,
        returns.geography_name,
        cast(returns.as_at_date as varchar) as as_at_date,
        groups.return_group_name,
        returns.headcount,
        returns.fte,
        returns.fte_permanent,
        returns.fte_temporary,
        returns.fte_vacant
    from intermediate.int_geography__expected_returns as returns
    inner join reference.return_groups as groups on returns.return_group = groups.return_group
    where returns.geography_type = 'council'
    order by returns.geography_name, groups.figure
"""


def check_files(paths: Sequence[Path], home: Home) -> CheckReport:
    """Checks files as if they arrived together tonight.

    What the home's store holds of the same councils and days is taken into account, so that changes are named.
    Raises FileNotFoundError for a file that is not there, and whatever `run_rules` raises.
    """
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
    with tempfile.TemporaryDirectory(prefix="ahp-check-", ignore_cleanup_errors=True) as scratch:
        night = Home(Path(scratch) / "home")
        names = _laid_out(paths, night)
        land(night, expectations=check_lightly)
        store = Store(night)
        events = {event.sha256: event for event in store.events()}
        _remember_what_was_sent_before(home, store, list(events.values()))
        take_decisions(home.store, night.store)
        checked_at = now()
        with run_rules(
            night.store,
            [
                "quality.findings",
                "intermediate.int_geography__expected_returns",
                "reference.finding_rules",
                "reference.return_groups",
                "reference.organisations",
            ],
            checked_at,
        ) as found:
            rows = _rows(found, _FINDINGS)
            counted = _rows(found, _COUNTED)
            councils = dict(
                found.execute("select organisation_code, organisation_name from reference.organisations").fetchall()
            )
    files = tuple(
        _checked(path.name, sha256, events.get(sha256), rows, counted, councils) for path, sha256 in names.items()
    )
    return CheckReport(checked_at, version("ahp-workforce-warehouse"), files)


def _laid_out(paths: Sequence[Path], night: Home) -> dict[Path, str]:
    """Puts copies of the files where they belong in the landing folder of the night. Gives the SHA-256 of each."""
    hashes = {}
    for number, path in enumerate(dict.fromkeys(paths)):
        folder = night.own_landing / folder_of(path)
        if (folder / path.name).exists():
            folder = folder / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / path.name)
        hashes[path] = sha256_of(path)
    return hashes


def _remember_what_was_sent_before(home: Home, store: Store, checked: Sequence[Event]) -> None:
    """Copies what the home accepted of the same councils and days into the store of the check."""
    cards, known = load_cards(), Store(home)
    ids = {event.submission_id for event in checked}
    before = [
        event
        for event in known.events()
        if event.submission_id not in ids and any(speak_of_the_same(event, file, cards) for file in checked)
    ]
    for event in before:
        store.record(event)
        store.take_cells(known, event.submission_id)
    if before:
        store.write_registers(cards)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _checked(
    name: str,
    sha256: str,
    event: Event | None,
    rows: list[dict[str, Any]],
    counted: list[dict[str, Any]],
    councils: dict[str, str],
) -> CheckedFile:
    if event is None:
        raise RuntimeError(f"{name} changed while it was being checked. Check it again.")
    findings = tuple(
        CheckedFinding(**{key: value for key, value in row.items() if key not in ("submission_id", "source")})
        for row in rows
        # What is said of a document as a whole belongs to the file that holds it.
        if row["submission_id"] == event.submission_id
        or (row["submission_id"] is None and row["source"] == event.source and _form(event) in ("collation", "table"))
    )
    return CheckedFile(
        file_name=name,
        sha256=sha256,
        form=_form(event),
        organisation_name=councils.get(event.organisation_code, ""),
        as_at_date=event.as_at_date,
        status=_status(event, findings),
        findings=findings,
        counted=tuple(
            CountedGroup(
                row["geography_name"],
                row["return_group_name"],
                _whole(row["headcount"]),
                _exact(row["fte"]),
                _exact(row["fte_permanent"]),
                _exact(row["fte_temporary"]),
                _exact(row["fte_vacant"]),
            )
            for row in counted
            if event.outcome == ACCEPTED and _is_of(row, event, councils, counted)
        ),
    )


def _form(event: Event) -> str:
    if event.outcome == QUARANTINED:
        return ""
    if not event.bytes_kept:
        return "extract"
    if event.source != COUNCIL_RETURNS:
        return "table"
    return "return" if event.organisation_code else "collation"


def _is_of(row: dict[str, Any], event: Event, councils: dict[str, str], counted: list[dict[str, Any]]) -> bool:
    """Whether a group is one the file would count for. What a later file has replaced counts for nothing."""
    if row["submission_id"] == event.submission_id:
        return True
    # A group that a return in force does not speak of at all stands there without numbers.
    return (
        row["submission_id"] is None
        and (row["geography_name"], row["as_at_date"]) == (councils.get(event.organisation_code), event.as_at_date)
        and any(other["submission_id"] == event.submission_id for other in counted)
    )


def _status(event: Event, findings: Sequence[CheckedFinding]) -> FileStatus:
    if event.outcome == QUARANTINED and not event.was_opened:
        return "cannot_be_read"
    to_mend = any(found.severity in ("error", "warning") and found.status == "open" for found in findings)
    return "to_mend" if to_mend or event.outcome == QUARANTINED else "nothing_to_mend"


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _exact(value: Any) -> float | None:
    return None if value is None else float(value)
