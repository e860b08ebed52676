"""Tonight's release: what the candidate says of itself, what its gates are told, and putting it in force.

Belongs here: gathering facts for building, gates and publishing. Does not: any of the three.
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version

import duckdb

from dagster_project.contracts import public_tables, steps
from dagster_project.dbt_documentation import documentation_of_dbt
from dagster_project.home import PROJECT_ROOT, Home
from dagster_project.present import safe_text
from dagster_project.release import manifest
from dagster_project.release.building import (
    SEVERITIES,
    Candidate,
    CandidateFacts,
    Submission,
    build_candidate,
    new_release_id,
)
from dagster_project.release.gates import CheckRun, GateContext, GateResult, run_gates
from dagster_project.release.publishing import Release, clear_candidates, keep_failed, latest_release, publish
from dagster_project.site.building import write_site
from dagster_project.sources.landing import checks_in_force
from dagster_project.sources.store import Store
from dagster_project.warehouse import rows_tested

TONIGHT = "tonight"
CONTACT_VARIABLE = "AHP_CONTACT"


def build_tonights_candidate(home: Home) -> tuple[Candidate, list[GateResult]]:
    """Copies the public tables out of the warehouse, makes the site of them and runs every gate on the copy.

    A candidate that fails a gate is set aside for a person to look at; nothing is released.
    """
    clear_candidates(home)
    created_at = datetime.now(UTC)
    submissions, findings, bundled, invented = _of_the_warehouse(home)
    candidate = build_candidate(
        home.warehouse,
        public_tables(home.dbt_manifest),
        home.candidates / TONIGHT,
        CandidateFacts(
            release_id=new_release_id(created_at),
            created_at=created_at,
            project_version=version("ahp-workforce-warehouse"),
            commit=_commit(),
            bundled_inputs=bundled,
            submissions=submissions,
            findings=findings,
            invented_sources=invented,
            contact=contact(),
        ),
    )
    present = latest_release(home)
    before = present.folder if present and _may_be_compared(present, bundled, invented) else None
    write_site(candidate, before, steps(home.dbt_manifest), documentation_of_dbt(home))
    gates = run_gates(
        candidate,
        GateContext(
            warehouse=home.warehouse,
            present_release=before,
            home=home.root,
            project=PROJECT_ROOT,
            check_runs=_check_runs(home),
        ),
    )
    manifest.write(candidate.folder, manifest.read(candidate.folder) | {"gates": [gate.__dict__ for gate in gates]})
    if not all(gate.passed for gate in gates):
        keep_failed(candidate, home, gates)
    return candidate, gates


def contact() -> str | None:
    """Whom readers of a release may ask, in one line, from the environment; None where it names nobody."""
    return safe_text(" ".join(os.environ.get(CONTACT_VARIABLE, "").split())) or None


def publish_tonights_candidate(home: Home) -> Release:
    """Puts the candidate built last in force. Its gates are those it was judged by, as its manifest records them."""
    candidate = Candidate.open(home.candidates / TONIGHT, public_tables(home.dbt_manifest))
    gates = [GateResult(**gate) for gate in manifest.read(candidate.folder)["gates"]]
    return publish(candidate, home, gates)


def _may_be_compared(present: Release, bundled: bool, invented: list[str]) -> bool:
    """A region's own numbers are no change of bundled or invented ones, which only stood in for them."""
    are_own = not bundled and present.manifest["bundled_inputs"]
    # A release made before there was a mark does not say it of itself.
    are_real = set(present.manifest.get("invented_sources", ())) - set(invented)
    return not are_own and not are_real


def _of_the_warehouse(home: Home) -> tuple[list[Submission], dict[str, int], bool, list[str]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        submissions = connection.execute(
            "select submission_id, sha256, file_name, status from quality.submissions order by submission_id"
        ).fetchall()
        own_files = connection.execute(
            "select count(*) from quality.submissions where status = 'accepted' and not is_bundled"
        ).fetchall()[0][0]
        invented = connection.execute(
            "select distinct source from quality.submissions where status = 'accepted' and is_invented order by source"
        ).fetchall()
        counted = dict(
            connection.execute(
                "select severity, count(*) from quality.findings where status = 'open' group by severity"
            ).fetchall()
        )
    findings = {severity: counted.get(severity, 0) for severity in SEVERITIES}
    return [Submission(*row) for row in submissions], findings, not own_files, [source for (source,) in invented]


def _check_runs(home: Home) -> list[CheckRun]:
    landed = [CheckRun(f"{count.table}.{count.expectation}", count.evaluated) for count in checks_in_force(Store(home))]
    return [*landed, *(CheckRun(name, rows) for name, rows in rows_tested(home).items())]


def _commit() -> str | None:
    """The commit this code stands at, or None where there is no git or no clone."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=10, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() or None
