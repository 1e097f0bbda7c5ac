"""Files read only where they are ordinary ones: whatever else can bear a name might never stop, or lead elsewhere."""

import errno
import os
import stat
from pathlib import Path
from typing import Final, final

__all__ = ["NotOrdinary", "lies_inside", "ordinary_bytes"]

# A pipe nobody writes to would be waited for when it is opened: not with O_NONBLOCK, which means nothing to a file.
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a link"),
)


@final
class NotOrdinary(OSError):
    """What lies there is no file: `strerror` says what it is."""


def ordinary_bytes(path: Path, *, links: bool = True, most: int | None = None) -> bytes:
    """The bytes of a file (at most one more than `most`), without waiting for anything but the disk.

    `links`: whether the name may be a link to the file. Raises NotOrdinary (an OSError) for a folder, pipe, socket,
    device, and for a link where there may be none; OSError as opening does.
    """
    if not links and path.is_symlink():  # said as what it is; O_NOFOLLOW is what makes sure of it
        raise NotOrdinary(errno.ELOOP, "it is a link")
    _refuse(path.stat().st_mode)  # a device is not opened to find out what it is: some do something when they are
    handle = os.open(path, _READ | (0 if links else getattr(os, "O_NOFOLLOW", 0)))
    with os.fdopen(handle, "rb") as stream:
        _refuse(os.fstat(handle).st_mode)
        return stream.read() if most is None else stream.read(most + 1)


def lies_inside(path: Path, folder: Path) -> bool:
    """Whether a path, all its links followed, lies in a folder; a name that no file can have lies nowhere."""
    try:
        # Unlike Path.resolve it takes a link that leads to itself for what it is: a name that leads nowhere.
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):
        return False


def _refuse(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((words for is_it, words in _KINDS if is_it(mode)), "something else")
        raise NotOrdinary(errno.EINVAL, f"it is {kind}, not a file")
