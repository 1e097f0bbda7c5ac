"""What every tried set earned in every period: one matrix from which all corrections for choosing follow.

Bars are put together to periods where there are many: the statistics need the order of some thousand returns, and
memory does not grow with the number of bars.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from autonomous_trading.app import Evaluator, hold_performance
from autonomous_trading.backtest import Request
from autonomous_trading.core import FloatArray, IntArray, ParameterTable

MOST_PERIODS = 5_000
VALUES_AT_ONCE = 1 << 24  # of equity curves: 128 MiB


class Periods(NamedTuple):
    """How bars start .. stop - 1 are put together: the row after the last bar of every period, and how many are in one.

    The first period is shorter where they do not come out even.
    """

    start: int
    ends: IntArray
    bars: int

    @staticmethod
    def of(start: int, stop: int, most: int = MOST_PERIODS) -> Periods:
        """At most `most` periods of equal length.

        >>> Periods.of(0, 7, 3).ends.tolist()
        [1, 4, 7]
        """
        return Periods.each(start, stop, max(1, math.ceil((stop - start) / most)))

    @staticmethod
    def each(start: int, stop: int, bars: int) -> Periods:
        """Periods of so many bars."""
        return Periods(start, np.arange(stop, start, -bars)[::-1], bars)

    def returns(self, equity: FloatArray, initial_cash: float) -> FloatArray:
        """Simple returns per period of equity curves [..., bars] over these bars; 0 after ruin."""
        after = equity[..., self.ends - self.start - 1]
        before = np.concatenate([np.full((*after.shape[:-1], 1), initial_cash), after[..., :-1]], axis=-1)
        alive = before > 0.0
        found: FloatArray = np.where(alive, after / np.where(alive, before, 1.0) - 1.0, 0.0)
        return found


def set_returns(
    evaluator: Evaluator, table: ParameterTable, periods: Periods, *, at_once: int = VALUES_AT_ONCE
) -> FloatArray:
    """Returns of every set of a table, [periods, sets], each traded from scratch over all the bars.

    at_once: most numbers of equity curves held in memory; it changes no return.
    """
    start, stop = periods.start, int(periods.ends[-1])
    cash = evaluator.rules.execution.initial_cash
    found = np.zeros((len(periods.ends), len(table)))
    # Curves hold equity and cash, and the units of every instrument.
    step = max(1, at_once // ((stop - start) * (2 + len(evaluator.market.instruments))))
    request = Request(curves=True, threads=evaluator.rules.threads)
    for batch in evaluator.batches(table):
        for low in range(0, len(batch.rows), step):
            some = batch.take(slice(low, low + step))
            curves = evaluator.run(some, start, stop, request).curves
            if curves is not None:
                found[:, some.rows] = periods.returns(curves.equity, cash).T
    return found


def market_returns(evaluator: Evaluator, periods: Periods) -> FloatArray:
    """Returns of buying and holding over the same periods, [periods]."""
    held = hold_performance(evaluator, (periods.start, int(periods.ends[-1])))
    return periods.returns(held.equity, evaluator.rules.execution.initial_cash)
