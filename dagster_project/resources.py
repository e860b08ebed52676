"""What assets are handed: the home they work in, held by one refresh at a time, and dbt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version

import dagster as dg
from dagster_dbt import DbtCliResource
from filelock import FileLock, Timeout
from packaging.version import Version

from dagster_project.home import DBT_PROJECT, Home
from dagster_project.warehouse import dbt_executable

ANOTHER_REFRESH_IS_RUNNING = "Another refresh is running on this home. Wait for it to end, then start again."


def refresh_lock(home: Home) -> FileLock:
    """The lock of a home. Within one process it may be taken again by whoever holds it."""
    home.root.mkdir(parents=True, exist_ok=True)
    return FileLock(home.refresh_lock, timeout=0, thread_local=False, is_singleton=True)


class RefreshHome(dg.ConfigurableResource["RefreshHome"]):
    """The home of this run. While the run lasts no other refresh can start on it."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RefreshHome]:
        try:
            with refresh_lock(self.home):
                yield self
        except Timeout as problem:
            raise dg.Failure(ANOTHER_REFRESH_IS_RUNNING) from problem

    @property
    def home(self) -> Home:
        return Home.from_environment()


class DbtWithoutDetours(DbtCliResource):
    """dbt as dagster-dbt runs it, less two detours that cost a night some eight seconds of its fifteen.

    Asking `dbt --version` for the version also asks the network for newer ones; and a handle to dbt's own database
    adapter is made in this process, which only `fetch_row_counts` and `fetch_column_metadata` would use.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:
        return None


def dbt_resource() -> DbtCliResource:
    return DbtWithoutDetours(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=dbt_executable())
