"""The promises of the public tables and the way they are made, read from what dbt knows about them.

Belongs here: turning dbt's manifest into table and column promises, and into steps. Does not: the promises themselves,
which are written once, in the YAML beside each model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

PUBLIC_SCHEMAS = ("marts", "quality", "reference")
# How the caution begins without which neither a site nor a table to take away is made.
CAUTION_BEGINS = "Comparing one council with another"


@dataclass(frozen=True)
class Column:
    """One column of a public table: its DuckDB type, description, and whether null is refused."""

    name: str
    data_type: str
    description: str
    not_null: bool


@dataclass(frozen=True)
class PublicTable:
    """One public table. The first sentence of the description is its grain.

    `rests_on` names the one source that fills it, where there is one: without anything of that source in force it is
    empty, and rightly.
    """

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]
    may_be_empty: bool = False
    caveats: tuple[str, ...] = ()
    rests_on: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def grain(self) -> str:
        return first_sentence(self.description)


def first_sentence(description: str) -> str:
    """The first sentence of a description, on one line; all of it where no sentence ends."""
    text = " ".join(description.split())
    ends = re.search(r"\.(?= |$)", text)
    return text[: ends.end()] if ends else text


@dataclass(frozen=True)
class Step:
    """One table on the way from the landed rows to the release: its name with its schema, its description, and the
    tables it is made from directly. What was landed and the lists kept with the code are made from none.
    """

    name: str
    description: str
    made_from: tuple[str, ...]


def read_manifest(dbt_manifest: Path) -> Mapping[str, Any]:
    """What dbt knows of the project, to be read only. Raises FileNotFoundError when dbt has not parsed it yet."""
    state = dbt_manifest.stat()
    return _read_manifest(dbt_manifest, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _read_manifest(dbt_manifest: Path, _saved: int, _size: int) -> Mapping[str, Any]:
    # Several steps of a night ask, and each reading takes a third of a second.
    manifest: dict[str, Any] = json.loads(dbt_manifest.read_text(encoding="utf-8"))
    return manifest


def public_tables(dbt_manifest: Path) -> list[PublicTable]:
    """Every public table of the project, in schema and name order.

    Raises FileNotFoundError when dbt has not parsed the project yet.
    """
    tables = [
        _public_table(node)
        for node in read_manifest(dbt_manifest)["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] in PUBLIC_SCHEMAS
    ]
    order = {schema: position for position, schema in enumerate(PUBLIC_SCHEMAS)}
    return sorted(tables, key=lambda table: (order[table.schema], table.name))


def steps(dbt_manifest: Path) -> list[Step]:
    """Every table that something public is made from, and the public ones, in the order of their names.

    Raises FileNotFoundError when dbt has not parsed the project yet.
    """
    known = read_manifest(dbt_manifest)
    nodes = {
        key: node
        for key, node in (known["nodes"] | known["sources"]).items()
        if node["resource_type"] in ("model", "seed", "source")
    }
    names = {key: f"{node['schema']}.{node['name']}" for key, node in nodes.items()}
    made_from = {
        key: tuple(sorted(set(node.get("depends_on", {}).get("nodes", ())) & nodes.keys()))
        for key, node in nodes.items()
    }
    needed: set[str] = set()
    waiting = [key for key, node in nodes.items() if node["schema"] in PUBLIC_SCHEMAS]
    while waiting:
        key = waiting.pop()
        if key not in needed:
            needed.add(key)
            waiting += made_from[key]
    found = [
        Step(names[key], nodes[key]["description"], tuple(sorted(names[parent] for parent in made_from[key])))
        for key in needed
    ]
    return sorted(found, key=lambda step: step.name)


def _public_table(node: dict[str, Any]) -> PublicTable:
    meta = node["config"].get("meta") or {}
    # A seed's types are what dbt loads it by; a model's are what its contract enforces.
    seed_types = node["config"].get("column_types") or {}
    return PublicTable(
        schema=node["schema"],
        name=node["alias"] or node["name"],
        description=node["description"],
        columns=tuple(
            Column(
                name=column["name"],
                data_type=seed_types.get(column["name"]) or column.get("data_type") or "",
                description=column["description"],
                not_null=any(rule["type"] == "not_null" for rule in column.get("constraints") or []),
            )
            for column in node["columns"].values()
        ),
        may_be_empty=bool(meta.get("may_be_empty", False)),
        caveats=tuple(meta.get("caveats", ())),
        rests_on=meta.get("rests_on", ""),
    )
