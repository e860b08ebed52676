"""Writing a file so that nobody ever meets half of it, on systems that lock what somebody has open as well.

Belongs here: the write and the wait. Does not: what is written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_WAITS_SECONDS = (0.1, 0.2, 0.4, 0.8)

Outcome = TypeVar("Outcome")


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the place and moves it there once the disk has it. Raises OSError; the old file then stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replacement = path.with_name(f"{path.name}.new")
    with replacement.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    patiently(lambda: os.replace(replacement, path))


def patiently(action: Callable[[], Outcome]) -> Outcome:
    """Windows refuses to move or replace a file for as long as a reader or a virus scanner has it open."""
    for wait in _WAITS_SECONDS:
        try:
            return action()
        except PermissionError:
            time.sleep(wait)
    return action()
