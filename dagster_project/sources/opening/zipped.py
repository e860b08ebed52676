"""The parts of a zipped workbook: whole, of a safe size, and each only once.

Belongs here: what is safe to unpack and to parse. Does not: what a part means.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO
from xml.parsers import expat

from dagster_project.sources.opening.grid import MEGABYTE
from dagster_project.sources.opening.mistaken import ZIPPED, must_not_be_another_kind, password_protected
from dagster_project.sources.problems import FileRefused, refused

LARGEST_UNPACKED_BYTES = 300 * MEGABYTE
LARGEST_READ_BYTES = 100 * MEGABYTE
MOST_MEMBERS = 10_000
# An element within an element within an element: no workbook goes deeper.
DEEPEST_NESTING = 200
MOST_ELEMENTS = 8_000_000
LARGEST_TAG_BYTES = 4 * MEGABYTE
_CHUNK_BYTES = MEGABYTE // 4
_ENTRY_OF_A_MEMBER = b"PK\x01\x02"
_SAVE_ANEW = "Open it in Excel or LibreOffice, save it as .xlsx or .ods, and send it again."
_COPY_THE_TABLES = "Copy the tables alone into a new workbook."


class Package:
    """A zipped workbook of the kind claimed. `names` are those of its parts in small letters: Excel tells none apart.

    Raises FileRefused when it is no zip, shut by a password, cut short, or unsafe to unpack.
    """

    def __init__(self, content: bytes, claimed: str) -> None:
        self._claimed = claimed
        self._read: set[str] = set()
        must_not_be_another_kind(content, claimed, may_be=ZIPPED)
        if not content.startswith(ZIPPED):
            raise refused(
                f"The file's name says it is {claimed}, but its content is something else, such as plain text.",
                "If it is a CSV file, give it the ending .csv; otherwise save it as .xlsx or .ods, and send it again.",
            )
        if content.count(_ENTRY_OF_A_MEMBER) > MOST_MEMBERS:
            raise refused(
                f"The file is made of more than {MOST_MEMBERS:,} parts, far more than a workbook has.", _COPY_THE_TABLES
            )
        with self._as_damaged():
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            members = self._archive.infolist()
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            # Some programs write the names of parts with the separator of Windows.
            name = member.filename.replace("\\", "/").casefold()
            if ".." in name.split("/") or name.startswith("/"):
                raise refused("The file holds a part whose name points to a place outside the file.", _SAVE_ANEW)
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise refused("A part of the file is compressed in a way that no spreadsheet program uses.", _SAVE_ANEW)
            if name in self._members:
                raise refused(
                    f"The file holds the part '{name}' twice, so it is not clear which one counts.", _SAVE_ANEW
                )
            self._members[name] = member
        self.names = frozenset(self._members)
        unpacked = sum(member.file_size for member in members)
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise self._too_large(unpacked)
        if any(member.flag_bits & 0x1 for member in members):
            raise password_protected()

    def parse(self, name: str, parser: expat.XMLParserType, largest: int = LARGEST_READ_BYTES) -> None:
        """Feeds a part to a parser. Raises FileRefused when it is missing, damaged, or larger than so many bytes."""
        with self._as_damaged(), self._open(name, largest) as part:
            fed = 0
            while chunk := part.read(_CHUNK_BYTES):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LARGEST_TAG_BYTES:
                    raise self.damaged()
            parser.Parse(b"", True)

    def contains(self, name: str, text: bytes) -> bool:
        """Whether a small part is there and holds these bytes."""
        if name not in self._members:
            return False
        with self._as_damaged(), self._open(name, MEGABYTE) as part:
            return text in part.read()

    def must_be_whole(self) -> None:
        """Raises FileRefused when a part that was not read is damaged: what was read came with it."""
        for name, member in self._members.items():
            if name not in self._read:
                with self._as_damaged(), self._archive.open(member) as part:
                    while part.read(_CHUNK_BYTES):
                        pass

    def damaged(self, error: Exception | None = None) -> FileRefused:
        return refused(
            f"The file is {self._claimed} by its name, but it is damaged; it may have been cut short on its way.",
            _SAVE_ANEW,
        )

    def _open(self, name: str, largest: int) -> IO[bytes]:
        name = name.casefold()
        member = self._members[name]
        self._read.add(name)
        wanted = sum(self._members[read].file_size for read in self._read)
        if member.file_size > largest or wanted > LARGEST_READ_BYTES:
            raise self._too_large(wanted)
        return self._archive.open(member)

    def _too_large(self, size: int) -> FileRefused:
        return refused(
            f"The file unpacks to {size // MEGABYTE:,} MB, far more than a return can hold.", _COPY_THE_TABLES
        )

    @contextmanager
    def _as_damaged(self) -> Iterator[None]:
        try:
            yield
        except FileRefused:
            raise
        except Exception as error:  # zipfile, its decompressors and expat raise many kinds; each means the same
            raise self.damaged(error) from error


def safe_parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None
) -> expat.XMLParserType:
    """A parser that names elements 'namespace name', and refuses what is made to do harm.

    That is a document that defines words of its own, by which a small file fills the memory or reads other files, and
    one whose elements never end. No spreadsheet program writes either.
    """
    depth = elements = 0

    def counted_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        must_be_within_reason(depth, elements)
        start(name, attributes)

    def counted_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = counted_start
    parser.EndElementHandler = counted_end
    parser.StartDoctypeDeclHandler = _refuse_definitions
    return parser


def must_be_within_reason(depth: int, elements: int) -> None:
    """Raises FileRefused when so many elements stand within each other, or come after each other."""
    if depth > DEEPEST_NESTING or elements > MOST_ELEMENTS:
        raise _made_to_do_harm("it goes on without end")


def _refuse_definitions(*_: object) -> None:
    raise _made_to_do_harm("it defines words of its own")


def _made_to_do_harm(how: str) -> FileRefused:
    return refused(
        f"A part of the workbook is damaged or made to do harm: {how}, as no spreadsheet program writes it.", _SAVE_ANEW
    )
