"""Large arrays in one piece of memory that other processes of this machine map instead of copying.

On Linux the memory is an anonymous file (memfd): it has no name, so the kernel takes it back when the last process that
maps it is gone, however that one ended. Elsewhere it is a temporary file, removed when the block is closed. Named
shared memory of the standard library would need its resource tracker, which complains about what a killed process left.
"""

import mmap
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np

from autonomous_trading.app import SharedArray

__all__ = ["BlockPlace", "SharedBlock"]

_ALIGNED: Final = 64
_KINDS: Final[Mapping[str, type[np.float64] | type[np.int64] | type[np.bool_]]] = {
    "float64": np.float64,
    "int64": np.int64,
    "bool": np.bool_,
}


@final
@dataclass(frozen=True, slots=True)
class _Spot:
    """Where one array lies in the block."""

    offset: int
    kind: str
    shape: tuple[int, ...]


@final
@dataclass(frozen=True, slots=True)
class BlockPlace:
    """Where a block is found from another process of this machine, and what lies where in it."""

    path: str
    size: int
    spots: Mapping[str, _Spot]

    def arrays(self) -> Mapping[str, SharedArray]:
        """The arrays, mapped: what is read is the one memory of all, what is written stays with who writes it."""
        if not self.spots:
            return {}
        with open(self.path, "rb+") as file:
            memory = mmap.mmap(file.fileno(), self.size, access=mmap.ACCESS_COPY)
        return {name: _array(memory, spot) for name, spot in self.spots.items()}


@final
class SharedBlock:
    """Copies of arrays in memory that others can map, until it is closed."""

    def __init__(self, arrays: Mapping[str, SharedArray]) -> None:
        spots, size = _spots(arrays)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._file = -1
        path = ""
        if spots:
            self._file, path = self._made()
            os.ftruncate(self._file, size)
            _fill(self._file, size, arrays, spots)
        self.place: Final = BlockPlace(path, size, spots)

    def _made(self) -> tuple[int, str]:
        if hasattr(os, "memfd_create"):
            file = os.memfd_create("bars", os.MFD_CLOEXEC)
            return file, f"/proc/{os.getpid()}/fd/{file}"
        self._folder = tempfile.TemporaryDirectory(prefix=f"autotrade-{os.getpid()}-")
        path = Path(self._folder.name) / "bars"
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), str(path)

    def close(self) -> None:
        """Let go of it; workers that map it keep it until they end."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _spots(arrays: Mapping[str, SharedArray]) -> tuple[Mapping[str, _Spot], int]:
    spots: dict[str, _Spot] = {}
    offset = 0
    for name, array in arrays.items():
        spots[name] = _Spot(offset, array.dtype.name, array.shape)
        offset += -(-array.nbytes // _ALIGNED) * _ALIGNED
    return spots, offset


def _fill(file: int, size: int, arrays: Mapping[str, SharedArray], spots: Mapping[str, _Spot]) -> None:
    memory = mmap.mmap(file, size)
    for name, spot in spots.items():
        view = _array(memory, spot)
        view[...] = arrays[name]
        del view  # the memory cannot be closed while an array looks at it
    memory.close()


def _array(memory: mmap.mmap, spot: _Spot) -> SharedArray:
    count = int(np.prod(spot.shape, dtype=np.int64))
    return np.frombuffer(memory, _KINDS[spot.kind], count, spot.offset).reshape(spot.shape)
