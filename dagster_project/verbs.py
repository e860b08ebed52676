"""What the verbs of `ahp` share: how they end, and where their output goes.

Belongs here: exit codes, the error that ends a verb, files written whole. Does not: any verb.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

FAILED = 1
USAGE_OR_SET_UP = 2
ANOTHER_REFRESH = 3
STOPPED = 130


class CommandError(Exception):
    """Ends `ahp` with one or two plain sentences on standard error, and this exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to that takes the place of `path` once the block has ended, all or nothing.

    A reader never meets half a file. Raises CommandError when it cannot be written.
    """
    try:
        target = path.resolve()
        unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            yield unfinished
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error


def replace_file(path: Path, contents: bytes) -> None:
    """Write a file whole. What is not a file, such as a named pipe, is written to. Raises CommandError."""
    if path.exists() and not path.is_file():
        try:
            path.write_bytes(contents)
        except OSError as error:
            raise _not_written(path, error) from error
        return
    with replacing(path) as unfinished:
        unfinished.write_bytes(contents)


@contextlib.contextmanager
def library_output_on_standard_error() -> Iterator[None]:
    """Keep standard output for the answer, whatever libraries and the programs they start print there."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _not_written(path: Path, error: OSError) -> CommandError:
    return CommandError(
        f"{path} could not be written: {error.strerror or error}. "
        "Check that the folder exists and that no other program has the file open.",
        USAGE_OR_SET_UP,
    )
