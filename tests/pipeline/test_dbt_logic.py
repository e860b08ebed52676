"""dbt's own unit tests, run on a built warehouse, and the dictionary that is generated from the same YAML."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from homes import Refreshed

from dagster_project.home import DBT_PROJECT, PROJECT_ROOT


def test_every_dbt_unit_test_passes(own_copy: Refreshed, tmp_path: Path) -> None:
    home = own_copy.home
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            "test",
            "--resource-type",
            "unit_test",
            "--project-dir",
            str(DBT_PROJECT),
            "--profiles-dir",
            str(DBT_PROJECT),
        ],
        env=os.environ
        | {
            "AHP_STORE": home.store.as_posix(),
            "AHP_WAREHOUSE": home.warehouse.as_posix(),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"PASS=(\d+)", done.stdout)
    written = sum(
        path.read_text(encoding="utf-8").count("\n    model: ") for path in (DBT_PROJECT / "models").rglob("*.yml")
    )
    assert passed is not None
    assert int(passed.group(1)) == written > 0


def test_the_dictionary_in_the_docs_is_the_one_of_the_release(bundled: Refreshed) -> None:
    """When this fails, copy dictionary.md of the latest release over docs/dictionary.md."""
    released = (bundled.release_folder / "dictionary.md").read_text(encoding="utf-8")
    assert (PROJECT_ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == released
