"""Bytes of extracts of people, kept under a key of their own: whole, unreadable without it, and found again."""

from __future__ import annotations

import hashlib
import io
import logging
import random
import tracemalloc
from pathlib import Path
from typing import NoReturn

import pytest
from fixtures.esr import PERSON, extract, people
from fixtures.searching import found_below
from test_person_level_landing import Nights, names

from dagster_project.home import Home
from dagster_project.sources import landing
from dagster_project.sources.person_level import encrypted
from dagster_project.sources.person_level.encrypted import (
    BYTES_KEY_VARIABLE,
    PIECE_BYTES,
    BytesKey,
    EncryptedFile,
    NotReadable,
    bytes_keys,
    encrypt,
    encrypted_file,
)
from dagster_project.sources.person_level.keys import KEY_VARIABLE, KeyNotUsable, key_file, pseudonym_key
from dagster_project.sources.problems import refused
from dagster_project.sources.withdrawing import withdraw

ONE, OTHER = "1a" * 32, "2b" * 32
KEY = BytesKey(bytes.fromhex(ONE))


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.setenv(BYTES_KEY_VARIABLE, ONE)
    return Nights(tmp_path, monkeypatch)


def kept(nights: Nights) -> list[Path]:
    return sorted(nights.store.bytes_folder.rglob("*.encrypted"))


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_what_was_encrypted_is_read_again_byte_for_byte(tmp_path: Path, size: int) -> None:
    plain = random.Random(size).randbytes(size)
    target = tmp_path / "a.encrypted"
    assert encrypt(io.BytesIO(plain), target, KEY) == hashlib.sha256(plain).hexdigest()
    file = EncryptedFile(target, KEY)
    assert file.read_bytes() == plain
    with file.open() as opened:
        assert opened.seek(0, io.SEEK_END) == size
        for place in (0, size // 2, max(size - 3, 0)):
            opened.seek(place)
            assert opened.read(5) == plain[place : place + 5]
    assert [path.name for path in tmp_path.iterdir()] == ["a.encrypted"]


def test_a_file_larger_than_memory_would_do_too(tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(64 * PIECE_BYTES)
    tracemalloc.start()
    with source.open("rb") as file:
        encrypt(file, tmp_path / "large.encrypted", KEY)
    with EncryptedFile(tmp_path / "large.encrypted", KEY).open() as file:
        while file.read(PIECE_BYTES):
            pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * PIECE_BYTES


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[: 32 + PIECE_BYTES + 16],
        lambda whole: whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
        lambda whole: whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
        lambda whole: whole[:32] + whole[32 + PIECE_BYTES + 16 :],
        lambda whole: whole[:32],
    ],
    ids=["cut", "a piece cut off", "a byte changed", "another salt", "a piece taken out", "nothing left"],
)
def test_a_damaged_file_is_never_read(tmp_path: Path, harm: object) -> None:
    target = tmp_path / "a.encrypted"
    encrypt(io.BytesIO(b"x" * (PIECE_BYTES + 9)), target, KEY)
    target.write_bytes(harm(target.read_bytes()))  # type: ignore[operator]
    with pytest.raises(NotReadable):
        EncryptedFile(target, KEY).read_bytes()


def test_the_same_bytes_are_never_encrypted_alike(tmp_path: Path) -> None:
    for name in ("a", "b"):
        encrypt(io.BytesIO(b"the same"), tmp_path / name, KEY)
    assert (tmp_path / "a").read_bytes()[16:] != (tmp_path / "b").read_bytes()[16:]


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    encrypt(io.BytesIO(b"something"), tmp_path / "a", KEY)
    assert encrypted_file(tmp_path / "a", (BytesKey(bytes.fromhex(OTHER)),)) is None
    with pytest.raises(NotReadable):
        EncryptedFile(tmp_path / "a", BytesKey(bytes.fromhex(OTHER))).read_bytes()


@pytest.mark.parametrize("text", ["of my own making", "1a" * 31, "1a" * 33, "zz" * 32, f"{ONE},short"])
def test_what_is_no_key_is_refused_and_not_repeated(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BYTES_KEY_VARIABLE, text)
    with pytest.raises(KeyNotUsable, match="not a key of 64 characters") as refusal:
        bytes_keys(Home(tmp_path))
    assert text not in str(refusal.value)


def test_the_key_of_the_pseudonyms_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    home = Home(tmp_path)
    monkeypatch.setenv(BYTES_KEY_VARIABLE, ONE)
    assert [key.secret for key in bytes_keys(home)] == [bytes.fromhex(ONE)]
    assert not key_file(home).exists()
    # The one in the store, also in capital letters, and the one of the environment.
    monkeypatch.setenv(BYTES_KEY_VARIABLE, pseudonym_key(home).secret.decode().upper())
    with pytest.raises(KeyNotUsable, match="the key of the pseudonyms"):
        bytes_keys(home)
    monkeypatch.setenv(BYTES_KEY_VARIABLE, ONE)
    monkeypatch.setenv(KEY_VARIABLE, ONE)
    with pytest.raises(KeyNotUsable, match="the key of the pseudonyms"):
        bytes_keys(home)


def test_without_a_key_nothing_is_kept(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BYTES_KEY_VARIABLE)
    nights.put("a.csv", extract(people(3)))
    nights.land()
    assert not nights.store.bytes_folder.exists()


