"""The private warehouse: having dbt build it, and knowing what came of that.

Belongs here: building a home's warehouse, and what came of it. Does not: any rule; those are SQL in `dbt/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from dagster_project.contracts import read_manifest
from dagster_project.dbt_project import DbtProblem, fingerprint, kept_for_this_code, prepare_manifest, run_dbt
from dagster_project.home import Home
from dagster_project.sources.role_decisions import decision_files
from dagster_project.sources.store import Store, now, reader_version

__all__ = [
    "Build",
    "DbtProblem",
    "NodeResult",
    "build",
    "prepare_manifest",
    "rows_tested",
    "stands",
    "warehouse_of_the_code",
]

# What is tested with the code and not every night; the tag is given in dbt_project.yml.
TESTED_WITH_THE_CODE = "tag:tested_with_the_code"
# All that depends on what was landed. The rest, reference lists and what is made of them alone, follows from the code.
_MADE_EACH_NIGHT = "source:*+"
_RESULTS = "results.json"
_FAILED = ("error", "fail", "runtime error")
_SUCCEEDED = ("success", "pass", "warn")


@dataclass(frozen=True)
class NodeResult:
    """What came of one model, seed or test. `failures` counts the rows that break a test; null for the others.

    `rows` are those of the table that was made; null for a test, and for what was not made.
    """

    unique_id: str
    status: str
    failures: int | None
    message: str
    rows: int | None = None

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


def build(home: Home, *, full: bool = False, told: Callable[[Build | NodeResult], None] = lambda _: None) -> Build:
    """Builds every table and runs the night's data tests, unless an earlier build stands because nothing has changed.

    A build is a function of the store and the commit, so the same two give the same warehouse; `full` builds it anew.
    What follows from the commit alone is built once for all homes, and a night starts with a copy of it. `told` hears
    of the build that begins, without results yet, and then of each result as it comes, from several threads.
    A failed table or test is in the results, not an exception. Raises DbtProblem when dbt did not get that far.
    """
    inputs = _inputs(home)
    standing = None if full else _standing(home, inputs)
    if standing:
        _tell(told, standing)
        return standing
    _record(home).unlink(missing_ok=True)
    built_at = now()
    of_the_code = _begin_with_what_follows_from_the_code(home)
    _tell(told, Build(built_at, of_the_code))
    made_tonight = ("--select", _MADE_EACH_NIGHT, "--exclude", TESTED_WITH_THE_CODE)
    results = _run(home, made_tonight, told, built_at=built_at)
    outcome = Build(built_at, (*of_the_code, *results))
    if not outcome.failures:
        _record(home).write_text(
            json.dumps({"inputs": inputs, "file": _file(home.warehouse), **asdict(outcome)}), encoding="utf-8"
        )
    return outcome


def _tell(told: Callable[[Build | NodeResult], None], begun: Build) -> None:
    told(replace(begun, results=()))
    for result in begun.results:
        told(result)


def stands(home: Home) -> bool:
    """Whether the last build is that of the store and the code as they are, so that a build would do nothing."""
    return _standing(home, _inputs(home)) is not None


def warehouse_of_the_code(home: Home) -> Path:
    """A warehouse that holds the reference lists and what is made of them alone, to be read or copied.

    It is built when no home and no process has had it built for this code before. Raises DbtProblem when that fails.
    """
    return kept_for_this_code(home, "warehouse", partial(_build_what_follows_from_the_code, home)) / home.warehouse.name


def _begin_with_what_follows_from_the_code(home: Home) -> tuple[NodeResult, ...]:
    kept = warehouse_of_the_code(home)
    # What a build that was cut short had not yet written to its file would be added to the new one.
    home.warehouse.with_name(f"{home.warehouse.name}.wal").unlink(missing_ok=True)
    partial_copy = home.warehouse.with_name(f"{home.warehouse.name}.partial")
    shutil.copyfile(kept, partial_copy)
    os.replace(partial_copy, home.warehouse)
    results = json.loads(kept.with_name(_RESULTS).read_text(encoding="utf-8"))
    return tuple(NodeResult(**result) for result in results)


def _build_what_follows_from_the_code(home: Home, folder: Path) -> None:
    made_once = ("--quiet", "--full-refresh", "--exclude", _MADE_EACH_NIGHT, TESTED_WITH_THE_CODE)
    results = _run(home, made_once, scratch=folder)
    failures = Build("", results).failures
    if failures:
        raise DbtProblem(f"The reference lists could not be loaded. {failures[0].name}: {failures[0].message}")
    (folder / _RESULTS).write_text(json.dumps([asdict(result) for result in results]), encoding="utf-8")


def _run(
    home: Home,
    selection: tuple[str, ...],
    told: Callable[[NodeResult], None] = lambda _: None,
    scratch: Path | None = None,
    built_at: str = "",
) -> tuple[NodeResult, ...]:
    """What came of a `dbt build` of the selection. Raises DbtProblem when dbt did not get that far."""
    rows: dict[str, int] = {}

    def heard(event: Any) -> None:
        if event.info.name == "NodeFinished":
            result = _finished(event.data)
            if result.rows is not None:
                rows[result.unique_id] = result.rows
            told(result)

    # Unit tests prove the logic of a commit, not the data of a night; they run with the test suite.
    left_out = ("--exclude-resource-type", "unit_test")
    settings = {"AHP_REFRESHED_AT": built_at} if built_at else {}
    done = run_dbt(home, "build", *selection, *left_out, scratch=scratch, heard=heard, **settings)
    if done.result is None:
        raise DbtProblem(f"dbt could not build the warehouse: {done.exception or 'see its log'}")
    return tuple(
        NodeResult(
            unique_id=result.node.unique_id,
            status=str(result.status),
            failures=result.failures,
            message=_in_one_line(result.message or ""),
            rows=rows.get(result.node.unique_id),
        )
        for result in done.result.results
    )


def _finished(data: Any) -> NodeResult:
    """The result in dbt's event that a node has finished."""
    node, result = data.node_info, data.run_result
    is_test = node.resource_type == "test"
    made = not is_test and node.node_status in _SUCCEEDED
    return NodeResult(
        unique_id=node.unique_id,
        status=node.node_status,
        failures=result.num_failures if is_test and node.node_status in (*_SUCCEEDED, "fail") else None,
        message=_in_one_line(result.message),
        rows=_rows_just_made(node.node_relation.schema, node.node_relation.alias) if made else None,
    )


