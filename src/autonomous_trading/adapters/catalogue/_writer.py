"""One writer at a time for a series, and files that are written whole."""

import errno
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from autonomous_trading.adapters._files import write_bytes_atomic
from autonomous_trading.core import InvalidInput, StoreUnavailable

if sys.platform != "win32":
    import fcntl

__all__ = ["LOCK", "one_writer", "write_whole"]

LOCK: Final = "lock"
PATIENCE: Final = 30.0
_PAUSE: Final = 0.02
_CAREFULLY: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link, no waiting for a pipe
_HELD: Final[set[tuple[int, Path]]] = set()  # with the process: what a forked child finds here is not its own
_GUARD: Final = threading.Condition()


@contextmanager
def one_writer(folder: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """The right to write in a folder, which is made where it is missing; others wait for it.

    Held by the process and gone with it, however it ends. Raises StoreUnavailable after `patience` seconds, or where
    the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    deadline, mine = time.monotonic() + patience, (os.getpid(), folder.resolve())
    with _GUARD:
        if not _GUARD.wait_for(lambda: mine not in _HELD, patience):
            raise _busy(folder)
        _HELD.add(mine)
    try:
        # Opened by its holder alone: a process that closes a file lets go of all its locks on it.
        handle = _opened(folder / LOCK)
        try:
            _take(handle, deadline, folder)
            yield
        finally:
            os.close(handle)
    finally:
        with _GUARD:
            _HELD.discard(mine)
            _GUARD.notify_all()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that a crash leaves whole or not there. Raises StoreUnavailable where there is no room or right."""
    try:
        write_bytes_atomic(path, data)
    except InvalidInput as error:
        if isinstance(error.__cause__, OSError):
            raise _unwritable(path, error.__cause__) from error
        raise


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | _CAREFULLY, 0o666)
    except OSError as error:
        raise _unwritable(path, error) from error


def _take(handle: int, deadline: float, folder: Path) -> None:
    if sys.platform == "win32":
        return
    while True:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise _unwritable(folder, error) from error
        if time.monotonic() > deadline:
            raise _busy(folder)
        time.sleep(_PAUSE)


def _busy(folder: Path) -> StoreUnavailable:
    return StoreUnavailable(f"another process writes in {folder}", fix="wait for it, or stop it")


def _unwritable(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"cannot write {path}: {error.strerror or error}",
        fix="make room, or name another folder that you may write to with --catalogue",
    )
