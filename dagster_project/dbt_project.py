"""The dbt project as code: its fingerprint, what follows from the code alone, and running dbt on it.

Belongs here: having dbt read the project, and keeping what came of that for every home and every later process.
Does not: building the warehouse of a home, nor any rule; those are SQL in `dbt/`.
dbt runs in this process: a process of its own spends longer on starting than on building.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dagster_project.beside import DBT, ask
from dagster_project.home import DBT_PROJECT, PROJECT_ROOT, Home

REFERENCE_LISTS = PROJECT_ROOT / "seeds" / "reference"
ENVIRONMENT_FOLDER = PROJECT_ROOT / ".venv"
KEPT_VERSIONS = 5
_WRITTEN_BY_DBT = ("target", "logs")
# What is kept has the form that these write and read.
_MAKERS = ("dbt_assets.py", "dbt_documentation.py", "dbt_project.py", "rules.py", "warehouse.py")
Heard = Callable[[Any], None]
DBT_PACKAGE = "dbt-core"
_PACKAGES = ("dagster", "dagster-dbt", DBT_PACKAGE, "dbt-adapters", "dbt-duckdb", "duckdb")


class DbtProblem(Exception):
    """dbt could not read or build the project. The message ends with what dbt said."""


def fingerprint() -> str:
    """A hash of the code that decides what a warehouse holds: models, reference lists, and the packages that run it."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        # What is installed can lag behind the lock file.
        digest.update(f"{package} {version(package)}\n".encode())
    for path in _read_by_dbt():
        digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare_manifest(home: Home) -> Path:
    """Puts what dbt knows of the project into the home. Gives its path.

    dbt parses the project only when no home and no process has had this code parsed before.
    Raises DbtProblem when the project does not parse.
    """
    home.export()
    manifest = _parsed_project(home) / "manifest.json"
    if not home.dbt_manifest.exists() or not filecmp.cmp(manifest, home.dbt_manifest, shallow=False):
        home.dbt_target.mkdir(parents=True, exist_ok=True)
        partial = home.dbt_target / f"{home.dbt_manifest.name}.{uuid.uuid4().hex}.partial"
        shutil.copyfile(manifest, partial)
        os.replace(partial, home.dbt_manifest)
    return home.dbt_manifest


def run_dbt(
    home: Home, *arguments: str, scratch: Path | None = None, heard: Heard | None = None, **settings: str
) -> Any:
    """Runs one dbt command on the warehouse of a home, or on one in a folder of `scratch`. Gives dbt's own result.

    `heard` is given each of dbt's events. `settings` are environment variables that hold while dbt runs.
    Raises DbtProblem when the project does not parse.
    """
    parsed = _parsed_project(home)
    # dbt may change what it is given, so what was loaded ahead serves one run.
    manifest = _loaded_ahead.pop(parsed, None) or _load(parsed)
    places = {
        "AHP_STORE": home.store.as_posix(),
        "AHP_WAREHOUSE": (scratch / home.warehouse.name if scratch else home.warehouse).as_posix(),
    }
    # What dbt would write about the project is kept already.
    return _invoke(scratch or home.dbt_target, manifest, [*arguments, "--no-write-json"], places | settings, heard)


def load_ahead(home: Home) -> None:
    """Has the next run of dbt in this process find the project loaded, where it has been parsed before."""
    parsed = _kept_before(home, "parsed")
    if parsed:
        _loaded_ahead[parsed] = _load(parsed)


_loaded_ahead: dict[Path, Any] = {}


def _load(parsed: Path) -> Any:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    content = (parsed / "partial_parse.msgpack").read_bytes()
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return manifest


def kept_for_this_code(home: Home, name: str, make: Callable[[Path], None]) -> Path:
    """A folder of what follows from the code alone. `make` fills it when no process has done so for this code yet.

    It belongs to the clone, so that it serves every home; a clone that cannot be written to has it in the home.
    Raises OSError when neither can be written to.
    """
    kept = _kept_before(home, name)
    if kept:
        return kept
    version_of_code = _version_of_code()
    making = _new_folder(_places(home), version_of_code)
    try:
        make(making)
        if version_of_code != _version_of_code():
            # Somebody has edited the code while it was read, so what was made may be half of either.
            return kept_for_this_code(home, name, make)
        ready = making.parent / name
        try:
            os.replace(making, ready)
        except OSError:
            # Another process was as far at the same time, and has made the same.
            if not ready.is_dir():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _forget_old_versions(making.parent.parent)
    return ready


def is_kept_for_this_code(home: Home, name: str) -> bool:
    """Whether a process has made this for this code already."""
    return _kept_before(home, name) is not None


def _kept_before(home: Home, name: str) -> Path | None:
    version_of_code = _version_of_code()
    folders = [place / version_of_code / name for place in _places(home)]
    return next((folder for folder in folders if folder.is_dir()), None)


def _places(home: Home) -> list[Path]:
    """Where what follows from the code may lie, the best place first."""
    of_the_clone = [ENVIRONMENT_FOLDER / ".ahp-cache"] if ENVIRONMENT_FOLDER.is_dir() else []
    return [*of_the_clone, home.dbt_target / "cache"]


def _version_of_code() -> str:
    # dbt notes where the reference lists lie, so a clone that was moved needs its own.
    digest = hashlib.sha256(f"{PROJECT_ROOT}\n{fingerprint()}".encode())
    for module in _MAKERS:
        digest.update(Path(__file__).with_name(module).read_bytes())
    return digest.hexdigest()[:16]


def _parsed_project(home: Home) -> Path:
    return kept_for_this_code(home, "parsed", partial(ask, DBT, _parse))


def _parse(folder: Path) -> None:
    # Nothing of a home may find its way into what every home is given.
    done = _invoke(folder, None, ["parse", "--quiet"], {"AHP_STORE": "store", "AHP_WAREHOUSE": "warehouse.duckdb"})
    if not done.success:
        raise DbtProblem(f"dbt could not read the project: {done.exception or 'see its log'}")


def _invoke(
    target: Path, manifest: Any, arguments: list[str], settings: Mapping[str, str], heard: Heard | None = None
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # What dbt prints goes where the night's log goes; a second log in full detail costs seconds.
    of_dbt = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "DBT_LOG_LEVEL_FILE": "none"}
    places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    with _environment(of_dbt | dict(settings)):
        try:
            return dbtRunner(manifest=manifest, callbacks=[heard] if heard else []).invoke([*arguments, *places])
        finally:
            # dbt would hold the warehouse open for as long as the process lives, and DuckDB has one writer.
            DuckDBConnectionManager.close_all_connections()


@contextlib.contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _read_by_dbt() -> list[Path]:
    of_project = [
        path for path in DBT_PROJECT.rglob("*") if path.relative_to(DBT_PROJECT).parts[0] not in _WRITTEN_BY_DBT
    ]
    found = [*of_project, *REFERENCE_LISTS.glob("*"), PROJECT_ROOT / "uv.lock"]
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def _new_folder(places: list[Path], version_of_code: str) -> Path:
    """An empty folder in the first place that can be written to."""
    for place in places:
        folder = place / version_of_code / f".{uuid.uuid4().hex}"
        try:
            folder.mkdir(parents=True)
        except OSError:
            if place == places[-1]:
                raise
        else:
            return folder
    raise AssertionError("there is always a place")


def _forget_old_versions(place: Path) -> None:
    # Another process may be forgetting the same.
    with contextlib.suppress(FileNotFoundError):
        versions = sorted(place.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in versions[KEPT_VERSIONS:]:
            shutil.rmtree(folder, ignore_errors=True)
