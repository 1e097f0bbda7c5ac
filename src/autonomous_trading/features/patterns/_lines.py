"""Channels and small shapes: regression channels, narrow ranges, inside and outside bars."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import ratio, rolling_min, shift
from autonomous_trading.features.kernels._regression import rolling_line

_GROUP = "Patterns"
_LONGEST = 2_000


def regression_channel(close: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Deviations of the close from the end of its regression line, and the slope in deviations per bar."""
    end, slope, spread = (np.empty(len(close)) for _ in range(3))
    rolling_line(close, period, end, slope, spread)
    spread = np.where(spread > 1e-12 * np.abs(end), spread, 0.0)
    return ratio(close - end, spread), ratio(slope, spread)


def narrow_range(high: FloatArray, low: FloatArray, period: int) -> FloatArray:
    """1 where the range of the bar is the smallest of the last `period`, else 0."""
    width = high - low
    least = rolling_min(width, period)
    return np.where(np.isnan(least), np.nan, (width <= least).astype(np.float64))


def inside_bar(high: FloatArray, low: FloatArray) -> FloatArray:
    """1 where the bar lies inside the one before, -1 where it reaches beyond it on both sides, else 0."""
    before_high, before_low = shift(high, 1), shift(low, 1)
    inside = (high <= before_high) & (low >= before_low)
    outside = (high > before_high) & (low < before_low)
    known = ~np.isnan(high + low + before_high + before_low)
    return np.where(known, inside.astype(np.float64) - outside.astype(np.float64), np.nan)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "regression_channel": ColumnDefinition(
        regression_channel,
        group=_GROUP,
        description="Where the close lies in its regression channel, and how steep that is, in deviations",
        formula="(close - line) / std(close - line), slope / std(close - line)",
        units="standard deviations, per bar",
        source="Raff (1991), Technical Analysis of Stocks and Commodities; least squares",
        parameters=(whole("period", 50, low=3, high=_LONGEST),),
        outputs=("position", "slope"),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "narrow_range": ColumnDefinition(
        narrow_range,
        group=_GROUP,
        description="1 where the bar has the smallest range of a period (NR4, NR7)",
        formula="high - low <= min(high - low, period)",
        units="0/1",
        source="Crabel, Day Trading with Short Term Price Patterns (1990)",
        inputs=("high", "low"),
        parameters=(whole("period", 7, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "inside_bar": ColumnDefinition(
        inside_bar,
        group=_GROUP,
        description="1 for an inside bar, -1 for an outside bar, else 0",
        formula="high <= high[-1] and low >= low[-1]; high > high[-1] and low < low[-1]",
        units="-1/0/1",
        source="Bulkowski, Encyclopedia of Candlestick Charts (2008)",
        inputs=("high", "low"),
        warm_up=1,
        memory=1,
    ),
}
