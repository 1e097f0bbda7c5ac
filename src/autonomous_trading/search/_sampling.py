"""Feasible points of a space, drawn at random and never twice."""

from collections import deque
from collections.abc import Collection, Container
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space

_BLOCK = 256
_MOST_BLOCKS = 256
# A draw gives up after this many points per set it was asked for, plus a floor for small draws.
_POINTS_PER_SET = 200
_LEAST_POINTS = 20_000
# Spaces of at most this many combinations can be listed outright (8 MB per parameter).
_LARGEST_LIST = 1_000_000


def row_keys(space: Space, table: ParameterTable) -> list[bytes]:
    """One name per row; two rows share it exactly when their free parameters are the same."""
    return [row.tobytes() for row in space.to_unit(table)]


@final
class FeasibleSampler:
    """Draws points of the unit cube whose sets satisfy the constraint; in a finite space no set comes twice.

    A space that is small against the `expected` number of draws is listed and shuffled, so that it can be used
    up to its last set. Any other is sampled by rejection, and listed only when rejection finds nothing new.
    """

    def __init__(self, space: Space, rng: np.random.Generator, *, expected: int) -> None:
        self._space = space
        self._rng = rng
        size = space.size()
        self._finite = size is not None
        self._listable = size is not None and size <= _LARGEST_LIST
        self._spare: deque[FloatArray] = deque()
        self._unused = np.empty((0, space.dimension))
        self._list: FloatArray | None = None
        self._cursor = 0
        self._successful = False
        if size is not None and size <= min(4 * expected, _LARGEST_LIST):
            self._list = self._shuffled_list()

    def draw(self, count: int, seen: Collection[bytes] = frozenset()) -> FloatArray:
        """Up to `count` points, shape [n, dimension], of distinct sets whose keys are not in `seen`.

        Fewer, or none, once the space is used up. Raises InvalidInput when the constraint refuses all.
        """
        if not self._finite:
            return self._checked(self._continuous(count), count, seen)
        drawn: dict[bytes, FloatArray] = {}
        if self._list is None:
            self._by_rejection(count, seen, drawn)
            if len(drawn) < count and self._listable:
                self._list = self._shuffled_list()
        if self._list is not None:
            self._from_list(self._list, count, seen, drawn)
        points = np.array(list(drawn.values())).reshape(len(drawn), self._space.dimension)
        return self._checked(points, count, seen)

    def _checked(self, points: FloatArray, count: int, seen: Collection[bytes]) -> FloatArray:
        """The points, unless nothing was ever found."""
        self._successful = self._successful or bool(len(points))
        if count and not self._successful and not seen:
            raise InvalidInput(
                f"no feasible set among {_budget(count):,} random ones: the constraint refuses nearly everything",
                fix="widen the bounds or relax the constraint",
            )
        return points

    def _continuous(self, count: int) -> FloatArray:
        """The next points where no two are ever the same, many at a time: millions are drawn again in seconds."""
        found, budget = len(self._unused), _budget(count)
        parts = [self._unused]
        while found < count and budget > 0:
            blocks = min(-(-(count - found) // _BLOCK), -(-budget // _BLOCK), _MOST_BLOCKS)
            parts.append(self._feasible_block(blocks))
            found += len(parts[-1])
            budget -= blocks * _BLOCK
        points = np.concatenate(parts)
        self._unused = points[count:]
        return points[:count]

    def _by_rejection(self, count: int, seen: Container[bytes], drawn: dict[bytes, FloatArray]) -> None:
        budget = _budget(count)
        while len(drawn) < count and budget > 0:
            if not self._spare:
                self._spare.extend(self._feasible_block())
                budget -= _BLOCK
            elif (key := self._spare[0].tobytes()) in seen:
                self._spare.popleft()
            else:
                drawn.setdefault(key, self._spare.popleft())

    def _from_list(
        self, listed: FloatArray, count: int, seen: Container[bytes], drawn: dict[bytes, FloatArray]
    ) -> None:
        while len(drawn) < count and self._cursor < len(listed):
            point = listed[self._cursor]
            self._cursor += 1
            if point.tobytes() not in seen:
                drawn.setdefault(point.tobytes(), point)

    def _feasible_block(self, blocks: int = 1) -> FloatArray:
        unit = self._rng.random((blocks * _BLOCK, self._space.dimension))
        table = self._space.from_unit(unit)
        if self._finite:
            unit = self._space.to_unit(table)  # one point per set, so that equal sets have equal keys
        return unit[self._space.feasible(table)]

    def _shuffled_list(self) -> FloatArray:
        unit = self._space.to_unit(self._space.grid())
        return unit[self._rng.permutation(len(unit))]


def _budget(count: int) -> int:
    return _LEAST_POINTS + _POINTS_PER_SET * count
