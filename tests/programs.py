"""Programs some suites need and a machine may lack: found, or the test is skipped with what to install."""

from __future__ import annotations

import shutil

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
