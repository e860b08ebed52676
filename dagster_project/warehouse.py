"""The private warehouse: having dbt build it, and asking DuckDB what came of it.

Belongs here: building a home's warehouse, and reading row counts. Does not: any rule; those are SQL in `dbt/`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dagster_project.contracts import read_manifest
from dagster_project.dbt_project import DbtProblem, fingerprint, prepare_manifest, run_dbt
from dagster_project.home import Home
from dagster_project.sources.store import Store, now, reader_version

__all__ = ["Build", "DbtProblem", "NodeResult", "build", "prepare_manifest", "row_counts", "rows_tested"]

# What is tested with the code and not every night; the tag is given in dbt_project.yml.
TESTED_WITH_THE_CODE = "tag:tested_with_the_code"
_FAILED = ("error", "fail", "runtime error")
_SUCCEEDED = ("success", "pass", "warn")


@dataclass(frozen=True)
class NodeResult:
    """What came of one model, seed or test. `failures` counts the rows that break a test; null for the others."""

    unique_id: str
    status: str
    failures: int | None
    message: str

    @property
    def name(self) -> str:
        return self.unique_id.split(".")[2]

    @property
    def succeeded(self) -> bool:
        """False for what failed, and for what was skipped because something before it failed."""
        return self.status in _SUCCEEDED

    @property
    def failed(self) -> bool:
        return self.status in _FAILED


@dataclass(frozen=True)
class Build:
    """One build of the warehouse. `is_repeated` says that nothing it reads has changed since, so it stands."""

    built_at: str
    results: tuple[NodeResult, ...]
    is_repeated: bool = False

    @property
    def failures(self) -> list[NodeResult]:
        return [result for result in self.results if result.failed]


def build(home: Home, *, full: bool = False) -> Build:
    """Builds every table and runs the night's data tests, unless an earlier build stands because nothing has changed.

    A build is a function of the store and the commit, so the same two give the same warehouse; `full` builds it anew.
    A failed table or test is in the results, not an exception. Raises DbtProblem when dbt did not get that far.
    """
    record = home.dbt_target / "built.json"
    inputs = _inputs(home)
    standing = None if full else _standing(home, record, inputs)
    if standing:
        return standing
    record.unlink(missing_ok=True)
    built_at = now()
    # A seed keeps the columns it first had unless it is built afresh. Unit tests prove the logic of a commit, not the
    # data of a night; they run with the test suite.
    left_out = ("--exclude-resource-type", "unit_test", "--exclude", TESTED_WITH_THE_CODE)
    done = run_dbt(home, "build", "--full-refresh", *left_out, AHP_REFRESHED_AT=built_at)
    if done.result is None:
        raise DbtProblem(f"dbt could not build the warehouse: {done.exception or 'see its log'}")
    results = tuple(
        NodeResult(
            unique_id=result.node.unique_id,
            status=str(result.status),
            failures=result.failures,
            message=" ".join((result.message or "").split()),
        )
        for result in done.result.results
    )
    outcome = Build(built_at, results)
    if not outcome.failures:
        record.write_text(
            json.dumps({"inputs": inputs, "file": _file(home.warehouse), **asdict(outcome)}), encoding="utf-8"
        )
    return outcome


def row_counts(home: Home, relations: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Rows in each (schema, table) of the warehouse; one that is not there is left out."""
    import duckdb

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute("set variable store = ?", [home.store.as_posix()])
        present = {
            (schema, table)
            for schema, table in connection.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall()
        }
        counts = {}
        for schema, table in relations:
            if (schema, table) in present:
                found = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
                counts[schema, table] = int(found[0]) if found else 0
        return counts


def rows_tested(home: Home) -> dict[str, int]:
    """For each dbt test of a night, the rows of the table it stands on; a table that may be empty, and is, is left out.

    So is one that rests on a source of which nothing is in force: its tests do not apply to such a night. Any other
    test over no rows has proved nothing, so the release asks for this.
    """
    nodes = read_manifest(home.dbt_manifest)["nodes"]
    relations = {
        unique_id: (node["schema"], node["alias"])
        for unique_id, node in nodes.items()
        if node["resource_type"] in ("model", "seed")
    }
    counts = row_counts(home, relations.values())
    in_force = _sources_in_force(home)
    tested: dict[str, int] = {}
    for node in nodes.values():
        if node["resource_type"] != "test" or TESTED_WITH_THE_CODE.removeprefix("tag:") in node["tags"]:
            continue
        upstream = [parent for parent in node["depends_on"]["nodes"] if parent in relations]
        attached = node.get("attached_node")
        judged = [attached] if attached in relations else upstream
        rows = max((counts.get(relations[parent], 0) for parent in judged), default=0)
        if rows or not all(_may_be_empty(nodes[parent], in_force) for parent in judged):
            tested[node["name"]] = rows
    return tested


def _may_be_empty(node: dict[str, Any], in_force: set[str]) -> bool:
    meta = node["config"].get("meta") or {}
    return bool(meta.get("may_be_empty", False) or ("rests_on" in meta and meta["rests_on"] not in in_force))


def _sources_in_force(home: Home) -> set[str]:
    import duckdb

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute("select distinct source from quality.submissions where status = 'accepted'")
        return {source for (source,) in rows.fetchall()}


def _standing(home: Home, record: Path, inputs: str) -> Build | None:
    """The last build, when it was made of these very inputs and its file has not been touched since."""
    if not record.exists() or not home.warehouse.exists():
        return None
    kept = json.loads(record.read_text(encoding="utf-8"))
    if kept["inputs"] != inputs or kept["file"] != _file(home.warehouse):
        return None
    return Build(kept["built_at"], tuple(NodeResult(**result) for result in kept["results"]), is_repeated=True)


def _inputs(home: Home) -> str:
    """A fingerprint of all that a build depends on: the code, and every event of the store."""
    digest = hashlib.sha256(fingerprint().encode())
    digest.update(reader_version().encode())
    for event in Store(home).events():
        digest.update(event.event_id.encode())
    return digest.hexdigest()


def _file(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]
