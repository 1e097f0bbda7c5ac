"""DuckDB in a process of its own: what outruns its limits of memory or time ends there, and nothing is left of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, final

from autonomous_trading.adapters.catalogue import _engine_process
from autonomous_trading.core import InvalidInput, StoreUnavailable

__all__ = ["MOST_BYTES", "Failure", "Found", "Question", "asked"]

MOST_BYTES: Final = 1 << 26
"""So many bytes an answer may have."""
_START_SECONDS: Final = 120.0  # for a machine that is busy: the time of a question counts from when it is ready
_LESS: Final = "ask for less: a stretch of time (WHERE time >= '2024-01-01'), or some series (--series)"


@final
@dataclass(frozen=True, slots=True)
class Question:
    """One SELECT, the views it may ask with their SQL, the files these read, how many rows and megabytes at most."""

    sql: str
    views: dict[str, str]
    files: tuple[str, ...]
    most: int
    megabytes: int


@final
@dataclass(frozen=True, slots=True)
class Found:
    """The columns and rows of an answer."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """What the engine says against a question: "unreadable", "no_select", "outside" or "fails", and its words."""

    kind: str
    words: str


def asked(question: Question, seconds: float) -> Found | Failure:
    """What the engine finds. It gets a process that is killed after so many seconds, whatever it does.

    Raises InvalidInput where it takes longer, needs more memory or gives more than `MOST_BYTES`, StoreUnavailable where
    no process can be started.
    """
    with _process(seconds) as child, ThreadPoolExecutor(1, thread_name_prefix="query") as beside:
        try:
            try:
                is_there = beside.submit(_told, child, question).result(_START_SECONDS)
            except TimeoutError:
                is_there = False
            if not is_there:
                raise StoreUnavailable("the engine for questions in SQL does not start", fix="try again") from None
            answer = beside.submit(_heard, child).result(seconds)
        except TimeoutError:
            raise InvalidInput(f"that SQL takes more than {seconds:g} s", fix=_LESS) from None
        finally:
            _kill(child)  # what the thread beside this one waits for comes to its end
    if len(answer) > MOST_BYTES:
        raise InvalidInput(f"that SQL finds more than {MOST_BYTES:,} bytes", fix=_LESS)
    return _read(answer, question.megabytes)


@contextmanager
def _process(seconds: float) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, in a group of its own; it is gone when this ends, however it ends."""
    found = os.pathsep.join(each for each in sys.path if each)
    try:
        child = subprocess.Popen(
            # By its path and without that folder on its own: it finds the same packages as we do, and starts quickly.
            [sys.executable, "-P", str(Path(_engine_process.__file__)), f"{seconds:.3f}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": found, "MALLOC_ARENA_MAX": "2"},
            start_new_session=True,
        )
    except OSError as error:
        raise StoreUnavailable(
            f"the engine for questions in SQL does not start: {error.strerror}", fix="end what fills this machine"
        ) from error
    try:
        yield child
    finally:
        _kill(child)
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # what was written and not read is lost with it
                if pipe is not None:
                    pipe.close()
        child.wait()


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End it and whatever it started. It is not waited for before: until then its number is its own."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


def _told(child: "subprocess.Popen[bytes]", question: Question) -> bool:
    """Hand over the question, and wait until the engine is ready for it."""
    to, back = child.stdin, child.stdout
    if to is None or back is None:
        return False
    with suppress(BrokenPipeError):  # it has ended: that nothing comes back says so
        to.write(json.dumps(asdict(question)).encode() + b"\n")
        to.flush()
    return back.readline() == _engine_process.READY


def _heard(child: "subprocess.Popen[bytes]") -> bytes:
    return b"" if child.stdout is None else child.stdout.read(MOST_BYTES + 1)


def _read(answer: bytes, megabytes: int) -> Found | Failure:
    if not answer:  # the operating system gave it no more memory, or ended it for what it had
        raise InvalidInput(f"that SQL ended the engine, which had {megabytes:,} MB of memory", fix=_LESS)
    try:
        found: dict[str, Any] = json.loads(answer)
        failure = found.get("failure")
        if failure is None:
            rows = tuple(tuple(map(_engine_process.value_of, row)) for row in found["rows"])
            return Found(tuple(found["columns"]), rows)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise InvalidInput(f"that SQL finds a value that cannot be shown ({type(error).__name__})", fix=_LESS) from None
    words = str(found["words"])
    if failure == "memory":
        raise InvalidInput(f"that SQL needs more than {megabytes:,} MB of memory", fix=_LESS)
    if failure == "size":
        raise InvalidInput(f"that SQL finds more than {MOST_BYTES:,} bytes", fix=_LESS)
    return Failure(str(failure), words)
