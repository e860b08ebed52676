"""Programs some suites need and a machine may lack: found, or the test is skipped with what to install."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("needs Chromium; on Debian: apt-get install chromium")


def libreoffice() -> str:
    if path := shutil.which("soffice"):
        return path
    pytest.skip("needs LibreOffice Calc; on Debian: apt-get install libreoffice-calc")


def saved_by_libreoffice(made: Path, kind: str, folder: Path) -> Path:
    """A document as LibreOffice saves it in this form, in a folder of its own beside it."""
    subprocess.run(
        [
            libreoffice(),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(folder / kind),
            str(made),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / kind / f"{made.stem}.{kind}"
