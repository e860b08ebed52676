"""What kind of text a large file is, learned by reading its bytes once: encoding, line ends, fingerprint.

Belongs here: telling DuckDB how to read a file, and handing it one that it would not read as it is.
Does not: knowing what a heading or a cell means.
"""

from __future__ import annotations

import codecs
import glob
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from dagster_project.sources.opening.mistaken import must_not_be_another_kind
from dagster_project.sources.person_level.encrypted import EncryptedFile, readable_in_plain
from dagster_project.sources.problems import Problem, refused

if TYPE_CHECKING:
    import duckdb

PIECE_BYTES = 1 << 22
BEGINNING_BYTES = 1 << 18
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NAMES_OF_ENCODINGS = {"cp1252": "Windows-1252 ('ANSI')", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_SAVE_AGAIN = "Export it again from the system it came from, as a CSV file saved as UTF-8."


@dataclass(frozen=True)
class Examined:
    """A file as it lay there. `beginning` is the text of its first rows, and may end in the middle of one."""

    path: Path | EncryptedFile
    sha256: str
    size_bytes: int
    encoding: str
    mark: bytes
    has_one_line_end: bool
    ends_with_line_end: bool
    beginning: str
    # The text in place of a workbook's bytes, which DuckDB does not read.
    text: str | None = None

    @property
    def remarks(self) -> list[Problem]:
        if self.encoding == "utf-8":
            return []
        return [
            Problem(
                "file_form_unusual",
                f"The file is saved as {_NAMES_OF_ENCODINGS[self.encoding]}, not as UTF-8; it was read accordingly.",
                "Nothing to do when names and signs are right. Saving it as UTF-8 leaves no doubt.",
            )
        ]


class _LineEnds:
    """Which line ends a text holds, over pieces that may part one."""

    def __init__(self) -> None:
        self.pairs = self.feeds = self.returns = 0
        self.last = b""

    def add(self, piece: bytes) -> None:
        self.pairs += piece.count(b"\r\n") + (self.last == b"\r" and piece.startswith(b"\n"))
        self.feeds += piece.count(b"\n")
        self.returns += piece.count(b"\r")
        self.last = piece[-1:] or self.last

    @property
    def are_of_one_kind(self) -> bool:
        kinds = (self.pairs, self.feeds - self.pairs, self.returns - self.pairs)
        return sum(1 for kind in kinds if kind) <= 1


def beginning_of(path: Path) -> str:
    """The text of a file's first rows, whatever it is. Raises OSError."""
    with path.open("rb") as file:
        first = file.read(BEGINNING_BYTES)
    mark, encoding = _marked(first)
    return first.removeprefix(mark).decode(encoding, errors="replace")


def _marked(first: bytes) -> tuple[bytes, str]:
    """The byte order mark that a file begins with, and its encoding; no mark stands for UTF-8."""
    return next(((mark, name) for mark, name in _BYTE_ORDER_MARKS.items() if first.startswith(mark)), (b"", "utf-8"))


def examine(path: Path | EncryptedFile) -> Examined:
    """Reads a file once from beginning to end.

    Raises FileRefused when it is no text that is read here, NotReadable when it is encrypted and damaged, and OSError.
    """
    digest, ends = hashlib.sha256(), _LineEnds()
    utf8 = codecs.getincrementaldecoder("utf-8")()
    is_utf8, has_nulls, size = True, False, 0
    with path.open("rb") as file:
        first = file.read(BEGINNING_BYTES)
        piece = first
        while piece:
            digest.update(piece)
            ends.add(piece)
            size += len(piece)
            has_nulls = has_nulls or b"\0" in piece
            if is_utf8:
                try:
                    utf8.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
            piece = file.read(PIECE_BYTES)
    if is_utf8:
        try:
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    if not size:
        raise refused("The file is empty: it holds no bytes at all.", _SAVE_AGAIN)
    must_not_be_another_kind(first, "a text file with rows and columns")
    mark, encoding = _marked(first)
    if not mark and not is_utf8:
        encoding = "cp1252"
    if has_nulls and not encoding.startswith("utf-16"):
        raise refused("The file holds null bytes, which no text file with rows and columns does.", _SAVE_AGAIN)
    if mark == codecs.BOM_UTF8 and not is_utf8:
        raise refused(
            "The file says that it is saved as UTF-8, but a part of it is not; it may be damaged.", _SAVE_AGAIN
        )
    return Examined(
        path=path,
        sha256=digest.hexdigest(),
        size_bytes=size,
        encoding=encoding,
        mark=mark,
        has_one_line_end=ends.are_of_one_kind,
        ends_with_line_end=ends.last in (b"\n", b"\r", b"\0"),
        beginning=first.removeprefix(mark).decode(encoding, errors="replace"),
    )


@contextmanager
def readable_by(connection: duckdb.DuckDBPyConnection, examined: Examined) -> Iterator[str]:
    """The name under which DuckDB reads the file. What it does not read as it lies there is put right in memory.

    DuckDB knows no Windows-1252 and takes no file with line ends of two kinds. What is encrypted is read in pieces.
    Nothing is written to a disk.
    Raises FileRefused when the bytes are not of the encoding that they seemed to be, and OSError.
    """
    if examined.text is None and examined.encoding == "utf-8" and examined.has_one_line_end:
        if isinstance(examined.path, EncryptedFile):
            yield readable_in_plain(connection, examined.path)
        else:
            yield glob.escape(examined.path.as_posix())
        return
    import fsspec  # type: ignore[import-untyped]

    memory = fsspec.filesystem("memory", skip_instance_cache=True)
    connection.register_filesystem(memory)
    name = f"/{uuid4().hex}.csv"
    try:
        memory.pipe(name, _put_right(examined))
        yield f"memory://{name}"
    finally:
        # The files of this file system belong to the whole process.
        if memory.exists(name):
            memory.rm(name)


def _put_right(examined: Examined) -> bytes:
    if examined.text is not None:
        return examined.text.encode()
    content = examined.path.read_bytes().removeprefix(examined.mark)
    try:
        text = content.decode(examined.encoding)
    except UnicodeDecodeError:
        # The error itself would quote the bytes.
        raise refused(
            "The file holds characters that are saved neither as UTF-8 nor as Windows-1252, so its words could be "
            "misread.",
            _SAVE_AGAIN,
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()
