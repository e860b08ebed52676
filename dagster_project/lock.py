"""One writer at a time: the lock of a home, taken by whatever adds to its store.

Belongs here: the lock and what is said when it is taken. Does not: what is done under it.
"""

from __future__ import annotations

from filelock import FileLock

from dagster_project.home import Home

ANOTHER_REFRESH_IS_RUNNING = "Another refresh is running on this home. Wait for it to end, then start again."


def refresh_lock(home: Home) -> FileLock:
    """The lock of a home. Within one process it may be taken again by whoever holds it."""
    home.root.mkdir(parents=True, exist_ok=True)
    return FileLock(home.refresh_lock, timeout=0, thread_local=False, is_singleton=True)
