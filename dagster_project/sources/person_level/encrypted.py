"""The bytes of extracts of people, kept encrypted where somebody gives a key for it: writing, reading, another key.

Belongs here: the key, and the form of an encrypted file. Does not: which files are kept (the landing), and where (the
store). Nothing that is read from such a file ever stands on a disk in plain.

A file is a head (what it is, which key, a salt) and pieces of one size, each sealed by itself with AES-GCM under a key
of the file's own. A piece is bound to its place, and the last one is marked, so none can be changed, moved or cut off.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dagster_project.home import Home
from dagster_project.sources.person_level.keys import KEY_VARIABLE, KeyNotUsable, key_file, pseudonym_key

if TYPE_CHECKING:
    import duckdb
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BYTES_KEY_VARIABLE = "AHP_BYTES_KEY"
ENCRYPTED = ".encrypted"
KEY_BYTES = 32
PIECE_BYTES = 1 << 20
_MARK = b"AHPKEPT1"
_FINGERPRINT_BYTES, _SALT_BYTES, _SEAL_BYTES = 8, 16, 16
_HEAD_BYTES = len(_MARK) + _FINGERPRINT_BYTES + _SALT_BYTES
_PURPOSE = b"kept bytes of an extract of people"
_HOW_TO_MAKE_ONE = 'python -c "import secrets; print(secrets.token_hex(32))"'


class NotReadable(Exception):
    """An encrypted file is damaged, or is none."""


@dataclass(frozen=True)
class BytesKey:
    """A key for bytes that are kept. `fingerprint` tells keys apart without giving them away."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(b"fingerprint of " + self.secret).digest()[:_FINGERPRINT_BYTES]

    def of_file(self, salt: bytes) -> AESGCM:
        """What seals the pieces of one file; no two files share a key, so pieces may simply be numbered."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, _PURPOSE).derive(self.secret))


def bytes_keys(home: Home) -> tuple[BytesKey, ...]:
    """The keys of the environment, the one in use first and those before it after; none where nothing is to be kept.

    Raises KeyNotUsable when one is not a key, or is the key of the pseudonyms.
    """
    keys = []
    for text in filter(None, (part.strip() for part in os.environ.get(BYTES_KEY_VARIABLE, "").split(","))):
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise KeyNotUsable(
                f"The environment variable {BYTES_KEY_VARIABLE} holds something that is not a key of {2 * KEY_BYTES} "
                f"characters, each one of 0 to 9 and a to f. Make one with: {_HOW_TO_MAKE_ONE}"
            )
        if _is_key_of_pseudonyms(home, text):
            raise KeyNotUsable(
                f"The environment variable {BYTES_KEY_VARIABLE} holds the key of the pseudonyms. Whoever learns one of "
                "the two must not have the other as well. Make another key for the bytes with: " + _HOW_TO_MAKE_ONE
            )
        keys.append(BytesKey(secret))
    return tuple(keys)


def _is_key_of_pseudonyms(home: Home, text: str) -> bool:
    # A key that is yet to be made is made at random.
    if not os.environ.get(KEY_VARIABLE, "").strip() and not key_file(home).exists():
        return False
    return hmac.compare_digest(pseudonym_key(home).secret.lower(), text.lower().encode())


def encrypt(source: BinaryIO, target: Path, key: BytesKey) -> str:
    """Writes what is read from `source`, encrypted, and gives its SHA-256. Holds two pieces. Raises OSError."""
    salt = secrets.token_bytes(_SALT_BYTES)
    head = _MARK + key.fingerprint + salt
    seal, digest = key.of_file(salt), hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(head)
            number, piece = 0, source.read(PIECE_BYTES)
            is_last = False
            while not is_last:
                following = source.read(PIECE_BYTES)
                is_last = not following
                digest.update(piece)
                file.write(seal.encrypt(_number(number, is_last), piece, head))
                number, piece = number + 1, following
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return digest.hexdigest()


def _number(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


@dataclass(frozen=True)
class EncryptedFile:
    """An encrypted file with the key it was written under, read as if it lay there in plain."""

    path: Path
    key: BytesKey

    @property
    def name(self) -> str:
        return self.path.name

    def exists(self) -> bool:
        return self.path.exists()

    def open(self, mode: str = "rb") -> BinaryIO:
        """The plain bytes, from any place on. Reading raises NotReadable where the file is damaged, and OSError."""
        return io.BufferedReader(_Opened(self))

    def read_bytes(self) -> bytes:
        with self.open() as file:
            return file.read()


def encrypted_file(path: Path, keys: tuple[BytesKey, ...]) -> EncryptedFile | None:
    """The file with its key, or None where the keys do not have it. Raises NotReadable and OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or not head.startswith(_MARK):
        raise NotReadable(path.name)
    fingerprint = head[len(_MARK) : -_SALT_BYTES]
    return next((EncryptedFile(path, key) for key in keys if key.fingerprint == fingerprint), None)


