"""The manifest of a release: what it was built from, what it holds, how it was judged, and the hash of every file.

Belongs here: reading, writing and checking manifest.json. Does not: what the facts in it are.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


def read(folder: Path) -> dict[str, Any]:
    """Raises FileNotFoundError when there is none, ValueError when it is not a manifest."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    release_id = manifest.get("release_id") if isinstance(manifest, dict) else None
    if not isinstance(release_id, str) or not release_id:
        raise ValueError(f"{MANIFEST} of {folder.name} does not name a release.")
    return dict(manifest)


def write(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def files_of(folder: Path) -> list[dict[str, Any]]:
    """Path (relative, with forward slashes), bytes and sha256 of every file but the manifest, in path order."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return [
        {"path": name, "bytes": path.stat().st_size, "sha256": _sha256(path)}
        for name, path in sorted(paths.items())
        if name != MANIFEST
    ]


def differences(folder: Path) -> list[str]:
    """How the files differ from what the manifest says of them, one sentence each; none when all are as published."""
    try:
        promised = {file["path"]: file for file in read(folder)["files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{MANIFEST} cannot be read: {error}"]
    found = {file["path"]: file for file in files_of(folder)}
    sentences = [f"{name} is missing." for name in promised.keys() - found.keys()]
    sentences += [f"{name} is not in the manifest." for name in found.keys() - promised.keys()]
    for name in promised.keys() & found.keys():
        if found[name]["sha256"] != promised[name]["sha256"]:
            sizes = f"{promised[name]['bytes']:,} bytes when published, {found[name]['bytes']:,} now"
            sentences.append(f"{name} has changed since it was published ({sizes}).")
    return sorted(sentences)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
