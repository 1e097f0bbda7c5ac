"""Strategies and markets small enough to search in a blink, each for one way a strategy can be written."""

from __future__ import annotations

from typing import Any

import numpy as np

from autonomous_trading.core import (
    Bars,
    BoolParameter,
    CategoricalParameter,
    FloatArray,
    FloatParameter,
    IntParameter,
    where,
)
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy
from autonomous_trading.testing.markets import random_walk

N_BARS = 300


class Cross(Strategy):
    """Traced: two averages and a constraint."""

    fast = IntParameter(2, 10, default=3)
    slow = IntParameter(5, 40, default=20)

    def constraint(self) -> bool:
        return self.fast < self.slow

    def signals(self, see: Columns) -> SignalsLike:
        return see.sma(self.fast) > see.sma(self.slow)


class BranchingCross(Cross):
    """Not traced: the same, with a branch on a value, plain numpy, and a constraint of plain Python."""

    def constraint(self) -> bool:
        return bool(self.fast < self.slow and self.slow > 0)

    def signals(self, see: Columns) -> SignalsLike:
        if self.fast > 10_000:
            return see.close > 0
        fast, slow = np.asarray(see.sma(self.fast)), np.asarray(see.sma(self.slow))
        above: Any = fast > slow
        return above  # type: ignore[no-any-return]


class Everything(Strategy):
    """Traced: choices, truth values, floats, exits of its own, a size, both sides."""

    average = CategoricalParameter(["sma", "ema", "wma"], default="sma")
    window = IntParameter(3, 30, default=10)
    both_sides = BoolParameter(default=True)
    threshold = FloatParameter(0.0, 0.02, default=0.005)
    stop_loss = FloatParameter(0.005, 0.1, default=0.03)
    take_profit = FloatParameter(0.01, 0.2, default=0.08)
    max_bars_held = IntParameter(2, 40, default=15)
    position_size = FloatParameter(0.1, 1.0, default=0.5)

    def signals(self, see: Columns) -> SignalsLike:
        middle = {"sma": see.sma, "ema": see.ema, "wma": see.wma}[self.average](self.window)
        above = see.close > middle * (1.0 + self.threshold)
        below = see.close < middle * (1.0 - self.threshold)
        other = -1.0 if self.both_sides else 0.0
        return where(above, 1.0, where(below, other, np.nan))


class EverythingPlain(Everything):
    """The same, computed with numpy on arrays, one set at a time."""

    def signals(self, see: Columns) -> SignalsLike:
        middle = np.asarray({"sma": see.sma, "ema": see.ema, "wma": see.wma}[self.average](self.window))
        close = np.asarray(see.close)
        other = -1.0 if self.both_sides else 0.0
        high, low = middle * (1.0 + float(self.threshold)), middle * (1.0 - float(self.threshold))
        target: FloatArray = np.where(close > high, 1.0, np.where(close < low, other, np.nan))
        return target


class Changeable(Strategy):
    """Not traced, and with other settings for other values: a stop only where it is wide enough."""

    window = IntParameter(3, 30, default=10)

    def signals(self, see: Columns) -> SignalsLike:
        rising = see.close > see.sma(self.window)
        if self.window > 15:
            return Signals(rising, stop_loss=self.window / 1000.0)
        return Signals(rising)


class Sized(Strategy):
    """Always long from the start; only the size is searched."""

    position_size = FloatParameter(0.1, 1.0, default=0.5)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > 0.0


class Wide(Strategy):
    """More sets than any default number of trials."""

    level = FloatParameter(0.0, 100.0, default=50.0)

    def signals(self, see: Columns) -> SignalsLike:
        return see.rsi(14) > self.level


class Never(Strategy):
    """Never asks for a position."""

    window = IntParameter(2, 9, default=3)

    def signals(self, see: Columns) -> SignalsLike:
        return see.sma(self.window) < 0.0


def bars(seed: int = 1, n: int = N_BARS, start: float = 100.0) -> Bars:
    """Daily bars without a pattern."""
    return random_walk(n, seed, start=start)


def spliced(first: Bars, second: Bars, row: int) -> Bars:
    """`first` up to a row, then the prices of `second`: the same times throughout."""

    def column(name: str) -> FloatArray:
        return np.concatenate([getattr(first, name)[:row], getattr(second, name)[row:]])

    return Bars(
        first.time, column("open"), column("high"), column("low"), column("close"), column("volume"), first.symbol
    )
