"""Parameter sets measured fold by fold and then on all bars, on columns that are bound once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._programs import Batch
from autonomous_trading.core import BoolArray, FloatArray, IntArray, ParameterTable

Beaten: TypeAlias = Callable[[Mapping[str, FloatArray]], BoolArray]
"""Which sets are given up, from their metrics on the folds so far, [folds so far, sets] each."""
Span: TypeAlias = tuple[int, int]


@final
@dataclass(frozen=True, slots=True)
class FoldValues:
    """What sets are worth on every fold [folds, sets], and on all bars [sets]; NaN where they were given up before.

    evaluated: on how many folds each set was measured.
    """

    on_folds: Mapping[str, FloatArray]
    on_all: Mapping[str, FloatArray]
    evaluated: IntArray


@final
@dataclass(frozen=True, slots=True)
class FoldMeasure:
    """What is measured where: some metrics on every fold, others on all bars for the sets that nobody gave up.

    beaten: asked after every fold but the last; None gives up nothing.
    """

    evaluator: Evaluator
    folds: Sequence[Span]
    all_bars: Span
    on_folds: Sequence[str]
    on_all: Sequence[str]
    beaten: Beaten | None = None

    def __call__(self, table: ParameterTable) -> FoldValues:
        """The values of every set of a table."""
        shape = (len(self.folds), len(table))
        found = FoldValues(
            {name: np.full(shape, np.nan) for name in self.on_folds},
            {name: np.full(len(table), np.nan) for name in self.on_all},
            np.zeros(len(table), dtype=np.int64),
        )
        for batch in self.evaluator.batches(table):
            left = self._through_folds(batch, found)
            if self.on_all and len(left.rows):
                for name, values in self.evaluator.measure_batch(left, self.on_all, *self.all_bars).items():
                    found.on_all[name][left.rows] = values
        return found

    def _through_folds(self, batch: Batch, found: FoldValues) -> Batch:
        """The sets of a batch that are measured on every fold."""
        for number, span in enumerate(self.folds):
            for name, values in self.evaluator.measure_batch(batch, self.on_folds, *span).items():
                found.on_folds[name][number, batch.rows] = values
            found.evaluated[batch.rows] = number + 1
            if self.beaten is None or number + 1 == len(self.folds):
                continue
            so_far = {name: values[: number + 1, batch.rows] for name, values in found.on_folds.items()}
            beaten = self.beaten(so_far)
            if beaten.any():
                batch = batch.take(np.flatnonzero(~beaten))
            if not len(batch.rows):
                break
        return batch
