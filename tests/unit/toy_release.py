"""A home with small releases in it, laid out as published ones are."""

from __future__ import annotations

import functools
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.home import RELEASE_DATABASE, Home
from dagster_project.release import archive, manifest

MADE_AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

RED_MARKUP = "[red]x[/red]"
RED_ESCAPE = "\x1b[31mred"

_CONTENTS = """
    create schema marts;
    create schema quality;
    create schema reference;

    create table marts.fct_workforce (
        organisation_name varchar, as_at_date date, headcount bigint, fte decimal(12, 2), fte_vacant decimal(12, 2),
        note varchar
    );
    insert into marts.fct_workforce values
        ('Derby City', '2024-09-30', 20, 17.50, 4.00, '=1+1'),
        ('Derbyshire', '2024-09-30', 12, 10.25, null, ''),
        ('Nottingham', '2024-09-30', 1200, 1051.30, 0.00, null);
    comment on table marts.fct_workforce is 'One row per organisation and date.';
    comment on column marts.fct_workforce.fte is 'Full-time equivalent.';

    create table marts.regional_workforce (geography_name varchar, fte decimal(12, 2));
    insert into marts.regional_workforce values ('East Midlands', 263.05), ('West Midlands', 250.33);

    create table marts.dim_organisation (organisation_code varchar, organisation_name varchar);
    insert into marts.dim_organisation values
        ('E1', 'Derby City'), ('E2', 'Derbyshire'), ('E3', 'Nottingham'), ('E4', 'Nottinghamshire');

    create table quality.findings (
        finding_id varchar, rule_id varchar, severity varchar, organisation_name varchar,
        source_file varchar, source_sheet varchar, source_row integer, source_cell varchar,
        message varchar, suggestion varchar, status varchar
    );
    insert into quality.findings values
        ('f4', 'large_change', 'info', 'Nottingham', 'returns.csv', null, null, null,
            'FTE rose by a third.', 'Say why, if it is right.', 'open'),
        ('f3', 'text_in_number', 'warning', 'Derby City', 'returns.csv', null, 7, 'F7',
            '"19*inc housing" is not a number.', 'Send 19, and put the rest in the comment.', 'open'),
        ('f1', 'headcount_not_whole', 'error', 'Derbyshire', 'returns.xlsx', 'OTs', 12, null,
            'Headcount is 7.5.', 'Send a whole number of people.', 'open'),
        ('f2', 'unknown_organisation', 'error', null, 'returns.xlsx', 'OTs', 13, null, $markup, $escape, 'open'),
        ('f5', 'value_missing', 'error', 'Derby City', 'returns.csv', null, 3, null,
            'FTE is empty.', 'Send it.', 'resolved');

    create table reference.policies (policy varchar, value double, unit varchar, description varchar);
    insert into reference.policies values ('freshness_limit_hours', 30, 'hours', 'A release older than this is stale.');
"""

_DESCRIPTIONS = {
    "marts.fct_workforce": "One row per organisation and date.\nAs the councils returned it.",
    "marts.regional_workforce": "One row per region.",
    "marts.dim_organisation": "One row per organisation.",
    "quality.findings": "One row per finding.",
    "reference.policies": "One row per policy.",
}
_CAVEATS = {"marts.fct_workforce": ["Comparing councils is unreliable without knowing how each delivers its services."]}


def make_release(home: Home, made_at: datetime = MADE_AT, suffix: str = "ab12cd", change: str = "") -> Path:
    """A release in force, made at that moment, with its tables as a statement of SQL changed them. Gives its folder."""
    folder = home.releases / f"{made_at:%Y-%m-%dT%H%M%SZ}-{suffix}"
    folder.mkdir(parents=True)
    database, described, copies = _built_once(change)
    (folder / RELEASE_DATABASE).write_bytes(database)
    for copy, content in copies.items():
        (folder / copy).parent.mkdir(parents=True, exist_ok=True)
        (folder / copy).write_bytes(content)
    created_at = f"{made_at:%Y-%m-%dT%H:%M:%SZ}"
    manifest.write(
        folder,
        {
            "release_id": folder.name,
            "created_at": created_at,
            "released_at": created_at,
            "commit": None,
            "project_version": "0.1.0",
            "bundled_inputs": False,
            "invented_sources": [],
            "tables": described,
            "findings": {"error": 2, "warning": 1, "info": 1},
            "files": manifest.files_of(folder),
        },
    )
    latest = {"release_id": folder.name, "released_at": created_at, "path": folder.name}
    (home.releases / "latest.json").write_text(json.dumps(latest), encoding="utf-8")
    return folder


def keep_for_good(home: Home, folder: Path) -> None:
    """What publishing does before a release is put in force, and just after it."""
    contents = manifest.read(folder)
    archive.keep(home, folder.name, folder, contents)
    archive.record(home, archive.Act(datetime.fromisoformat(contents["released_at"]), folder.name))


@functools.cache
def _built_once(change: str) -> tuple[bytes, list[dict[str, object]], dict[str, bytes]]:
    """The database as bytes, its tables as a manifest describes them, and each table's Parquet file by its path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / RELEASE_DATABASE
        with duckdb.connect(str(path)) as connection:
            for statement in _CONTENTS.strip().split(";\n"):
                values = {"markup": RED_MARKUP, "escape": RED_ESCAPE} if "$markup" in statement else None
                connection.execute(statement, values)
            connection.execute(change)
            # A table that only some tests need is there when `change` made it.
            added = connection.execute(
                "select 'quality.' || table_name from duckdb_tables() where table_name = 'role_coding'"
            ).fetchall()
            names = [*_DESCRIPTIONS, *(name for (name,) in added)]
            described = [_described(connection, name) for name in names]
            copies = {}
            for name in names:
                copy = Path(folder) / "copy.parquet"
                connection.execute(f"copy {name} to '{copy.as_posix()}' (format parquet, compression zstd)")
                copies[f"parquet/{name.replace('.', '/')}.parquet"] = copy.read_bytes()
        return path.read_bytes(), described, copies


def _described(connection: duckdb.DuckDBPyConnection, full_name: str) -> dict[str, object]:
    schema, name = full_name.split(".")
    (rows,) = connection.execute(f"select count(*) from {full_name}").fetchall()[0]
    return {
        "schema": schema,
        "name": name,
        "rows": rows,
        "description": _DESCRIPTIONS.get(full_name, "One row per title."),
        "caveats": _CAVEATS.get(full_name, []),
        "columns": [
            {"name": column, "data_type": data_type, "description": f"What {column} means."}
            for column, data_type, *_ in connection.execute(f"describe {full_name}").fetchall()
        ],
    }
