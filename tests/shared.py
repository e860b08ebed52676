"""What takes long to make and is only read, made once for all processes that the tests run in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of this name as `make` filled it, in this process or in another one of the same run.

    Whoever asks while it is being made waits. Where making it fails, the next who asks tries anew.
    """
    of_the_process = factory.getbasetemp()
    # The processes of one run have their folders in that of the run.
    of_the_run = of_the_process.parent if of_the_process.name.startswith("popen-") else of_the_process
    folder, made = of_the_run / name, of_the_run / f"{name}.made"
    with FileLock(of_the_run / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder
