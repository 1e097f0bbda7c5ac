"""Whole bars around simulated returns: each takes its shape from the real bar whose return comes nearest.

    return of the market, simulated       -> the real bar (of all instruments at once) with the nearest return
    gap, upper and lower wick, volume     <- that bar, relative to its close before, its body, and as it is
    return of one instrument              <- that bar's, plus what the simulated return of the market has beyond it

With one instrument its return is the simulated one. With several, the mean over instruments is, and what they do at the
same time stays together, because a bar is taken of all of them at once. The bars before the span stay as they were: a
strategy begins with the past it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._market import Instrument
from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput

_LEAST_RETURN, _LEAST_PRICE = -0.95, 1e-12  # prices stay above zero


@final
@dataclass(frozen=True, slots=True)
class BarShapes:
    """The real bars of a span that simulated ones are shaped after.

    returns [bars]: mean over instruments, from which `order` sorts them. The rest is [instruments, bars]: own returns,
    open over the close before, high over the larger and low over the smaller of open and close, and its row among the
    bars of the instrument. The rows `first` .. `stop` - 1 of the clock are simulated.
    """

    returns: FloatArray
    order: IntArray
    own: FloatArray
    gaps: FloatArray
    above: FloatArray
    below: FloatArray
    places: IntArray
    first: int
    stop: int

    @staticmethod
    def of(evaluator: Evaluator, span: tuple[int, int]) -> BarShapes:
        """Shapes of the bars of a span that every instrument has. InvalidInput where there is none."""
        market = evaluator.market
        first = max(span[0], 1)
        present = np.zeros((len(market.instruments), market.n_bars), dtype=np.bool_)
        for number, each in enumerate(market.instruments):
            present[number, each.rows[1:]] = True  # the first bar has no close before it
        rows = first + np.flatnonzero(present[:, first : span[1]].all(axis=0))
        if not len(rows):
            raise InvalidInput(
                "there is no bar in the span that all instruments have",
                fix="use bars of the same times, or one of them",
            )
        places = np.stack([np.searchsorted(each.rows, rows) for each in market.instruments])
        columns = [_shapes(each.bars, at) for each, at in zip(market.instruments, places, strict=True)]
        own, gaps, above, below = (np.stack(part) for part in zip(*columns, strict=True))
        returns = own.mean(axis=0)
        return BarShapes(returns, np.argsort(returns, kind="stable"), own, gaps, above, below, places, first, span[1])

    def nearest(self, returns: FloatArray) -> IntArray:
        """The real bars whose return comes nearest to these."""
        known = self.returns[self.order]
        right = np.clip(np.searchsorted(known, returns), 1, max(len(known) - 1, 1)) % len(known)
        left = np.maximum(right - 1, 0)
        nearer = np.where(returns - known[left] <= known[right] - returns, left, right)
        found: IntArray = self.order[nearer]
        return found

    def simulated(self, evaluator: Evaluator, returns: FloatArray) -> dict[str, Bars]:
        """The bars of every instrument with those of the span made anew from returns of the market [stop - first]."""
        shapes = self.nearest(returns)
        surprise = returns - self.returns[shapes]
        return {
            each.bars.symbol: self._made(number, each, shapes, surprise)
            for number, each in enumerate(evaluator.market.instruments)
        }

    def _made(self, number: int, instrument: Instrument, shapes: IntArray, surprise: FloatArray) -> Bars:
        bars = instrument.bars
        low, high = (int(place) for place in np.searchsorted(instrument.rows, [self.first, self.stop]))
        base = bars.close[low - 1] if low else bars.open[0]
        growth = np.maximum(self.own[number, shapes] + surprise, _LEAST_RETURN)
        close = np.maximum(base * np.cumprod(1.0 + growth), _LEAST_PRICE)
        opening = np.concatenate([[base], close[:-1]]) * self.gaps[number, shapes]
        prices = {
            "open": opening,
            "high": np.maximum(opening, close) * self.above[number, shapes],
            "low": np.minimum(opening, close) * self.below[number, shapes],
            "close": close,
        }
        taken = instrument.rows[low:high] - self.first
        source = self.places[number, shapes[taken]]
        columns = {name: _with(getattr(bars, name), low, values[taken]) for name, values in prices.items()}
        volume = _with(bars.volume, low, bars.volume[source])
        extra = {name: _with(values, low, values[source]) for name, values in bars.extra.items()}
        return Bars(bars.time, **columns, volume=volume, symbol=bars.symbol, extra=extra)


def _with(column: FloatArray, low: int, values: FloatArray) -> FloatArray:
    """A column with other values from row `low` on."""
    changed = column.copy()
    changed[low : low + len(values)] = values
    return changed


def _shapes(bars: Bars, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return, gap, upper and lower wick of bars, each against the bar before it or its own body."""
    before = bars.close[rows - 1]
    upper, lower = np.maximum(bars.open, bars.close)[rows], np.minimum(bars.open, bars.close)[rows]
    return bars.close[rows] / before - 1.0, bars.open[rows] / before, bars.high[rows] / upper, bars.low[rows] / lower
