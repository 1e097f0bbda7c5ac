"""Grid search: every combination, or an even spread of them."""

import math
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, Parameter, ParameterTable, Space
from autonomous_trading.search._optimizer import Optimizer, Turns, whole_number

_BATCH_SIZE = 4096
# A spread over more combinations than this, and than ten per trial, starts from a thinned-out grid.
_LARGEST_SPREAD = 100_000
_COMBINATIONS_PER_TRIAL = 10
_LARGEST_RESOLUTION = 64
# A spread probes this often for cells that are feasible and free, then takes every k-th of what is left.
_ROUNDS_OF_PROBES = 12
_PROBES_PER_SET = 4


@final
class GridSearch(Optimizer):
    """Every feasible combination, in the order of the grid, the last parameter varying fastest.

    `resolution` is the most points a numeric parameter gets (default: whole numbers and steps in full, floats
    without a step 5). With fewer `trials` than combinations, an even spread over all parameters at once: the
    cells that an additive low-discrepancy sequence visits first, always the same ones. Where the full grid is
    beyond 100,000 combinations and ten per trial, the spread is over the finest grid that is not. Nothing is
    random. Raises InvalidInput for a grid without `trials` that is too large to list.
    """

    def __init__(
        self,
        space: Space,
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
        resolution: int | None = None,
        batch_size: int = _BATCH_SIZE,
        ahead: int = 0,
    ) -> None:
        whole_number(seed, "seed", least=0)  # no use for it, but a bad one is a mistake all the same
        self._turns = Turns(n_objectives, ahead)
        self._batch_size = whole_number(batch_size, "batch_size", least=1)
        if resolution is not None:
            resolution = whole_number(resolution, "resolution", least=1)
        if trials is None:
            self._table = space.grid(resolution)
        else:
            self._table = _spread_table(space, whole_number(trials, "trials", least=1), resolution)
        self._next = 0

    @property
    def ahead(self) -> int:
        """How many more batches may be asked for while one is out: what they are worth changes nothing."""
        return self._turns.ahead

    def ask(self) -> ParameterTable:
        self._turns.open()
        batch = self._table.take(slice(self._next, self._next + self._batch_size))
        self._next += len(batch)
        return self._turns.asked(batch)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.told(table, values)


def _spread_table(space: Space, wanted: int, resolution: int | None) -> ParameterTable:
    """The whole grid where it has at most `wanted` sets, otherwise that many of it."""
    most = max(_LARGEST_SPREAD, _COMBINATIONS_PER_TRIAL * wanted)
    if _combinations(space, resolution) > most:
        resolution = _fitting_resolution(space, most, resolution or _LARGEST_RESOLUTION)
    table = space.grid(resolution)
    if len(table) <= wanted:
        return table
    cells, levels = _cells(space, table, resolution)
    return table.take(_spread(cells, levels, wanted))


def _combinations(space: Space, resolution: int | None) -> int:
    return math.prod(_points(space.parameters[name], resolution) for name in space.names)


def _points(parameter: Parameter, resolution: int | None) -> int:
    if parameter.cardinality is None:
        return len(parameter.grid(resolution))
    if resolution is None or not parameter.is_numeric:
        return parameter.cardinality
    return min(parameter.cardinality, resolution)


def _fitting_resolution(space: Space, most: int, finest: int) -> int:
    """The largest resolution whose grid has at most `most` combinations; 2 where none has."""
    fitting = (r for r in range(finest, 2, -1) if _combinations(space, r) <= most)
    return next(fitting, 2)


def _cells(space: Space, table: ParameterTable, resolution: int | None) -> tuple[IntArray, IntArray]:
    """Per row and free parameter the position of the value on its axis, [n, dimension], and the axes' lengths."""
    cells = np.empty((len(table), space.dimension), dtype=np.int64)
    levels = np.empty(space.dimension, dtype=np.int64)
    for axis, name in enumerate(space.names):
        positions = {value: k for k, value in enumerate(space.parameters[name].grid(resolution))}
        # The default of a parameter that does not count may lie beside a thinned-out grid: any place will do for it.
        cells[:, axis] = [positions.get(value, 0) for value in table.column(name).tolist()]
        levels[axis] = len(positions)
    return cells, levels


def _spread(cells: IntArray, levels: IntArray, wanted: int) -> IntArray:
    """Row numbers, ascending, of `wanted` rows spread evenly over the axes together.

    Every k-th row would do for one axis only: where k divides the length of the last axis it never varies.
    Source: M. Roberts (2018), "The unreasonable effectiveness of quasirandom sequences": multiples of powers
    of 1/g, where g**(dimension + 1) = g + 1.
    """
    dimension = len(levels)
    step = _generalised_golden_ratio(dimension) ** -np.arange(1.0, dimension + 1.0)
    codes = np.ravel_multi_index(tuple(cells.T), tuple(levels))  # ascending, as grids are
    chosen = np.empty(0, dtype=np.int64)
    probes = _PROBES_PER_SET * wanted
    for first in range(1, _ROUNDS_OF_PROBES * probes, probes):
        points = (0.5 + np.arange(first, first + probes)[:, None] * step) % 1.0
        probed = np.ravel_multi_index(tuple((points * levels).astype(np.int64).T), tuple(levels))
        rows = np.minimum(np.searchsorted(codes, probed), len(codes) - 1)
        chosen = _first_ones(np.concatenate([chosen, rows[codes[rows] == probed]]))[:wanted]
        if len(chosen) == wanted:
            break
    left = np.setdiff1d(np.arange(len(cells)), chosen)
    missing = wanted - len(chosen)
    return np.sort(np.concatenate([chosen, left[np.arange(missing) * len(left) // max(missing, 1)]]))


def _first_ones(rows: IntArray) -> IntArray:
    """The distinct numbers in the order in which they first appear."""
    return rows[np.sort(np.unique(rows, return_index=True)[1])]


def _generalised_golden_ratio(dimension: int) -> float:
    """The positive root of g**(dimension + 1) = g + 1: 1.618 for one dimension, 1.3247 for two."""
    ratio = 2.0
    for _ in range(64):
        ratio = float((1.0 + ratio) ** (1.0 / (dimension + 1)))
    return ratio
