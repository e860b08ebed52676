"""Slow libraries in processes beside this one: they load while it goes on, and give their memory back when done with.

Belongs here: starting such a process ahead of need, and having work done in it. Does not: the work itself.
Where nobody has loaded a library ahead, its work is done in this process, to the same result.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import multiprocessing
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")
SECONDS_TO_END = 2


class Library(Enum):
    """What is worth a process of its own, with the modules that its work imports."""

    GREAT_EXPECTATIONS = ("great_expectations", "dagster_project.sources.expecting")
    DBT = (
        "dbt.cli.main",
        "dbt.adapters.duckdb.connections",
        "dbt.task.build",
        "dbt.parser.manifest",
        "dagster_project.warehouse",
    )


class ProcessEnded(Exception):
    """A process beside this one ended before its work was done: it was stopped, or ran out of memory."""


@contextlib.contextmanager
def loaded_ahead(*libraries: Library) -> Iterator[None]:
    """Starts loading the libraries, and lets go of those that are still loaded at the end."""
    for library in libraries:
        _running[library] = _Beside(library)
    started = list(_running.values())
    try:
        yield
    finally:
        for library in libraries:
            let_go(library)
        for beside in started:
            beside.end()


def let_go(library: Library) -> None:
    """Has the process of a library that is needed no more come to its end. Does nothing where there is none."""
    beside = _running.pop(library, None)
    if beside:
        beside.let_go()


def ask(library: Library, work: Callable[..., Result], *arguments: Any) -> Result:
    """What the work gives, done where its library was loaded. Raises what the work raises, and ProcessEnded."""
    beside = _running.get(library)
    if beside is None:
        return work(*arguments)
    *_, result = beside.do(work, arguments, is_told=False)
    return cast(Result, result)


def listen(library: Library, work: Callable[..., Any], *arguments: Any) -> Iterator[Any]:
    """Yields what the work tells of while it goes on, and last what it gives. Raises as `ask` does.

    The work takes a callable `told` besides, which may be called from any of its threads.
    """
    beside = _running.get(library)
    if beside:
        yield from beside.do(work, arguments, is_told=True)
        return
    heard: list[Any] = []
    heard.append(work(*arguments, told=heard.append))
    yield from heard


class _Beside:
    """One process, with one library loaded, that does one thing at a time."""

    def __init__(self, library: Library) -> None:
        self._library = library
        # The same on every system; a copy of this process would copy its locks and open files too.
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there, library.value), daemon=True)
        self.process.start()
        there.close()

    def do(self, work: Callable[..., Any], arguments: tuple[Any, ...], *, is_told: bool) -> Iterator[Any]:
        try:
            self._here.send((work, arguments, is_told))
            while True:
                kind, content = self._here.recv()
                if kind == "printed":
                    sys.stdout.write(content)
                elif kind == "raised":
                    raise content
                else:
                    yield content
                    if kind == "done":
                        return
        except (EOFError, OSError) as problem:
            self.process.join(timeout=5)
            raise ProcessEnded(
                f"The process that runs {self._library.value[0].split('.')[0]} ended before its work was done "
                f"(exit code {self.process.exitcode}). It may have run out of memory, or somebody may have stopped it. "
                "Run the refresh again."
            ) from problem

    def let_go(self) -> None:
        # It ends when nobody is at this side any more.
        self._here.close()

    def end(self) -> None:
        self.process.join(timeout=SECONDS_TO_END)
        # It may be in the middle of loading or doing what nobody waits for.
        self.process.terminate()
        self.process.join()


_running: dict[Library, _Beside] = {}


def _serve(there: Connection, modules: tuple[str, ...]) -> None:
    # Ctrl+C reaches every process of a terminal; the one that started this one decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sending = threading.Lock()

    def send(kind: str, content: Any) -> None:
        with sending:
            there.send((kind, content))

    with contextlib.redirect_stdout(_Printed(send)), contextlib.redirect_stderr(_Printed(send)):
        for module in modules:
            importlib.import_module(module)
        while True:
            try:
                work, arguments, is_told = there.recv()
            except (EOFError, OSError):
                return
            try:
                told = {"told": lambda content: send("told", content)} if is_told else {}
                send("done", work(*arguments, **told))
            except Exception as error:
                error.add_note(traceback.format_exc())
                send("raised", error)


class _Printed(io.TextIOBase):
    """Takes what libraries print to where the other process prints."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._send("printed", text)
        return len(text)
