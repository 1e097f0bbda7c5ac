"""Exits that follow the price: levels in average true ranges, and which side of them it is on."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, ema_tail, rma_tail
from autonomous_trading.features._primitives import (
    change,
    rolling_max,
    rolling_mean,
    rolling_min,
    shift,
    talib,
    together,
)
from autonomous_trading.features.kernels._technical import trailing_stop
from autonomous_trading.features.technical._shapes import atr, last_where

_GROUP = "Technical"
_BARS = ("high", "low", "close")

UNTIL_IT_TURNS = 600
"""Bars within which a stop has turned and forgotten how it started: in random walks none of 324 took half as long."""


def chandelier_exit(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, multiple: float
) -> tuple[FloatArray, ...]:
    """Exit of a long position below the highest high, and of a short one above the lowest low."""
    width = multiple * atr(high, low, close, period)
    return together((rolling_max(high, period) - width, rolling_min(low, period) + width), period)


def chande_kroll_stop(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, multiple: float, window: int
) -> tuple[FloatArray, ...]:
    """Stop of a long position (lowest of the levels above lows) and of a short one (highest of those below highs)."""
    width = multiple * atr(high, low, close, period)
    above_lows = rolling_min(low, period) + width
    below_highs = rolling_max(high, period) - width
    return rolling_min(above_lows, window), rolling_max(below_highs, window)


def atr_trailing_stop(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, multiple: float
) -> tuple[FloatArray, ...]:
    """A stop so many average true ranges from the close that only follows, and 1 while it is below, -1 above."""
    width = multiple * atr(high, low, close, period)
    stop, side = np.empty(len(close)), np.empty(len(close))
    trailing_stop(close, close - width, close + width, stop, side)
    return stop, side


def gann_hilo(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> tuple[FloatArray, ...]:
    """Mean of highs above a falling market or of lows below a rising one, and which it is: 1 rising, -1 falling.

    NaN where no close of the last 600 bars passed either mean: what was before counts no more.
    """
    highs, lows = shift(rolling_mean(high, period), 1), shift(rolling_mean(low, period), 1)
    above, below = close > highs, close < lows
    side = last_where(np.where(above, 1.0, -1.0), above | below, UNTIL_IT_TURNS)
    return np.asarray(np.where(side > 0.0, lows, np.where(side < 0.0, highs, np.nan))), side


def ttm_trend(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """1 while the close is above the mean price of the bars before, -1 below, 0 on it."""
    return np.sign(close - shift(rolling_mean((high + low) / 2.0, period), 1))


def elder_impulse(source: FloatArray, period: int, fast: int, slow: int, signal: int) -> FloatArray:
    """1 where the average and the MACD histogram both rise, -1 where both fall, else 0."""
    average = talib("ema", (source,), (period,))[0]
    # TA-Lib swaps the two where the slow period is the shorter one.
    histogram = talib("macd", (source,), (min(fast, slow), max(fast, slow), signal))[2]
    both = np.sign(change(average, 1)) + np.sign(change(histogram, 1))
    return np.trunc(both / 2.0) + 0.0


def _impulse_bars(period: int, fast: int, slow: int, signal: int) -> int:
    return max(period, max(fast, slow) + signal - 1)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "chandelier_exit": ColumnDefinition(
        chandelier_exit,
        group=_GROUP,
        description="Exits hung from the highest high and the lowest low",
        formula="max(high, n) - k atr(n), min(low, n) + k atr(n)",
        units="price",
        source="LeBeau, in Elder (2002), Come Into My Trading Room",
        inputs=_BARS,
        parameters=(whole("period", 22), real("multiple", 3.0, 0.1, 50.0)),
        outputs=("long_exit", "short_exit"),
        warm_up=lambda period, _multiple: period,
        memory=lambda period, _multiple: period + rma_tail(period),
        tolerance=TOLERANCE,
    ),
    "chande_kroll_stop": ColumnDefinition(
        chande_kroll_stop,
        group=_GROUP,
        description="Chande and Kroll's stops for long and short positions",
        formula="min(min(low, p) + k atr(p), q), max(max(high, p) - k atr(p), q)",
        units="price",
        source="Chande and Kroll (1994), The New Technical Trader, ch. 8",
        inputs=_BARS,
        parameters=(whole("period", 10), real("multiple", 1.0, 0.1, 50.0), whole("window", 9)),
        outputs=("long_stop", "short_stop"),
        warm_up=lambda period, _multiple, window: period + window - 1,
        memory=lambda period, _multiple, window: period + window + rma_tail(period),
        tolerance=TOLERANCE,
    ),
    "atr_trailing_stop": ColumnDefinition(
        atr_trailing_stop,
        group=_GROUP,
        description="A stop in average true ranges from the close that only follows, and its side",
        formula="max(stop[-1], close - k atr(n)) while below, min(stop[-1], close + k atr(n)) while above;"
        " it turns when the close passes it",
        units="price; -1 or 1",
        source="Vervoort (2009), Average True Range Trailing Stops, Stocks & Commodities 27(6)",
        inputs=_BARS,
        parameters=(whole("period", 14), real("multiple", 3.0, 0.5, 10.0)),
        outputs=("stop", "side"),
        warm_up=lambda period, _multiple: period,
        # It starts below and lives until the first turn: the wider, the longer, with the square of the distance.
        memory=lambda period, multiple: period + rma_tail(period) + int(UNTIL_IT_TURNS * max(1.0, multiple**2 / 9.0)),
        tolerance=TOLERANCE,
    ),
    "gann_hilo": ColumnDefinition(
        gann_hilo,
        group=_GROUP,
        description="Gann HiLo activator: level to pass for a change of trend, and the trend",
        formula="sma(low, n)[-1] after a close above sma(high, n)[-1], else sma(high, n)[-1]; 1 or -1; of 600 bars",
        units="price; -1 or 1",
        source="Krausz (1998), The New Gann Swing Chartist, Stocks & Commodities 16(2)",
        inputs=_BARS,
        parameters=(whole("period", 3),),
        outputs=("level", "side"),
        warm_up=lambda period: period,
        memory=lambda period: period + UNTIL_IT_TURNS,
        sparse=True,
        tolerance=TOLERANCE,
    ),
    "ttm_trend": ColumnDefinition(
        ttm_trend,
        group=_GROUP,
        description="Carter's trend: close against the mean price of the bars before",
        formula="sign(close - mean(median, n)[-1])",
        units="-1, 0, 1",
        source="Carter (2005), Mastering the Trade",
        inputs=_BARS,
        parameters=(whole("period", 6),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "elder_impulse": ColumnDefinition(
        elder_impulse,
        group=_GROUP,
        description="Elder's impulse system: both average and MACD histogram rise, or fall",
        formula="1 where ema(n) and the histogram of macd rise, -1 where both fall, else 0",
        units="-1, 0, 1",
        source="Elder (2002), Come Into My Trading Room",
        inputs=(("source", "close"),),
        parameters=(whole("period", 13, low=2), whole("fast", 12, low=2), whole("slow", 26, low=2), whole("signal", 9)),
        warm_up=_impulse_bars,
        memory=lambda period, fast, slow, signal: (
            _impulse_bars(period, fast, slow, signal) + 2 * ema_tail(max(period, fast, slow, signal), 2, 2)
        ),
        tolerance=TOLERANCE,
    ),
}
