"""The private warehouse: asking dbt to parse and build, and asking DuckDB what came of it.

Belongs here: running dbt from outside, and reading row counts. Does not: any rule; those are SQL in `dbt/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dagster_project.contracts import read_manifest
from dagster_project.home import DBT_PROJECT, PROJECT_ROOT, Home


class DbtProblem(Exception):
    """dbt could not parse or build the project. The message ends with what dbt said."""


def dbt_executable() -> str:
    """The dbt beside the running Python, whatever else is on the PATH."""
    folder = Path(sys.executable).parent
    return str(next((path for path in (folder / "dbt", folder / "dbt.exe") if path.exists()), "dbt"))


def prepare_manifest(home: Home) -> Path:
    """Has dbt parse the project when anything it reads has changed since it last did. Gives the manifest's path.

    Raises DbtProblem when the project does not parse.
    """
    home.export()
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    stamp = home.dbt_target / "parsed.sha256"
    fingerprint = _fingerprint(home)
    if not home.dbt_manifest.exists() or not stamp.exists() or stamp.read_text() != fingerprint:
        stamp.unlink(missing_ok=True)
        run_dbt(home, "parse")
        stamp.write_text(fingerprint)
    return home.dbt_manifest


def run_dbt(home: Home, *arguments: str) -> None:
    """Runs one dbt command on the project, in the home's target folder. Raises DbtProblem when it fails."""
    home.export()
    done = subprocess.run(
        [dbt_executable(), *arguments, "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)],
        env=os.environ | {"DBT_TARGET_PATH": str(home.dbt_target), "DBT_LOG_PATH": str(home.dbt_target)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DbtProblem(f"dbt {arguments[0]} did not succeed. It said:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def row_counts(home: Home, relations: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Rows in each (schema, table) of the warehouse; one that is not there is left out."""
    import duckdb

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
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


def what_dbt_refused(home: Home) -> str:
    """The models and tests that failed in the last build, one sentence each; empty when none did."""
    results = home.dbt_target / "run_results.json"
    if not results.exists():
        return ""
    failed = [
        result
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]
        if result["status"] in ("error", "fail")
    ]
    named = [
        f"{result['unique_id'].split('.')[2]}: {' '.join((result['message'] or '').split())[:300]}."
        for result in failed[:3]
    ]
    return " ".join([*named, f"And {len(failed) - 3} more." if len(failed) > 3 else ""]).strip()


def rows_tested(home: Home) -> dict[str, int]:
    """For each dbt test, the rows of the table it stands on; a table that may be empty, and is, is left out.

    A test over no rows has proved nothing, so the release asks for this.
    """
    nodes = read_manifest(home.dbt_manifest)["nodes"]
    relations = {
        unique_id: (node["schema"], node["alias"])
        for unique_id, node in nodes.items()
        if node["resource_type"] in ("model", "seed")
    }
    counts = row_counts(home, relations.values())
    tested: dict[str, int] = {}
    for node in nodes.values():
        if node["resource_type"] != "test":
            continue
        upstream = [parent for parent in node["depends_on"]["nodes"] if parent in relations]
        attached = node.get("attached_node")
        judged = [attached] if attached in relations else upstream
        rows = max((counts.get(relations[parent], 0) for parent in judged), default=0)
        if rows or not all(_may_be_empty(nodes[parent]) for parent in judged):
            tested[node["name"]] = rows
    return tested


def _may_be_empty(node: dict[str, Any]) -> bool:
    return bool((node["config"].get("meta") or {}).get("may_be_empty", False))


def _fingerprint(home: Home) -> str:
    digest = hashlib.sha256(str(home.root).encode())
    read_by_dbt = [path for path in DBT_PROJECT.rglob("*") if path.suffix in (".sql", ".yml")]
    seeds = list((PROJECT_ROOT / "seeds" / "reference").glob("*"))
    for path in sorted([*read_by_dbt, *seeds, PROJECT_ROOT / "uv.lock"]):
        if path.is_file():
            digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
