"""Grid search: every combination, or an even spread of them."""

from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, ParameterTable, Space
from autonomous_trading.search._optimizer import Optimizer, Turns, whole_number

_BATCH_SIZE = 4096
# A spread gives up looking for free cells after this many probes per set, and takes every k-th set instead.
_PROBES_PER_SET = 50


@final
class GridSearch(Optimizer):
    """Every feasible combination, in the order of the grid, the last parameter varying fastest.

    `resolution` is the most points a numeric parameter gets (default: whole numbers and steps in full, floats
    without a step 5). With fewer `trials` than combinations, a spread over all parameters at once: the cells that
    an additive low-discrepancy sequence visits first, always the same ones. Nothing here is random.
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
    ) -> None:
        whole_number(seed, "seed", least=0)  # no use for it, but a bad one is a mistake all the same
        self._turns = Turns(n_objectives)
        self._batch_size = whole_number(batch_size, "batch_size", least=1)
        wanted = None if trials is None else whole_number(trials, "trials", least=1)
        table = space.grid(resolution)
        if wanted is not None and wanted < len(table):
            table = table.take(_spread(_cells(space, table), wanted))
        self._table = table
        self._next = 0

    def ask(self) -> ParameterTable:
        self._turns.open()
        batch = self._table.take(slice(self._next, self._next + self._batch_size))
        self._next += len(batch)
        return self._turns.asked(batch)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.told(table, values)


def _cells(space: Space, table: ParameterTable) -> IntArray:
    """Per row and free parameter the position of the value on its axis, shape [n, dimension]."""
    unit = space.to_unit(table)
    cells = np.empty(unit.shape, dtype=np.int64)
    for axis in range(unit.shape[1]):
        cells[:, axis] = np.unique(unit[:, axis], return_inverse=True)[1]
    return cells


def _spread(cells: IntArray, wanted: int) -> IntArray:
    """Row numbers, ascending, of `wanted` rows spread evenly over the axes together.

    Every k-th row would do for one axis only: where k divides the length of the last axis it never varies.
    Source: M. Roberts (2018), "The unreasonable effectiveness of quasirandom sequences": multiples of powers of
    1/g with g**(dimension + 1) = g + 1.
    """
    levels = cells.max(axis=0) + 1
    row_of = {cell.tobytes(): row for row, cell in enumerate(cells)}
    dimension = cells.shape[1]
    step = _generalised_golden_ratio(dimension) ** -np.arange(1.0, dimension + 1.0)
    chosen: dict[int, None] = {}
    for probe in range(1, _PROBES_PER_SET * wanted + 1):
        point = (0.5 + probe * step) % 1.0
        row = row_of.get((point * levels).astype(np.int64).tobytes())
        if row is not None:
            chosen[row] = None
        if len(chosen) == wanted:
            break
    left = np.setdiff1d(np.arange(len(cells)), list(chosen))
    missing = wanted - len(chosen)
    every_kth = left[np.arange(missing) * len(left) // max(missing, 1)]
    return np.sort(np.concatenate([np.array(list(chosen), dtype=np.int64), every_kth]))


def _generalised_golden_ratio(dimension: int) -> float:
    """The positive root of g**(dimension + 1) = g + 1: 1.618 for one dimension, 1.3247 for two."""
    ratio = 2.0
    for _ in range(64):
        ratio = float((1.0 + ratio) ** (1.0 / (dimension + 1)))
    return ratio
