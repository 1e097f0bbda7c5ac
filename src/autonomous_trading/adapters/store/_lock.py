"""One writer per file: a lock beside it that dies with the process that holds it, however it dies.

The lock is a POSIX record lock: unlike flock it is not inherited by forked workers, so a killed search never leaves
its lock with an orphan. It belongs to the process as a whole, and so does the list of what this process holds.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Final, final

from autonomous_trading.adapters.store._failures import story_of_file_error
from autonomous_trading.core import StoreUnavailable

if sys.platform != "win32":
    import fcntl

__all__ = ["FileLock", "holder_of"]

_HELD: Final[dict[Path, int]] = {}  # file -> process that holds it: what a forked child finds here is not its own
_GUARD: Final = threading.Lock()
_LOOKS: Final = 20
_LOOK_SECONDS: Final = 0.005


@final
class FileLock:
    """The right of this process to write a file, until it is released or the process ends."""

    def __init__(self, path: Path) -> None:
        """Raises StoreUnavailable, naming the process, where somebody has it."""
        self._path = path.resolve()
        with _GUARD:
            if _HELD.get(self._path) == os.getpid():
                raise StoreUnavailable(
                    f"this process has {path.name} open already",
                    fix="share its Store, or open it again with read_only=True",
                )
            self._handle = _locked(self._path)
            _HELD[self._path] = os.getpid()

    def release(self) -> None:
        """Lets others write. Twice is once; a forked child lets go of nothing."""
        with _GUARD:
            if _HELD.get(self._path) == os.getpid():
                del _HELD[self._path]
                os.ftruncate(self._handle, 0)
                os.close(self._handle)


def _locked(path: Path) -> int:
    beside = path.with_name(f"{path.name}.lock")
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise story_of_file_error(str(beside), error) from error
    if sys.platform != "win32":
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = holder_of(handle)
            os.close(handle)
            raise StoreUnavailable(
                f"another process{holder} uses {path.name}",
                fix="wait for it, stop it, or name another store; 'autotrade runs list' works meanwhile",
            ) from error
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def holder_of(handle: int) -> str:
    """Who holds a lock, as " (pid 12)"; "" where it does not say.

    The winner of a race may not have written its number yet, and one that was killed never took it away.
    """
    for _ in range(_LOOKS):
        os.lseek(handle, 0, os.SEEK_SET)
        written = os.read(handle, 20)
        if written.isdigit() and _lives(int(written)):
            return f" (pid {int(written)})"
        time.sleep(_LOOK_SECONDS)
    return ""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
