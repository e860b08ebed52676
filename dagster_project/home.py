"""Where everything lives: the clone (code, seeds, bundled inputs) and the home (what the nights write).

Belongs here: paths, and how they are chosen. Does not: reading or writing what lies at them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt"
BUNDLED_LANDING = PROJECT_ROOT / "seeds" / "landing"
RELEASE_DATABASE = "ahp_workforce.duckdb"

# The folders that stand first in an absolute path, and on a Windows drive.
_FIRST_FOLDERS = ("home", "Users", "var", "opt", "mnt", "srv", "media", "private", "Volumes")
_FIRST_FOLDERS_ON_A_DRIVE = ("Users", "Windows", "Program Files", "Temp")
# Both Python and DuckDB (RE2) read this. A path must not follow a letter, digit or full stop, so that neither
# "he/she", "OT /AHP", "Residential/home/day care" nor the path of a web address is taken for one.
ABSOLUTE_PATH = (
    rf"(?:^|[^\w.~])/(?:(?:{'|'.join(_FIRST_FOLDERS)})/\w|(?:root|tmp)/)"
    r"|(?:^|[^A-Za-z0-9])[A-Za-z]:\\+[\w.$~]"
    rf"|(?:^|[^A-Za-z0-9])[A-Za-z]:/(?:{'|'.join(_FIRST_FOLDERS_ON_A_DRIVE)})/"
    r"|(?:^|[^\w\\])\\\\+[A-Za-z0-9][\w.-]+\\+[\w$]"
)
# Every absolute path holds one of these, and to look for them takes a fraction of the time.
PARTS_OF_PATHS = (
    *dict.fromkeys(f"/{folder}/" for folder in (*_FIRST_FOLDERS, "root", "tmp", *_FIRST_FOLDERS_ON_A_DRIVE)),
    ":\\",
    "\\\\",
)


@dataclass(frozen=True)
class Home:
    """The folder the nights write to, and the landing they read from.

    `landing_override` points the landing elsewhere (a shared drive; read-only is enough), and `reports_override` the
    reports on what was landed (a folder that senders can see).
    """

    root: Path
    landing_override: Path | None = None
    reports_override: Path | None = None

    @classmethod
    def from_environment(cls) -> Home:
        """AHP_HOME (default `var` in the clone), AHP_LANDING and AHP_REPORTS, all made absolute."""
        root = Path(os.environ.get("AHP_HOME") or PROJECT_ROOT / "var")
        landing = os.environ.get("AHP_LANDING")
        reports = os.environ.get("AHP_REPORTS")
        return cls(
            root=root.expanduser().resolve(),
            landing_override=Path(landing).expanduser().resolve() if landing else None,
            reports_override=Path(reports).expanduser().resolve() if reports else None,
        )

    def export(self) -> None:
        """Tells dbt and every child process where this home is; they read it from the environment."""
        os.environ["AHP_HOME"] = str(self.root)
        os.environ["AHP_STORE"] = self.store.as_posix()
        os.environ["AHP_WAREHOUSE"] = self.warehouse.as_posix()
        if self.landing_override:
            os.environ["AHP_LANDING"] = str(self.landing_override)

    @property
    def own_landing(self) -> Path:
        return self.landing_override or self.root / "landing"

    @property
    def uses_bundled_inputs(self) -> bool:
        """True when there is no landing folder at all, so that the bundled inputs stand in for it."""
        return self.landing_override is None and not self.own_landing.is_dir()

    @property
    def landing(self) -> Path:
        return BUNDLED_LANDING if self.uses_bundled_inputs else self.own_landing

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def released(self) -> Path:
        """What every release held, for good; part of the store, since it cannot be made again."""
        return self.store / "released"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def reports(self) -> Path:
        """Where the report of each file that came is written; on a shared drive, so that its sender can see it."""
        return self.reports_override or self.root / "reports"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def dbt_target(self) -> Path:
        return self.root / "dbt"

    @property
    def dbt_manifest(self) -> Path:
        return self.dbt_target / "manifest.json"

    @property
    def dagster_home(self) -> Path:
        return self.root / "dagster"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def candidates(self) -> Path:
        """Where a release is put together before its gates; on the same volume, so that it can be moved into place."""
        return self.root / "candidates"

    @property
    def refresh_lock(self) -> Path:
        return self.root / "refresh.lock"

    @property
    def last_refresh(self) -> Path:
        """The outcome of the newest refresh, released or not, as JSON."""
        return self.root / "last_refresh.json"
