"""Slow libraries in processes beside this one: they load while it goes on, and give their memory back when done with.

Belongs here: starting such a process ahead of need, and having work done in it. Does not: the work itself.
Where nobody has loaded a library ahead, its work is done in this process, to the same result.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, TypeVar, cast

Result = TypeVar("Result")
SECONDS_TO_END = 2
# What a message of the other process is.
TOLD, DONE, RAISED, PRINTED = "told", "done", "raised", "printed"


@dataclass(frozen=True)
class Library:
    """What is worth a process of its own, with the modules that its work imports."""

    name: str
    modules: tuple[str, ...]


GREAT_EXPECTATIONS = Library("Great Expectations", ("great_expectations", "dagster_project.sources.expecting"))
DBT = Library(
    "dbt",
    (
        "dbt.cli.main",
        "dbt.adapters.duckdb.connections",
        "dbt.task.build",
        "dbt.parser.manifest",
        "dagster_project.warehouse",
    ),
)


class ProcessEnded(Exception):
    """A process beside this one ended before its work was done: it was stopped, or ran out of memory."""


@contextlib.contextmanager
def loaded_ahead(*libraries: Library) -> Iterator[None]:
    """Starts loading the first library, and each of the others once the one before it is let go.

    Together they would hold more memory than the night otherwise needs. What is loaded at the end is let go.
    """
    _waiting.extend(libraries)
    _start_the_next()
    try:
        yield
    finally:
        _waiting.clear()
        for library in list(_running):
            let_go(library)
        while _ending:
            _ending.pop().end()


def let_go(library: Library) -> None:
    """Has the process of a library that is needed no more come to its end. Does nothing where there is none."""
    beside = _running.pop(library, None)
    if beside:
        beside.let_go()
        _ending.append(beside)
        _start_the_next()


def _start_the_next() -> None:
    if _waiting:
        library = _waiting.pop(0)
        _running[library] = _Beside(library)


def get_ready(library: Library, work: Callable[..., None], *arguments: Any) -> None:
    """Has work done ahead of need where the library is loading, without waiting for it. Does nothing elsewhere.

    What it raises is lost: whoever needs the work finds it undone and does it.
    """
    beside = _running.get(library)
    if beside:
        # A process that has ended is met, and named, by whoever asks it for something.
        with contextlib.suppress(OSError):
            beside.send((work, arguments, None))


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
        # `multiprocessing` would load the command line into it too, and start a third process to keep an eye on it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.beside", *library.modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def send(self, message: tuple[Any, ...]) -> None:
        assert self._process.stdin is not None
        _send(self._process.stdin, message)

    def do(self, work: Callable[..., Any], arguments: tuple[Any, ...], *, is_told: bool) -> Iterator[Any]:
        with self._named_when_it_ends():
            self.send((work, arguments, is_told))
        while True:
            with self._named_when_it_ends():
                kind, content = pickle.load(self._messages)
            if kind == PRINTED:
                sys.stdout.write(content)
            elif kind == RAISED:
                raise content
            else:
                yield content
                if kind == DONE:
                    return

    @property
    def _messages(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    @contextlib.contextmanager
    def _named_when_it_ends(self) -> Iterator[None]:
        try:
            yield
        # What is read from a pipe that this side has closed is a ValueError.
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as problem:
            code = self._process.wait(SECONDS_TO_END)
            raise ProcessEnded(
                f"The process that runs {self._library.name} ended before its work was done (exit code {code}). It may "
                "have run out of memory, or somebody may have stopped it. Run the refresh again."
            ) from problem

    def let_go(self) -> None:
        # It ends when nothing more can come from this side.
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def end(self) -> None:
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            # It is in the middle of loading or doing what nobody waits for.
            self._process.kill()
            self._process.wait()
        self._messages.close()


_running: dict[Library, _Beside] = {}
_waiting: list[Library] = []
_ending: list[_Beside] = []


def _send(pipe: IO[bytes], message: tuple[Any, ...]) -> None:
    pipe.write(pickle.dumps(message))
    pipe.flush()


def _serve(modules: list[str]) -> None:
    # Ctrl+C reaches every process of a terminal; the one that started this one decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Only messages may go where the other side reads them; what anything prints past Python goes to its error output.
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sending = threading.Lock()

    def send(kind: str, content: Any) -> None:
        with sending:
            _send(messages, (kind, content))

    with contextlib.redirect_stdout(_Printed(send)), contextlib.redirect_stderr(_Printed(send)):
        # What a library makes of itself stays for good; to look through it for garbage takes up to a sixth of loading.
        gc.disable()
        for module in modules:
            importlib.import_module(module)
        gc.freeze()
        gc.enable()
        while True:
            try:
                work, arguments, is_told = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            if is_told is None:
                with contextlib.suppress(Exception):
                    work(*arguments)
                continue
            try:
                told = {"told": lambda content: send(TOLD, content)} if is_told else {}
                send(DONE, work(*arguments, **told))
            except BrokenPipeError:
                return
            except Exception as error:
                error.add_note(traceback.format_exc())
                send(RAISED, error)


class _Printed(io.TextIOBase):
    """Takes what libraries print to where the other process prints."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._send(PRINTED, text)
        return len(text)


if __name__ == "__main__":
    _serve(sys.argv[1:])
