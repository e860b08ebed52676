"""What assets are handed: the home they work in, held by one refresh at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import Timeout

from dagster_project.home import Home
from dagster_project.lock import ANOTHER_REFRESH_IS_RUNNING, refresh_lock

WAITS_FOR_ANOTHER_SECONDS = 30 * 60


class RefreshHome(dg.ConfigurableResource["RefreshHome"]):
    """The home of this run. While the run lasts no other refresh can start on it.

    A run started by the schedule or on the web page waits for the one before it; `ahp refresh` holds the home already.
    """

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RefreshHome]:
        from dagster_project.outcome import recorded

        try:
            lock = refresh_lock(self.home).acquire(timeout=WAITS_FOR_ANOTHER_SECONDS)
        except Timeout:
            raise dg.Failure(ANOTHER_REFRESH_IS_RUNNING) from None
        with lock, recorded(self.home):
            yield self

    @property
    def home(self) -> Home:
        return Home.from_environment()
