"""The one door to numba: `kernel` compiles a function once per edit of our sources and keeps it on disk.

numba keys its disk cache by the file a function lives in, so an edit in a *helper in another file* goes unnoticed
(numba issue 8396). Every kernel is therefore cached in a directory named after a hash of all sources that hold kernels.
This file is the only place of the pure rooms that touches the disk: once at import, and when a kernel is first called.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar, final

import numba
from numba.core.runtime.nrt import rtsys

# Not on Windows: two processes that compile at once then do the same work twice.
_FCNTL: Final[ModuleType | None] = importlib.import_module("fcntl") if importlib.util.find_spec("fcntl") else None
_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_SOURCES: Final = (
    "core/jit.py",
    "core/opcodes.py",
    "backtest",
    "data/knowable/_tick_kernels.py",
    "features/kernels",
    "models/labels/_kernels.py",
    "validation/_regime_probabilities.py",
)
_KEPT: Final = 4
_IN_USE_SECONDS: Final = 3600.0
_ROOM: Final = bytes(1 << 16)  # what a folder must be able to take: a kernel or two
_NOWHERE: Final = Path(os.devnull)  # no folder can be made in it
_Function = TypeVar("_Function", bound=Callable[..., object])


def kernel_sources() -> tuple[Path, ...]:
    """Every file that may hold a kernel, or a number that is compiled into one."""
    entries = [_PACKAGE / entry for entry in _KERNEL_SOURCES]
    return tuple(file for entry in entries for file in (sorted(entry.rglob("*.py")) if entry.is_dir() else [entry]))


def _source_hash() -> str:
    """Hash of all kernel sources, and of the numba that compiles them."""
    digest = hashlib.sha256(numba.__version__.encode())
    for file in kernel_sources():
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _user() -> str:
    """Number of the user who runs this process; empty where the system has none."""
    return str(os.getuid()) if hasattr(os, "getuid") else ""


def _is_ours(folder: Path) -> bool:
    """Whether a folder (no link to one) belongs to the user who runs this, and nobody else may write into it."""
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) == 0
    return _user() == "" or (private and _user() == str(found.st_uid))


def _usable(folder: Path) -> bool:
    """Whether a folder can be made, is ours alone, and has room: code is loaded from it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.utime(folder)  # the mark of use that `remove_old` goes by
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(_ROOM) == len(_ROOM) and _is_ours(folder)
    except OSError:
        return False


def _safe_among_others(home: Path) -> bool:
    """Whether a folder can be made where others may write, ours alone, and they cannot put theirs in its place.

    In a sticky folder such as /tmp only the owner of an entry may rename or remove it.
    """
    try:
        home.mkdir(exist_ok=True, mode=0o700)
        sticky = bool(home.parent.stat().st_mode & stat.S_ISVTX)
        return _is_ours(home) and (sticky or _is_ours(home.parent))
    except OSError:
        return False


def remove_old(folder: Path) -> None:
    """Remove the neighbours of a kernel folder that older sources left, but for the last few and those in use."""
    with suppress(OSError):
        ages = {other: other.stat().st_mtime for other in folder.parent.glob("kernels-*") if other != folder}
        newest = sorted(ages, key=lambda other: -ages[other])
        for other in newest[_KEPT - 1 :]:
            if folder.stat().st_mtime - ages[other] > _IN_USE_SECONDS:
                shutil.rmtree(other, ignore_errors=True)


def _homes() -> Iterator[Path]:
    """Where this user may keep kernels, best first; each place is only looked for when the one before will not do."""
    named, home = Path(os.environ.get("XDG_CACHE_HOME", "")), Path(os.path.expanduser("~"))
    if named.is_absolute():
        yield named / "autonomous_trading"
    elif home.is_absolute():  # it is not where neither the environment nor the system knows a home
        yield home / ".cache" / "autonomous_trading"
    with suppress(OSError):  # no folder for temporary files
        shared = Path(tempfile.gettempdir()) / f"autonomous_trading-{_user()}"
        if _safe_among_others(shared):
            yield shared


