"""Files that have just come are checked at once, so that whoever sent them need not wait for the night.

Belongs here: noticing new files and writing the report of each where its sender can see it. Does not: checking
(checking), or letting anything count: that stays with the night.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dagster_project.home import Home
from dagster_project.returns.checking import FOLDER, check_files
from dagster_project.sources.landing import files_in, source_file_of

# A file that changed this recently may still be on its way.
SETTLED_SECONDS = 2.0
# Most of a check is the rules, which run once for all its files; few enough that a look knows when its time is up.
CHECKED_AT_ONCE = 10
# Systems allow 255 bytes for a name, and what is written beside it until it is whole adds to the report's own ending.
_LONGEST_NAME_BYTES = 230
_logger = logging.getLogger(__name__)

Seen = dict[str, list[int]]


@dataclass(frozen=True)
class Arrivals:
    """What one look came to: the files seen so far, by size and time of saving, and those reported on now.

    `waiting` holds, in the same form, those left for the next look: for want of time, because they could not be
    checked, or because they may still be on their way.
    """

    seen: Seen
    reported: tuple[str, ...]
    waiting: Seen

    @property
    def are_waiting(self) -> bool:
        return bool(self.waiting)


def report_on_arrivals(
    home: Home, seen: Mapping[str, list[int]], seconds: float, waiting: Mapping[str, list[int]] | None = None
) -> Arrivals:
    """Checks each file that is new in the landing folder, or has changed, and writes its report; stops when time is up.

    `seen` and `waiting` are those of the look before. The bundled inputs are nobody's arrival. A file that cannot be
    checked is looked at again next time.
    """
    known: Seen = {}
    left: Seen = {}
    arrived: dict[str, Path] = {}
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
        left[name] = signs
        # A clock that is ahead saves files in the future; two looks that find the same have waited long enough.
        if time.time() - state.st_mtime >= SETTLED_SECONDS or (waiting or {}).get(name) == signs:
            arrived[name] = path
    reported: list[str] = []
    names = list(arrived)
    for start in range(0, len(names), CHECKED_AT_ONCE):
        if time.monotonic() > ends_at:
            break
        together = {name: arrived[name] for name in names[start : start + CHECKED_AT_ONCE]}
        for name in _reported_on(home, together, ends_at):
            known[name] = left.pop(name)
            reported.append(name)
    return Arrivals(known, tuple(reported), left)


def _reported_on(home: Home, files: Mapping[str, Path], ends_at: float) -> Iterator[str]:
    """The names of the files whose reports are written."""
    try:
        write_reports(home, files)
    except Exception:
        if len(files) == 1:
            (name,) = files
            _logger.warning("Checking %s failed.", name, exc_info=True)
            return
    else:
        yield from files
        return
    # One file must not keep the others from being checked.
    for name, path in files.items():
        if time.monotonic() <= ends_at:
            yield from _reported_on(home, {name: path}, ends_at)


def write_reports(home: Home, files: Mapping[str, Path]) -> None:
    """Checks files as if they came together and writes the report of each as a page and as JSON.

    `files` are by their place below the landing folder; a report stands at the same place below the reports folder.
    Raises OSError when a report cannot be written, and whatever `check_files` raises.
    """
    from dagster_project.returns import report

    checked = check_files(list(files.values()), home)
    for name, file in zip(files, checked.files, strict=True):
        page = _page(home, name)
        page.parent.mkdir(parents=True, exist_ok=True)
        of_file = replace(checked, files=(file,))
        _write(page.with_suffix(".json"), report.as_json(of_file))
        _write(page, report.as_html(of_file))


def _page(home: Home, name: str) -> Path:
    """Where the page of a file stands: under the file's own name, or the beginning of one that is too long."""
    place = home.reports / name
    own_name = place.name.encode()
    if len(own_name) > _LONGEST_NAME_BYTES:
        # Names that begin alike stay apart.
        mark = hashlib.sha256(own_name).hexdigest()[:12]
        beginning = own_name[: _LONGEST_NAME_BYTES - len(mark) - 1].decode(errors="ignore")
        place = place.with_name(f"{beginning}_{mark}")
    return place.with_name(f"{place.name}.check.html")


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)
