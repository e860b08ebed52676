"""A warehouse small enough to break on purpose: two councils, one date, and the tables that the gates read."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import duckdb

from dagster_project.contracts import Column, PublicTable
from dagster_project.home import Home
from dagster_project.release import manifest
from dagster_project.release.building import (
    Candidate,
    CandidateFacts,
    Submission,
    build_candidate,
    iso_utc,
    new_release_id,
)
from dagster_project.release.gates import CheckRun, GateContext


def _table(full_name: str, columns: str, may_be_empty: bool = False, caveats: tuple[str, ...] = ()) -> PublicTable:
    """Columns as "name TYPE, name! TYPE"; an exclamation mark refuses null."""
    schema, name = full_name.split(".")
    described = []
    for column in columns.split(", "):
        column_name, data_type = column.split(" ", maxsplit=1)
        name_only = column_name.rstrip("!")
        described.append(Column(name_only, data_type, f"What the council's {name_only} is.", name_only != column_name))
    return PublicTable(
        schema, name, f"One row per line of {name}.\nIt isn't real.", tuple(described), may_be_empty, caveats
    )


TABLES = (
    _table(
        "marts.fct_workforce",
        "organisation_code! VARCHAR, as_at_date! DATE, source! VARCHAR, return_group VARCHAR, submission_id VARCHAR, "
        "headcount BIGINT, fte DOUBLE, fte_permanent DOUBLE, fte_temporary DOUBLE, fte_vacant DOUBLE",
        caveats=("Comparison of councils is unreliable without knowing how each delivers its services.",),
    ),
    _table("quality.findings", "finding_id! VARCHAR, message VARCHAR, difference DOUBLE", may_be_empty=True),
    _table(
        "reference.explained_changes",
        "organisation_code VARCHAR, as_at_date DATE, return_group VARCHAR, measure VARCHAR, reason VARCHAR",
        may_be_empty=True,
    ),
    _table("reference.policies", "policy! VARCHAR, value! DOUBLE, unit VARCHAR"),
)

_WAREHOUSE_ROWS = """
    insert into marts.fct_workforce values
        ('E10000001', '2024-09-30', 'council_return', 'occupational_therapists', 'sub-1', 20, 17.5, 15.5, 2, 1.5),
        ('E10000001', '2024-09-30', 'council_return', 'managers', 'sub-1', 4, 4, 4, 0, null),
        ('E10000002', '2024-09-30', 'council_return', 'occupational_therapists', 'sub-2', 12, 10.25, 10.25, 0, 3);
    insert into reference.policies values
        ('large_change_minimum', 5, 'people or FTE'), ('large_change_share', 0.2, 'share');
    create schema intermediate;
    create table intermediate.int_submissions__rows_accounted (
        landed_table varchar, submission_id varchar,
        rows_landed bigint, rows_published bigint, rows_superseded bigint, rows_held_back bigint,
        rows_out_of_scope bigint
    );
    insert into intermediate.int_submissions__rows_accounted values
        ('council_returns', 'sub-1', 5000, 4980, 7, 3, 10), ('council_returns', 'sub-2', 120, 120, 0, 0, 0);
"""


@dataclass
class Workshop:
    """One home with a warehouse to change by SQL, and candidates built from it, each dated an hour after the last."""

    home: Home
    tables: Sequence[PublicTable] = TABLES
    hours: count[int] = field(default_factory=count)

    def build_warehouse(self) -> None:
        self.home.root.mkdir(parents=True)
        with duckdb.connect(str(self.home.warehouse)) as connection:
            for schema in ("marts", "quality", "reference"):
                connection.execute(f"create schema {schema}")
            for table in self.tables:
                columns = ", ".join(f"{column.name} {column.data_type}" for column in table.columns)
                connection.execute(f"create table {table.full_name} ({columns})")
            connection.execute(_WAREHOUSE_ROWS)

    def change(self, sql: str) -> None:
        with duckdb.connect(str(self.home.warehouse)) as connection:
            connection.execute(f"begin; {sql}; commit")

    def facts(self) -> CandidateFacts:
        created_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=next(self.hours))
        return CandidateFacts(
            release_id=new_release_id(created_at),
            created_at=created_at,
            project_version="0.1.0",
            commit=None,
            bundled_inputs=False,
            submissions=(Submission("sub-1", "ab" * 32, "north.xlsx", "accepted"),),
            findings={"error": 1},
        )

    def candidate(self, facts: CandidateFacts | None = None) -> Candidate:
        facts = facts or self.facts()
        return build_candidate(self.home.warehouse, self.tables, self.home.candidates / facts.release_id, facts)

    def copy_of(self, candidate: Candidate) -> Candidate:
        """A candidate of this workshop with the same tables, under an id of its own: quicker than building one."""
        facts = self.facts()
        folder = self.home.candidates / facts.release_id
        shutil.copytree(candidate.folder, folder)
        manifest.write(
            folder,
            manifest.read(folder) | {"release_id": facts.release_id, "created_at": iso_utc(facts.created_at)},
        )
        return Candidate(facts.release_id, folder, candidate.tables)

    def context(self, present: Candidate | None = None, check_runs: Sequence[CheckRun] = ()) -> GateContext:
        return GateContext(
            warehouse=self.home.warehouse,
            present_release=present.folder if present else None,
            home=self.home.root,
            project=Path(__file__).resolve().parents[2],
            check_runs=check_runs,
        )

    def with_column_type(self, full_name: str, column_name: str, data_type: str) -> None:
        """Change what the contract promises, and leave the warehouse as it is."""
        self.tables = tuple(
            replace(
                table,
                columns=tuple(
                    replace(column, data_type=data_type) if column.name == column_name else column
                    for column in table.columns
                ),
            )
            if table.full_name == full_name
            else table
            for table in self.tables
        )


def tamper(candidate: Candidate, sql: str) -> None:
    """Change a candidate behind the back of the warehouse it was built from."""
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute(f"begin; {sql}; commit")