class _Opened(io.RawIOBase):
    def __init__(self, encrypted: EncryptedFile) -> None:
        # The interpreter closes also what was never opened to the end.
        self._file: BinaryIO | None = None
        self._file = encrypted.path.open("rb")
        self._head = self._file.read(_HEAD_BYTES)
        self._seal = encrypted.key.of_file(self._head[-_SALT_BYTES:])
        sealed = max(encrypted.path.stat().st_size - _HEAD_BYTES, 0)
        self._pieces = max(-(-sealed // (PIECE_BYTES + _SEAL_BYTES)), 1)
        self._size = max(sealed - self._pieces * _SEAL_BYTES, 0)
        self._at = 0
        self._number, self._piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        # An empty file has a piece too: without it nobody could tell that nothing was cut off.
        if self._at >= self._size and self._size:
            return 0
        number, begin = divmod(self._at, PIECE_BYTES)
        if number != self._number:
            self._number, self._piece = number, self._unsealed(number)
        found = self._piece[begin : begin + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        if self._file:
            self._file.close()
        super().close()

    def _unsealed(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        assert self._file is not None
        self._file.seek(_HEAD_BYTES + number * (PIECE_BYTES + _SEAL_BYTES))
        piece = self._file.read(PIECE_BYTES + _SEAL_BYTES)
        try:
            return self._seal.decrypt(_number(number, number == self._pieces - 1), piece, self._head)
        except InvalidTag:
            raise NotReadable("An encrypted file is damaged.") from None


def readable_in_plain(connection: duckdb.DuckDBPyConnection, file: EncryptedFile) -> str:
    """The name under which DuckDB reads an encrypted file: plain, from any place on, and never whole in memory."""
    import fsspec  # type: ignore[import-untyped]

    class OneFile(fsspec.AbstractFileSystem):  # type: ignore[misc]
        """A file system with this file alone, as it would be in plain."""

        protocol = f"encrypted{file.key.fingerprint.hex()}{secrets.token_hex(4)}"
        cachable = False

        def info(self, path: str, **_: Any) -> dict[str, Any]:
            with file.open() as plain:
                return {"name": file.name, "size": plain.seek(0, os.SEEK_END), "type": "file"}

        def glob(self, path: str, **_: Any) -> list[str]:
            return [file.name]

        def open(self, path: str, mode: str = "rb", **_: Any) -> BinaryIO:
            return file.open()

    connection.register_filesystem(OneFile())
    return f"{OneFile.protocol}://{file.name}"


def change_key(folder: Path, keys: tuple[BytesKey, ...]) -> int:
    """Encrypts anew, under the key in use, what lies below a folder under those before it. Gives how many files.

    Raises NotReadable when one is damaged, and OSError.
    """
    return sum(_change_key_of(file, keys[0]) for file in _under_earlier_keys(folder, keys))


def _under_earlier_keys(folder: Path, keys: tuple[BytesKey, ...]) -> Iterator[EncryptedFile]:
    if len(keys) < 2:
        return
    for path in sorted(folder.glob(f"*/*{ENCRYPTED}")):
        file = encrypted_file(path, keys)
        if file is not None and file.key != keys[0]:
            yield file


def _change_key_of(file: EncryptedFile, key: BytesKey) -> int:
    again = file.path.with_name(f"{file.name}.again")
    with file.open() as plain:
        encrypt(plain, again, key)
    # Windows does not replace a file that is still open.
    os.replace(again, file.path)
    return 1
