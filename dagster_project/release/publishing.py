"""Putting a candidate in force: a new folder beside the old ones, and one small file that names it.

Belongs here: moving, pointing, pruning, rolling back. Does not: deciding whether a candidate may be released (gates).

The order of the steps keeps the old release in force until the very last one that counts, replacing latest.json. What
the release holds is in the archive by then, for good. Nobody writes to a release again, so whoever has one open keeps
on reading the same numbers.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster_project.home import RELEASE_DATABASE, Home
from dagster_project.release import archive, manifest
from dagster_project.release.archive import Act
from dagster_project.release.building import Candidate, iso_utc
from dagster_project.release.files import patiently, write_whole
from dagster_project.release.gates import GATE_NAMES, GateResult

progress = logging.getLogger("ahp.progress")

LATEST = "latest.json"
LATEST_LINK = "latest"
FAILED = "failed"
KEPT_RELEASES = 30

_RELEASE_ID = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{6}")


class ReleaseError(Exception):
    """A release could not be published, found or pointed at. The old one stays in force."""


@dataclass(frozen=True)
class Release:
    """A published release. `manifest` is its manifest.json; `is_latest` tells whether it is the one in force."""

    release_id: str
    folder: Path
    manifest: dict[str, Any]
    is_latest: bool

    @property
    def database(self) -> Path:
        return self.folder / RELEASE_DATABASE

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest["created_at"])

    @property
    def released_at(self) -> datetime:
        """When it was first put in force; a rollback does not make it any younger."""
        return datetime.fromisoformat(self.manifest["released_at"])


def publish(candidate: Candidate, home: Home, gates: Sequence[GateResult]) -> Release:
    """Put the candidate in force. From the moment this returns, its folder is the release.

    Raises ReleaseError when a gate has failed or was not run, when the release id is taken, or when what it holds
    cannot be kept for good. Whatever goes wrong before latest.json is replaced leaves the old release in force; what
    comes after (link, pruning) is not vital.
    """
    _refuse_unless_all_passed(gates)
    folder = home.releases / candidate.release_id
    if not _RELEASE_ID.fullmatch(candidate.release_id):
        raise ReleaseError(f"{candidate.release_id} is not a release id; one looks like 2026-11-22T020000Z-ab12cd.")
    if folder.exists():
        raise ReleaseError(f"A release {candidate.release_id} exists already. Build the candidate under a new id.")
    home.releases.mkdir(parents=True, exist_ok=True)
    contents = _with_gates(candidate, gates) | {
        "released_at": iso_utc(_now()),
        "files": manifest.files_of(candidate.folder),
    }
    manifest.write(candidate.folder, contents)
    _keep_for_good(home, candidate.release_id, candidate.folder, contents)
    patiently(lambda: os.replace(candidate.folder, folder))
    release = Release(candidate.release_id, folder, contents, is_latest=True)
    _put_in_force(home, release)
    _prune(home, release.release_id)
    return release


def releases(home: Home) -> list[Release]:
    """Every release that is kept, newest first. Folders without a readable manifest are none."""
    try:
        latest_id = _latest_id(home)
    except ReleaseError:
        # A person who must roll back because latest.json is damaged still needs the list.
        latest_id = None
    found = (_release_in(folder, is_latest=folder.name == latest_id) for folder in _release_folders(home))
    return [release for release in found if release is not None]


def latest_release(home: Home) -> Release | None:
    """The release in force, or None when nothing has been released yet.

    Raises ReleaseError when latest.json is damaged or names a release that is not there: to take that for "no release
    yet" would let any change through as if it were the first.
    """
    release_id = _latest_id(home)
    if release_id is None:
        return None
    release = _release_in(home.releases / release_id, is_latest=True)
    if release is None:
        raise ReleaseError(
            f"{LATEST} names the release {release_id}, which is missing or has no readable manifest. "
            f"Point it at one that is kept with `ahp rollback RELEASE_ID`. {_kept(home)}"
        )
    return release


def rollback(home: Home, release_id: str) -> Release:
    """Put an earlier release in force again, once its files are found to be as they were published.

    Raises ReleaseError when it is not kept, when a file differs, or when it cannot be kept for good.
    """
    release = next((release for release in releases(home) if release.release_id == release_id), None)
    if release is None:
        raise ReleaseError(f"No release {release_id} is kept. {_kept(home)}")
    differences = verify(release)
    if differences:
        raise ReleaseError(
            f"Release {release_id} is not as it was published, so it was not put in force: {' '.join(differences)} "
            f"Choose another. {_kept(home)}"
        )
    _keep_for_good(home, release.release_id, release.folder, release.manifest)
    _put_in_force(home, release)
    return Release(release.release_id, release.folder, release.manifest, is_latest=True)


def acts_in_force(home: Home) -> list[Act]:
    """From when which release was in force, oldest first: each was until the next. Rollbacks are among them."""
    return sorted({*archive.acts(home), *_acts_not_written_down(home)})


def verify(release: Release) -> list[str]:
    """How the files of a release differ from its manifest, one sentence each; none when all are as published."""
    return manifest.differences(release.folder)


def keep_failed(candidate: Candidate, home: Home, gates: Sequence[GateResult]) -> Path:
    """Keep a candidate that failed as `candidates/failed`, the gates in its manifest; only the newest is kept.

    Returns where it lies: under its own id when somebody has the earlier one open, on systems where that locks it.
    """
    manifest.write(candidate.folder, _with_gates(candidate, gates))
    failed = home.candidates / FAILED
    try:
        _remove(failed, home)
        patiently(lambda: os.replace(candidate.folder, failed))
    except OSError:
        return candidate.folder
    return failed


def clear_candidates(home: Home) -> None:
    """Remove what earlier nights left in the candidates folder, but for the failed one. Run under the refresh lock.

    What somebody has open, on systems where that locks it, is left for the next night.
    """
    if home.candidates.is_dir():
        for folder in home.candidates.iterdir():
            if folder.name != FAILED:
                shutil.rmtree(folder, ignore_errors=True)


def _refuse_unless_all_passed(gates: Sequence[GateResult]) -> None:
    failed = [f"{gate.name}: {gate.reason}" for gate in gates if not gate.passed]
    missing = [name for name in GATE_NAMES if name not in {gate.name for gate in gates}]
    if missing:
        failed.append(f"not run: {', '.join(missing)}.")
    if failed:
        raise ReleaseError(f"The candidate was not released. {' '.join(failed)}")


def _with_gates(candidate: Candidate, gates: Sequence[GateResult]) -> dict[str, Any]:
    return manifest.read(candidate.folder) | {"gates": [asdict(gate) for gate in gates]}


def _keep_for_good(home: Home, release_id: str, folder: Path, contents: Mapping[str, Any]) -> None:
    """Everything the archive must hold before this release may be put in force."""
    try:
        for kept in releases(home):
            if not archive.holds(home, kept.release_id):
                _keep_if_as_published(home, kept)
        archive.keep(home, release_id, folder, contents)
        for act in _acts_not_written_down(home):
            archive.record(home, act)
    except OSError as error:
        # The night reports the innermost cause, and the system's own words do not say what to do.
        raise ReleaseError(
            f"What the release {release_id} holds could not be kept in store/released ({error.strerror or error}), "
            "so it was not put in force. See that the disk has room and that this account may write there; start again."
        ) from None
    except archive.ArchiveError as error:
        raise ReleaseError(
            f"What the release {release_id} holds could not be kept in store/released, so it was not put in force. "
            f"{error}"
        ) from None


def _keep_if_as_published(home: Home, release: Release) -> None:
    try:
        archive.keep(home, release.release_id, release.folder, release.manifest)
    except archive.CannotBeKept as problem:
        # It can be made good from a backup for as long as its folder is kept, and must not stop the nights.
        progress.warning("An earlier release could not be kept for good. %s", problem)


def _acts_not_written_down(home: Home) -> list[Act]:
    """latest.json holds the newest act, and one from before there was an archive tells as little as this."""
    try:
        latest = _latest(home)
    except ReleaseError:
        return []
    if latest is None:
        return []
    if "in_force_since" in latest:
        return [Act(latest["in_force_since"], latest["release_id"])]
    known = [release for release in releases(home) if "released_at" in release.manifest]
    acts = sorted(Act(release.released_at, release.release_id) for release in known)
    if acts and acts[-1].release_id != latest["release_id"]:
        replaced = datetime.fromtimestamp((home.releases / LATEST).stat().st_mtime, UTC)
        acts.append(Act(replaced, latest["release_id"]))
    return acts


def _put_in_force(home: Home, release: Release) -> None:
    act = Act(_now(), release.release_id)
    contents = {
        "release_id": release.release_id,
        "released_at": release.manifest["released_at"],
        "in_force_since": archive.instant_text(act.instant),
        "path": release.folder.name,
    }
    write_whole(home.releases / LATEST, (json.dumps(contents, indent=2) + "\n").encode())
    # What was just written says it too, and the next release is not put in force before the archive does.
    with contextlib.suppress(OSError):
        archive.record(home, act)
    _point_link(home, release.release_id)


def _now() -> datetime:
    return datetime.now(UTC)


def _point_link(home: Home, release_id: str) -> None:
    link = home.releases / LATEST_LINK
    replacement = home.releases / f"{LATEST_LINK}.new"
    try:
        replacement.unlink(missing_ok=True)
        os.symlink(release_id, replacement, target_is_directory=True)
        try:
            os.replace(replacement, link)
        except OSError:
            # Windows does not replace a link to a folder in one step.
            link.unlink()
            os.replace(replacement, link)
    except OSError:
        # Not every system has links. None at all is better than one that names an old release.
        for leftover in (replacement, link):
            if leftover.is_symlink():
                with contextlib.suppress(OSError):
                    leftover.unlink()


def _prune(home: Home, latest_id: str) -> None:
    for folder in _release_folders(home)[KEPT_RELEASES:]:
        if folder.name != latest_id:
            try:
                _remove(folder, home)
            except OSError:
                # Somebody has it open; the next night tries again.
                continue


def _remove(folder: Path, home: Home) -> None:
    """Move the folder out of sight first: where an open file blocks that, it stays whole, not half deleted."""
    if folder.exists():
        home.candidates.mkdir(parents=True, exist_ok=True)
        removed = home.candidates / f"removed-{folder.name}-{secrets.token_hex(3)}"
        os.replace(folder, removed)
        shutil.rmtree(removed, ignore_errors=True)


def _release_in(folder: Path, is_latest: bool) -> Release | None:
    try:
        return Release(folder.name, folder, manifest.read(folder), is_latest)
    except (OSError, ValueError):
        return None


def _release_folders(home: Home) -> list[Path]:
    """Newest first: release ids sort by time."""
    if not home.releases.is_dir():
        return []
    folders = [path for path in home.releases.iterdir() if _RELEASE_ID.fullmatch(path.name) and path.is_dir()]
    return sorted(folders, key=lambda folder: folder.name, reverse=True)


def _latest_id(home: Home) -> str | None:
    latest = _latest(home)
    return latest["release_id"] if latest else None


def _latest(home: Home) -> dict[str, Any] | None:
    path = home.releases / LATEST
    try:
        contents = dict(json.loads(patiently(lambda: path.read_text(encoding="utf-8"))))
        if not _RELEASE_ID.fullmatch(str(contents["release_id"])):
            raise ValueError(f"{contents['release_id']} is not a release id")
        if "in_force_since" in contents:
            contents["in_force_since"] = datetime.fromisoformat(contents["in_force_since"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{LATEST} in the releases folder cannot be read ({error}). "
            f"Write it again with `ahp rollback RELEASE_ID`. {_kept(home)}"
        ) from error
    return contents


def _kept(home: Home) -> str:
    names = [folder.name for folder in _release_folders(home)]
    return f"Kept: {', '.join(names)}." if names else "None is kept."
