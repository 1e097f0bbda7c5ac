"""What merging remembers: bounded, whatever came and however long."""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias, final

from autonomous_trading.core import InvalidInput
from autonomous_trading.data._requests import Span
from autonomous_trading.data.streaming._arrivals import Arrival
from autonomous_trading.data.streaming._grid import BarGrid

__all__ = ["MergeSettings", "MergeState", "Values", "merge_from"]

Values: TypeAlias = tuple[float, float, float, float, float]
_TWO_SECONDS: Final = 2_000_000_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class MergeSettings:
    """How bars are put in order.

    A missing bar is waited for until a bar `lateness` bars after it was overtaken: 0 waits for none. `memory` bars are
    remembered to tell duplicates from revisions. `tolerance` is by how many nanoseconds our clock may be behind that of
    the source.
    """

    grid: BarGrid
    lateness: int = 3
    memory: int = 1_000
    tolerance: int = _TWO_SECONDS

    def __post_init__(self) -> None:
        if self.lateness < 0 or self.memory < 1 or self.tolerance < 0:
            raise InvalidInput(
                f"lateness {self.lateness}, memory {self.memory} or tolerance {self.tolerance} is too small",
                fix="wait for 0 bars or more, remember at least one, and tolerate 0 ns or more",
            )


@final
@dataclass(frozen=True, slots=True)
class MergeState:
    """Where merging stands.

    `last` is the bar emitted last, `floor` the time up to which everything is decided (-1: nothing is), `noticed` up to
    where missing bars were reported. `held` are bars that wait for one before them, `gaps` spans of bars given up and
    neither come nor settled, `settled` spans ahead that hold no more bars. `recent` is the newest version of the bars
    emitted last. `counts` says how often each outcome was.
    """

    last: Arrival | None = None
    floor: int = -1
    noticed: int = -1
    held: tuple[Arrival, ...] = ()
    gaps: tuple[Span, ...] = ()
    settled: tuple[Span, ...] = ()
    recent: tuple[tuple[int, Values], ...] = ()
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def blocked(self) -> bool:
        """Whether bars are missing: no new entries until they came or are settled."""
        return bool(self.held or self.gaps)

    @property
    def content_id(self) -> str:
        """Sixteen hexadecimal digits that name what a decision may depend on: all but counts and times of receipt."""
        digest = hashlib.sha256()
        last = () if self.last is None else (self.last.time, *self.last.values)
        digest.update(repr((last, self.floor, self.gaps, [each.time for each in self.held])).encode())
        for time, values in (*self.recent, *((each.time, each.values) for each in self.held)):
            digest.update(struct.pack("<q5d", time, *values))
        return digest.hexdigest()[:16]


def merge_from(time: int | None = None, *, known: Sequence[Arrival] = ()) -> MergeState:
    """The state before the first arrival: bars up to the one that begins at `time` are there already.

    `known` are the newest of those, in order, so that their revisions are recognised; the last one stands for `time`
    where that is not given. Without either, the first sound bar to come is the first.
    """
    recent = tuple((each.time, each.values) for each in known)
    floor = time if time is not None else recent[-1][0] if recent else -1
    return MergeState(floor=floor, noticed=floor, recent=recent)