def _rows_just_made(schema: str, table: str) -> int:
    """Counted on the connection that dbt has open: DuckDB has one writer, and to others the file is closed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    with contextlib.closing(DuckDBConnectionManager.env().handle()) as handle:
        return int(handle.cursor().execute(f'select count(*) from "{schema}"."{table}"').fetchone()[0])


def _in_one_line(message: str) -> str:
    return " ".join(message.split())


def rows_tested(home: Home) -> dict[str, int]:
    """For each dbt test of a night, the rows of the table it stands on; a table that may be empty, and is, is left out.

    So is one that rests on a source of which nothing is in force: its tests do not apply to such a night. Any other
    test over no rows has proved nothing, so the release asks for this. Raises FileNotFoundError before the first build,
    and after one that failed.
    """
    built = json.loads(_record(home).read_text(encoding="utf-8"))
    counts = {result["unique_id"]: result["rows"] or 0 for result in built["results"]}
    nodes = read_manifest(home.dbt_manifest)["nodes"]
    relations = {unique_id for unique_id, node in nodes.items() if node["resource_type"] in ("model", "seed")}
    in_force = _sources_in_force(home)
    tested: dict[str, int] = {}
    for node in nodes.values():
        if node["resource_type"] != "test" or TESTED_WITH_THE_CODE.removeprefix("tag:") in node["tags"]:
            continue
        upstream = [parent for parent in node["depends_on"]["nodes"] if parent in relations]
        attached = node.get("attached_node")
        judged = [attached] if attached in relations else upstream
        rows = max((counts.get(parent, 0) for parent in judged), default=0)
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


def _record(home: Home) -> Path:
    """Where the last build is kept when nothing of it failed."""
    return home.dbt_target / "built.json"


def _standing(home: Home, inputs: str) -> Build | None:
    """The last build, when it was made of these very inputs and its file has not been touched since."""
    record = _record(home)
    if not record.exists() or not home.warehouse.exists():
        return None
    kept = json.loads(record.read_text(encoding="utf-8"))
    if kept["inputs"] != inputs or kept["file"] != _file(home.warehouse):
        return None
    return Build(kept["built_at"], tuple(NodeResult(**result) for result in kept["results"]), is_repeated=True)


def _inputs(home: Home) -> str:
    """A fingerprint of all that a build depends on: the code, and every event and decision of the store."""
    digest = hashlib.sha256(fingerprint().encode())
    digest.update(reader_version().encode())
    for event in Store(home).events():
        digest.update(event.event_id.encode())
    for path in decision_files(home.store):
        digest.update(path.name.encode())
    return digest.hexdigest()


def _file(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]
