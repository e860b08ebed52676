"""Processes beside this one: the same work to the same result, and what becomes of one that breaks off."""

from __future__ import annotations

import contextlib
import math
import operator
import os
import threading
import time

import psutil
import pytest

from dagster_project import beside
from dagster_project.beside import DBT, Library, ProcessEnded, ask, let_go, loaded_ahead

LIBRARY = Library("json", ("json",))


def test_work_is_done_in_another_process_once_its_library_is_loaded_ahead() -> None:
    with loaded_ahead(LIBRARY):
        other = ask(LIBRARY, os.getpid)
        assert other != os.getpid()
        assert ask(LIBRARY, os.getpid) == other
        assert ask(DBT, os.getpid) == os.getpid()
    assert not psutil.pid_exists(other)
    assert ask(LIBRARY, os.getpid) == os.getpid()


def test_a_process_that_is_let_go_gives_its_memory_back_before_the_night_is_over() -> None:
    with loaded_ahead(LIBRARY):
        process = psutil.Process(ask(LIBRARY, os.getpid))
        let_go(LIBRARY)
        until = time.monotonic() + 10
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_the_next_library_is_loaded_when_the_one_before_it_is_let_go() -> None:
    other = Library("csv", ("csv",))
    with loaded_ahead(LIBRARY, other):
        assert ask(other, os.getpid) == os.getpid()
        first = ask(LIBRARY, os.getpid)
        let_go(LIBRARY)
        assert ask(other, os.getpid) not in (os.getpid(), first)
        assert ask(LIBRARY, os.getpid) == os.getpid()


def test_what_the_work_raises_is_raised_here_with_where_it_came_from() -> None:
    with loaded_ahead(LIBRARY):
        with pytest.raises(ValueError, match="math domain error") as raised:
            ask(LIBRARY, math.sqrt, -1)
        assert "Traceback" in raised.value.__notes__[0]
        assert ask(LIBRARY, operator.add, 1, 2) == 3


def test_an_error_of_the_work_is_never_taken_for_the_end_of_its_process() -> None:
    with loaded_ahead(LIBRARY):
        with pytest.raises(FileNotFoundError):
            ask(LIBRARY, os.stat, "there is no such file")
        assert ask(LIBRARY, operator.add, 1, 2) == 3


def test_a_process_that_ends_before_its_work_is_done_is_named() -> None:
    with loaded_ahead(LIBRARY), pytest.raises(ProcessEnded, match=r"exit code 7.*Run the refresh again"):
        ask(LIBRARY, os._exit, 7)


def test_what_libraries_print_comes_out_here(capsys: pytest.CaptureFixture[str]) -> None:
    with loaded_ahead(LIBRARY):
        ask(LIBRARY, print, "said by a library")
    assert "said by a library" in capsys.readouterr().out


def test_nobody_waits_for_a_process_that_is_still_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "SECONDS_TO_END", 0.1)

    def ask_for_a_minute() -> None:
        with contextlib.suppress(ProcessEnded):
            ask(LIBRARY, time.sleep, 60)

    started = time.monotonic()
    with loaded_ahead(LIBRARY):
        other = psutil.Process(ask(LIBRARY, os.getpid))
        waiting = threading.Thread(target=ask_for_a_minute)
        waiting.start()
    waiting.join()
    assert not other.is_running()
    assert time.monotonic() - started < 30
