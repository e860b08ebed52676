"""The memory of a refresh is that of all its processes together."""

from __future__ import annotations

import subprocess
import sys

from dagster_project.memory import MemoryWatch, watched_memory

HOLDS_100_MB = "held = bytearray(b'x' * 104_857_600); print('ready', flush=True); input()"


def test_what_a_process_beside_this_one_holds_is_counted_too() -> None:
    watch = MemoryWatch()
    watch.look()
    alone = watch.peak_mb
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_100_MB], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        watch.look()
        other.communicate("end")
    assert 100 <= watch.peak_mb - alone < 150


def test_the_most_that_was_seen_stays_after_it_was_given_back() -> None:
    with watched_memory() as watch:
        before = watch.peak_mb
        held = bytearray(b"x" * 209_715_200)
        watch.look()
        most = watch.peak_mb
        del held
        watch.look()
    assert before > 0
    assert most > before + 150
    assert watch.peak_mb == most


def test_a_watch_within_a_watch_is_the_same_and_the_next_one_begins_anew() -> None:
    with watched_memory() as watch:
        with watched_memory() as within:
            assert within is watch
        with watched_memory() as after_it:
            assert after_it is watch
    with watched_memory() as anew:
        assert anew is not watch
