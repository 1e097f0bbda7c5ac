"""Where does the price stand between its highs and lows, and how long ago were they?"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import zscore
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import (
    change,
    log_change,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_min,
    sma,
    talib,
)

_GROUP = "Price"
_BARS = ("high", "low", "close")
_SOURCE = (("source", "close"),)


def range_position(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Position of the close in the range of the last bars: 0 at the low, 1 at the high; 252 days are 52 weeks."""
    lowest = rolling_min(low, period)
    return ratio(close - lowest, rolling_max(high, period) - lowest)


def distance_from_high(high: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Close over the highest high of the last bars, minus 1: 0 at the high, below it elsewhere."""
    return ratio(close, rolling_max(high, period)) - 1.0


def distance_from_low(low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Close over the lowest low of the last bars, minus 1."""
    return ratio(close, rolling_min(low, period)) - 1.0


def _so_far(source: FloatArray, pick: np.ufunc) -> FloatArray:
    """Extreme of everything before and at each bar; inputs that are not known yet are left out, and give NaN."""
    known = ~np.isnan(source)
    worst = -np.inf if pick is np.maximum else np.inf
    return np.asarray(np.where(known, pick.accumulate(np.where(known, source, worst)), np.nan))


def drawdown(source: FloatArray) -> FloatArray:
    """Loss since the highest value so far, as a fraction: 0 at a new high, below it elsewhere."""
    return ratio(source, _so_far(source, np.maximum)) - 1.0


def run_up(source: FloatArray) -> FloatArray:
    """Gain since the lowest value so far, as a fraction."""
    return ratio(source, _so_far(source, np.minimum)) - 1.0


def rolling_drawdown(source: FloatArray, period: int) -> FloatArray:
    """Loss since the highest value of the last bars, as a fraction."""
    return ratio(source, rolling_max(source, period)) - 1.0


def _since(extremes: FloatArray, values: FloatArray) -> FloatArray:
    rows = np.arange(len(values), dtype=np.float64)
    known = ~np.isnan(extremes)
    last = np.maximum.accumulate(np.where(known & (values == extremes), rows, -1.0))
    return np.asarray(np.where(known & (last >= 0.0), rows - last, np.nan))


def bars_since_high(source: FloatArray, period: int) -> FloatArray:
    """Bars since the highest of the last values: 0 where it is this one; the newest of equals counts."""
    return _since_extreme(source, period, "maxindex")


def bars_since_low(source: FloatArray, period: int) -> FloatArray:
    """Bars since the lowest of the last values."""
    return _since_extreme(source, period, "minindex")


def _since_extreme(source: FloatArray, period: int, function: str) -> FloatArray:
    rows = talib(function, (source,), (period,))[0]
    known = ~np.isnan(rolling_max(source, period))
    return np.asarray(np.where(known, np.arange(len(source)) - rows, np.nan))


def bars_since_record(source: FloatArray) -> FloatArray:
    """Bars since the highest value so far: 0 at a new high."""
    return _since(_so_far(source, np.maximum), source)


def price_zscore(source: FloatArray, period: int) -> FloatArray:
    """Distance from the mean of the last values in their standard deviations (ddof 0); NaN where all are equal."""
    return zscore(source, period)


def atr_distance(high: FloatArray, low: FloatArray, close: FloatArray, period: int, atr_period: int) -> FloatArray:
    """Distance of the close from its average in average true ranges."""
    return ratio(close - sma(close, period), talib("atr", (high, low, close), (atr_period,))[0])


def ulcer_index(source: FloatArray, period: int) -> FloatArray:
    """Root mean square of the losses from the highest value of the window, in percent."""
    losses = 100.0 * rolling_drawdown(source, period)
    return np.sqrt(rolling_mean(losses * losses, period))


def ulcer_performance(source: FloatArray, period: int) -> FloatArray:
    """Return over the window in percent against its ulcer index; NaN where nothing was lost."""
    return ratio(100.0 * np.expm1(log_change(source, period)), ulcer_index(source, period))


def smallest_drawdown(source: FloatArray, period: int) -> FloatArray:
    """Worst loss from the high of the window, among the last values."""
    return rolling_min(rolling_drawdown(source, period), period)


def trend_consistency(source: FloatArray, period: int) -> FloatArray:
    """Net change over the largest loss or gain on the way: how much of the swing was kept."""
    return ratio(change(source, period), rolling_max(source, period + 1) - rolling_min(source, period + 1))