def test_with_a_key_the_bytes_are_kept_and_nobody_can_be_read_in_them(nights: Nights) -> None:
    content = extract(people(30))
    nights.put("a.csv", content)
    nights.put("refused.csv", extract(people(3), without=["Contracted WTE"]))
    (event,) = nights.land().accepted
    (file,) = kept(nights)
    assert file == nights.store.encrypted_path(hashlib.sha256(content).hexdigest())
    assert EncryptedFile(file, KEY).read_bytes() == content
    assert found_below(nights.home.root, [PERSON["Surname"], PERSON["NI Number"], ONE]) == []
    assert not event.bytes_kept


def test_an_extract_that_lay_there_before_the_key_came_is_kept_too(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BYTES_KEY_VARIABLE)
    nights.put("a.csv", extract(people(3)))
    nights.land()
    monkeypatch.setenv(BYTES_KEY_VARIABLE, ONE)
    assert nights.land().unchanged == ["esr/a.csv"]
    assert len(kept(nights)) == 1


@pytest.mark.parametrize("again", [{"reader": "two"}, {"full": True}], ids=str)
@pytest.mark.parametrize("form", [{}, {"encoding": "utf-16"}], ids=str)
def test_an_extract_that_is_gone_is_read_anew_from_its_encrypted_bytes(
    nights: Nights, again: dict[str, bool], form: dict[str, str]
) -> None:
    path = nights.put("a.csv", extract(people(3), **form))  # type: ignore[arg-type]
    (first,) = nights.land().accepted
    before = nights.rows()
    path.unlink()
    nights.store.forget_cells(first.submission_id)
    done = nights.land(**again)  # type: ignore[arg-type]
    assert (names(done.reread), done.refused) == (["a.csv"], [])
    assert (done.reread[0].received_at, done.reread[0].size_bytes) == (first.received_at, first.size_bytes)
    assert nights.rows().equals(before)
    assert nights.land(reader=str(again.get("reader", "one"))).reread == []


def test_what_another_version_of_the_reader_refused_is_read_by_the_next(nights: Nights) -> None:
    path = nights.put("a.csv", extract(people(3)))
    nights.land()
    path.unlink()
    with nights.patch.context() as patch:
        patch.setattr(landing, "read_extract", refusing)
        assert names(nights.land(reader="two").refused) == ["a.csv"]
    assert nights.rows().height == 0
    assert names(nights.land(reader="three").reread) == ["a.csv"]
    assert nights.rows().height == 3


def refusing(*_: object) -> NoReturn:
    raise refused("It is not read.", "Nothing.")


def test_what_was_taken_back_is_not_read_anew(nights: Nights) -> None:
    path = nights.put("a.csv", extract(people(3)))
    (event,) = nights.land().accepted
    withdraw(nights.home, event.submission_id, "sent by mistake", "analyst")
    path.unlink()
    assert nights.land(full=True).reread == []


def test_an_extract_of_several_pieces_is_read_anew(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted, "PIECE_BYTES", 1000)
    path = nights.put("a.csv", extract(people(300)))
    nights.land()
    before = nights.rows()
    path.unlink()
    assert nights.land(full=True).rows["esr_assignments"] == 300
    assert nights.rows().equals(before)


def test_another_key_of_the_pseudonyms_reaches_what_is_gone(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    path = nights.put("a.csv", extract(people(3)))
    nights.land()
    before = set(nights.rows()["person_key"])
    path.unlink()
    monkeypatch.setenv(KEY_VARIABLE, "another key of the pseudonyms")
    assert names(nights.land().reread) == ["a.csv"]
    assert not before & set(nights.rows()["person_key"])


@pytest.mark.parametrize("held", ["", OTHER])
def test_without_its_key_an_extract_is_left_and_it_is_said(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, held: str
) -> None:
    caplog.set_level(logging.INFO)
    path = nights.put("a.csv", extract(people(3)))
    nights.land()
    path.unlink()
    monkeypatch.setenv(BYTES_KEY_VARIABLE, held)
    done = nights.land(full=True)
    assert (done.reread, done.rows["esr_assignments"]) == ([], 3)
    assert f"Left 1 extracts as they were read before: their bytes are kept encrypted, and {BYTES_KEY_VARIABLE}" in (
        caplog.text
    )


def test_a_new_key_before_the_old_one_takes_over(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    content = extract(people(3))
    nights.put("a.csv", content)
    nights.land()
    monkeypatch.setenv(BYTES_KEY_VARIABLE, f"{OTHER}, {ONE}")
    nights.land()
    (file,) = kept(nights)
    assert EncryptedFile(file, BytesKey(bytes.fromhex(OTHER))).read_bytes() == content
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    (nights.folder / "a.csv").unlink()
    monkeypatch.setenv(BYTES_KEY_VARIABLE, OTHER)
    assert names(nights.land(full=True).reread) == ["a.csv"]


def test_a_damaged_copy_is_said_and_what_was_landed_stays(nights: Nights) -> None:
    nights.put("a.csv", extract(people(3)))
    nights.land()
    (nights.folder / "a.csv").unlink()
    (file,) = kept(nights)
    whole = bytearray(file.read_bytes())
    whole[100] ^= 1
    file.write_bytes(whole)
    with pytest.raises(RuntimeError, match=r"The stored copy of esr/a\.csv .* is damaged"):
        nights.land(full=True)
    assert nights.rows().height == 3
