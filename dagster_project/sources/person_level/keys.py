"""Pseudonyms: the key they are made with, and making them in DuckDB.

Belongs here: where the key comes from, and HMAC-SHA256 as SQL. Does not: what a pseudonym is made of (the card).
The key is only ever handed to DuckDB as a parameter, so that no statement, error or log holds it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.home import Home

KEY_VARIABLE = "AHP_PSEUDONYM_KEY"
SHORTEST_KEY = 16
PSEUDONYM_CHARACTERS = 32
_BLOCK_BYTES = 64


class KeyNotUsable(Exception):
    """The key of the pseudonyms is missing where it must be, or too short. The message says what to do."""


@dataclass(frozen=True)
class PseudonymKey:
    """The key. `fingerprint` tells keys apart without giving them away."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()[:8]

    def parameters(self) -> dict[str, bytes]:
        """What `pseudonym_sql` needs when it is run (RFC 2104)."""
        block = self.secret if len(self.secret) <= _BLOCK_BYTES else hashlib.sha256(self.secret).digest()
        padded = block.ljust(_BLOCK_BYTES, b"\0")
        return {
            "inner_pad": bytes(byte ^ 0x36 for byte in padded),
            "outer_pad": bytes(byte ^ 0x5C for byte in padded),
        }


def pseudonym_sql(text: str) -> str:
    """SQL that gives the pseudonym of a text: the first characters of its HMAC-SHA256 in hexadecimal."""
    inner = f"unhex(sha256($inner_pad || encode({text})))"
    return f"left(sha256($outer_pad || {inner}), {PSEUDONYM_CHARACTERS})"


def pseudonym_key(home: Home) -> PseudonymKey:
    """The key from the environment, or else from the store of the home, where it is made at the first need.

    Raises KeyNotUsable when it is too short to keep anything secret.
    """
    stated = os.environ.get(KEY_VARIABLE, "").strip()
    if stated:
        return _usable(stated, f"The environment variable {KEY_VARIABLE}")
    path = key_file(home)
    if not path.exists():
        _make(path)
    return _usable(path.read_text(encoding="utf-8").strip(), f"The file {path.name} in the store")


def key_file(home: Home) -> Path:
    return home.store / "pseudonym.key"


def _usable(text: str, where: str) -> PseudonymKey:
    if len(text) < SHORTEST_KEY:
        raise KeyNotUsable(
            f"{where} holds a key of fewer than {SHORTEST_KEY} characters, so pseudonyms could be guessed. "
            "Put the key back from where it is kept safe; a new one does not join people to what was landed before."
        )
    return PseudonymKey(text.encode())


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    # Nobody else may read it, not even for the moment before it is moved into place.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(32))
    os.replace(partial, path)