def cache_directory() -> Path:
    """Folder of the compiled kernels: the user's cache, else a folder of the user among the temporary files.

    Where neither can be written to, a folder that lives as long as the process; and where not even that can be made, a
    path at which no folder can be: kernels are then compiled without being kept.
    """
    name = f"kernels-{_source_hash()}"
    for home in _homes():
        fresh = not (home / name).exists()
        if _usable(home / name):
            if fresh:
                remove_old(home / name)
            return home / name
    with suppress(OSError):
        passing = tempfile.mkdtemp(prefix="autonomous_trading-")
        atexit.register(shutil.rmtree, passing, ignore_errors=True)
        return Path(passing)
    return _NOWHERE / name


_CACHE_DIRECTORY = cache_directory()


class _Lock:
    """Lets one process at a time compile: numba would let two write the same file for different signatures.

    Compiling one kernel compiles those it calls, so the lock is taken by the outermost and counted.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._threads = threading.RLock()
        self._depth = 0
        self._opened: int | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._depth == 1 and _FCNTL is not None:
            with suppress(OSError):  # no lock where the disk knows none, or the folder went away
                self._opened = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
                _FCNTL.flock(self._opened, _FCNTL.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._opened is not None and _FCNTL is not None:
            with suppress(OSError):  # let go of it first: a child of this process may have the file open, too
                _FCNTL.flock(self._opened, _FCNTL.LOCK_UN)
            os.close(self._opened)
            self._opened = None
        self._threads.release()


_LOCK: Final = _Lock(_CACHE_DIRECTORY / "lock")


@final
class _Cache:
    """numba's cache of one function, whose failures cost time and nothing else: the function is compiled anew."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept
        self.cache_path: str = kept.cache_path

    def load_overload(self, signature: object, context: object) -> object:
        """The compiled function, None where it is not kept or what is kept is damaged (and then thrown away)."""
        with suppress(Exception):  # reading back what was cut short may raise anything
            # What numba's own `load_overload` does, without the implementation of all of Python and NumPy that it
            # imports first: only compiling needs that, which imports it, and a short run never compiles.
            rtsys.initialize(context)
            with self._kept._guard_against_spurious_io_errors():
                return self._kept._load_overload(signature, context)
        self.flush()
        return None

    def save_overload(self, signature: object, compiled: object) -> None:
        """Keep a compiled function where the disk takes it."""
        with suppress(Exception):  # a full disk, or damage that could not be thrown away
            self._kept.save_overload(signature, compiled)

    def flush(self) -> None:
        """Throw away what is kept of the function; numba's own `flush` would need room on the disk."""
        for file in Path(self.cache_path).glob(f"{self._kept._impl.filename_base}.*"):
            with suppress(OSError):
                file.unlink()


# Two of them are options of numba's own library code: no second wrapper that nobody calls, and no reference counts.
_FLAGS: Final[Mapping[str, Any]] = {
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}


def _keep(compiled: Any) -> None:
    """Let numba keep a function in our folder, and nowhere else when that cannot be written to."""
    config: Any = numba.config
    before, without = config.CACHE_DIR, compiled._cache
    config.CACHE_DIR = str(_CACHE_DIRECTORY)
    try:
        compiled.enable_caching()
    except RuntimeError:  # there is no folder for it at all
        return
    finally:
        config.CACHE_DIR = before
    ours = _CACHE_DIRECTORY in Path(compiled._cache.cache_path).parents
    compiled._cache = _Cache(compiled._cache) if ours else without


def _compile(function: _Function, *, inline: bool) -> _Function:
    compiled: Any = numba.njit(**_FLAGS, forceinline=inline)(function)
    _keep(compiled)
    compile_now = compiled.compile

    def compile_alone(signature: object) -> object:
        with _LOCK:
            return compile_now(signature)

    compiled.compile = compile_alone
    result: _Function = compiled
    return result


def kernel(function: _Function) -> _Function:
    """Get `function` compiled to machine code: no Python objects, no lock held, the same bits on every thread.

    Flags are fixed here: no fast-math (results must not depend on vector width), IEEE division instead of exceptions,
    the lock released so that plain threads use all cores, and no reference counts: numba would count every view of an
    array with an atomic operation, which in scalar code costs more than the work. So a kernel allocates nothing, and
    neither returns nor keeps an array; whoever calls it holds all memory.
    """
    return _compile(function, inline=False)


def inlined(function: _Function) -> _Function:
    """Get a kernel that is always merged into its caller: for small steps whose call would cost more than they do."""
    return _compile(function, inline=True)
