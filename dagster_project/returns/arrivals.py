"""Files that have just come are checked at once, so that whoever sent them need not wait for the night.

Belongs here: noticing new files and writing the report of each where its sender can see it. Does not: checking
(checking), or letting anything count: that stays with the night.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_project.home import Home
from dagster_project.returns.checking import FOLDER, check_files
from dagster_project.sources.landing import files_in, source_file_of

# A file that changed this recently may still be on its way.
SETTLED_SECONDS = 2.0
_logger = logging.getLogger(__name__)

Seen = dict[str, list[int]]


@dataclass(frozen=True)
class Arrivals:
    """What one look came to: the files seen so far, by size and time of saving, and those reported on now.

    `are_waiting` says that some were left for the next look, for want of time or because they were still being written.
    """

    seen: Seen
    reported: tuple[str, ...]
    are_waiting: bool


def report_on_arrivals(home: Home, seen: Mapping[str, list[int]], seconds: float) -> Arrivals:
    """Checks each file that is new in the landing folder, or has changed, and writes its report; stops when time is up.

    The bundled inputs are nobody's arrival. A file that cannot be checked is looked at again next time.
    """
    known: Seen = {}
    reported: list[str] = []
    are_waiting = False
    ends_at = time.monotonic() + seconds
    for path in () if home.uses_bundled_inputs else files_in(home.landing / FOLDER):
        name = source_file_of(home.landing, path)
        try:
            state = path.stat()
        except OSError:
            continue
        signs = [state.st_size, state.st_mtime_ns]
        if seen.get(name) == signs:
            known[name] = signs
            continue
        if time.monotonic() > ends_at or time.time() - state.st_mtime < SETTLED_SECONDS:
            are_waiting = True
            continue
        try:
            write_report(home, path, name)
        except Exception:
            # One file must not keep the others from being checked; it is tried again at the next look.
            _logger.warning("Checking %s failed.", name, exc_info=True)
            are_waiting = True
            continue
        known[name] = signs
        reported.append(name)
    return Arrivals(known, tuple(reported), are_waiting)


def write_report(home: Home, path: Path, name: str) -> Path:
    """Checks one file and writes its report as a page and as JSON. Gives the page's path.

    `name` is the file's place below the landing folder; the report stands at the same place below the reports folder.
    """
    from dagster_project.returns import report

    checked = check_files([path], home)
    page = home.reports / f"{name}.check.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    for target, content in (
        (page.with_suffix(".json"), report.as_json(checked)),
        (page, report.as_html(checked)),
    ):
        partial = target.with_name(f"{target.name}.partial")
        partial.write_bytes(content)
        os.replace(partial, target)
    return page
