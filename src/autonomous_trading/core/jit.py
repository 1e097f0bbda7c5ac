"""The one door to numba: `kernel` compiles a function once per edit of our sources and keeps it on disk.

numba keys its disk cache by the file a function lives in, so an edit in a *helper in another file* goes unnoticed
(numba issue 8396). Every kernel is therefore cached in a directory named after a hash of all sources that hold kernels.
This file is the only place of the pure rooms that touches the disk, and it does so once, at import.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_SOURCES = ("core/jit.py", "backtest")
_Function = TypeVar("_Function", bound=Callable[..., object])


def _source_hash() -> str:
    """Hash of every file that may hold a kernel, and of the numba that compiles it."""
    digest = hashlib.sha256(numba.__version__.encode())
    for entry in _KERNEL_SOURCES:
        path = _PACKAGE / entry
        for file in sorted(path.glob("_*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path:
    """Directory of the compiled kernels: the user's cache, or a private temporary one where that is read-only."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    name = f"kernels-{_source_hash()}"
    candidates = [
        Path(base) / "autonomous_trading" / name,
        Path(tempfile.gettempdir()) / f"autonomous_trading-{os.getuid()}" / name,
    ]
    for path in candidates:
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(path, os.W_OK) and path.stat().st_uid == os.getuid():
            return path
    return Path(tempfile.mkdtemp(prefix="autonomous_trading-"))


_CACHE_DIRECTORY = cache_directory()


def _compile(function: _Function, *, inline: bool) -> _Function:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_CACHE_DIRECTORY)
    try:
        compiled: _Function = numba.njit(
            cache=True, nogil=True, error_model="numpy", boundscheck=False, forceinline=inline
        )(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled


def kernel(function: _Function) -> _Function:
    """Get `function` compiled to machine code: no Python objects, no lock held, the same bits on every thread.

    Flags are fixed here: no fast-math (results must not depend on vector width), IEEE division instead of exceptions,
    and the lock released so that plain threads use all cores.
    """
    return _compile(function, inline=False)


def inlined(function: _Function) -> _Function:
    """Get a kernel that is always merged into its caller: for small steps whose call would cost more than their work."""
    return _compile(function, inline=True)


@intrinsic  # type: ignore
def borrowed(typing_context, array):
    """Get the same array without its reference count, for use inside one kernel call whose caller keeps it alive.

    numba counts references with atomic operations; in scalar code called millions of times they cost more than the work.
    """

    def generate(context, builder, signature, arguments):  # type: ignore
        view = make_array(signature.return_type)(context, builder, value=arguments[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), generate
