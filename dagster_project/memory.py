"""How much memory a refresh takes: this process and those beside it together, looked at once a second.

Belongs here: measuring. Does not: what is measured.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

SECONDS_BETWEEN_LOOKS = 1.0
_MEGABYTE = 1024 * 1024
_under_way: list[MemoryWatch] = []


class MemoryWatch:
    """The most that a process (this one, unless named) and its children were seen to hold, in MB of 1,048,576 bytes."""

    def __init__(self, process_id: int | None = None) -> None:
        self._process_id = process_id
        self.peak_mb = 0.0

    def look(self) -> None:
        """What processes share is counted once where the system says so (Linux), else once for each of them."""
        try:
            this = psutil.Process(self._process_id)
            processes = (this, *this.children(recursive=True))
        except psutil.NoSuchProcess:
            return
        used = sum(map(_used, processes))
        self.peak_mb = max(self.peak_mb, round(used / _MEGABYTE, 1))


@contextmanager
def watched_memory() -> Iterator[MemoryWatch]:
    """Watches for as long as the block lasts. Inside such a block it is the same watch: looking takes time."""
    if _under_way:
        yield _under_way[0]
        return
    watch, ended = MemoryWatch(), threading.Event()
    _under_way.append(watch)
    watch.look()

    def keep_looking() -> None:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            watch.look()

    looking = threading.Thread(target=keep_looking, daemon=True)
    looking.start()
    try:
        yield watch
    finally:
        _under_way.clear()
        ended.set()
        looking.join()


def _used(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
        return int(getattr(memory, "pss", memory.rss))
    except psutil.Error:
        # It has ended meanwhile, or is nobody's to look at.
        return 0
