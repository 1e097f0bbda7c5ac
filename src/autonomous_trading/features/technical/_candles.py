"""The bar itself: its parts, its size against those before, and candles of smoothed prices."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._forgetting import TOLERANCE, ema_tail, rma_tail
from autonomous_trading.features._primitives import ema, ratio, shift, talib
from autonomous_trading.features.technical._shapes import atr, true_range

_GROUP = "Technical"
_ALL = ("open", "high", "low", "close")
_NISON = "Nison (1991), Japanese Candlestick Charting Techniques"


def candle_shares(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> tuple[FloatArray, ...]:
    """Body (negative where it fell), upper and lower shadow as shares of the range; NaN without any range."""
    width = high - low
    return (
        ratio(close - opening, width),
        ratio(high - np.maximum(opening, close), width),
        ratio(np.minimum(opening, close) - low, width),
    )


def close_location(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Where the close lies in the bar: 1 on its high, -1 on its low; NaN without any range."""
    return ratio((close - low) - (high - close), high - low)


def smoothed_heikin_ashi(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, before: int, behind: int
) -> tuple[FloatArray, ...]:
    """Heikin-Ashi candles of smoothed prices, smoothed once more: open, high, low, close."""
    candles = talib("ha", tuple(ema(each, before) for each in (opening, high, low, close)))
    return tuple(ema(each, behind) for each in candles)


def range_expansion(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """True range of the bar against its usual size before it."""
    return ratio(true_range(high, low, close), shift(atr(high, low, close, period), 1))


def body_in_atr(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Close minus open in average true ranges of the bars before."""
    return ratio(close - opening, shift(atr(high, low, close, period), 1))


def gap_in_atr(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Open minus the close before in average true ranges of the bars before."""
    return ratio(opening - shift(close, 1), shift(atr(high, low, close, period), 1))


def _atr_memory(period: int) -> int:
    return period + 1 + rma_tail(period)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "candle_shares": ColumnDefinition(
        candle_shares,
        group=_GROUP,
        description="Body and shadows of the candle as shares of its range",
        formula="(close - open) / (high - low), (high - max(open, close)) / (high - low), (min(open, close) - low) /"
        " (high - low)",
        units="fraction",
        source=_NISON,
        inputs=_ALL,
        outputs=("body", "upper_shadow", "lower_shadow"),
    ),
    "close_location": ColumnDefinition(
        close_location,
        group=_GROUP,
        description="Where the close lies in the bar",
        formula="((close - low) - (high - close)) / (high - low)",
        units="-1..1",
        source="Chaikin, close location value, in Achelis (2000), Technical Analysis from A to Z",
        inputs=("high", "low", "close"),
    ),
    "smoothed_heikin_ashi": ColumnDefinition(
        smoothed_heikin_ashi,
        group=_GROUP,
        description="Heikin-Ashi candles of exponential means, smoothed again",
        formula="ema(ha(ema(open, n), ema(high, n), ema(low, n), ema(close, n)), m)",
        units="price",
        source="Valcu (2004), Using the Heikin-Ashi Technique, Stocks & Commodities 22(2); smoothed as"
        " charting programs do",
        inputs=_ALL,
        parameters=(whole("before", 6), whole("behind", 2)),
        outputs=("ha_open", "ha_high", "ha_low", "ha_close"),
        warm_up=lambda before, behind: before + behind - 2,
        memory=lambda before, behind: before + behind + ema_tail(max(before, 3), max(2, before), max(2, behind)) * 2,
        tolerance=TOLERANCE,
    ),
    "range_expansion": ColumnDefinition(
        range_expansion,
        group=_GROUP,
        description="True range against the average true range before it",
        formula="true range / atr(n)[-1]",
        units="1",
        source="Crabel (1990), Day Trading with Short Term Price Patterns",
        inputs=("high", "low", "close"),
        parameters=(whole("period", 14),),
        warm_up=lambda period: period + 1,
        memory=_atr_memory,
        tolerance=TOLERANCE,
    ),
    "body_in_atr": ColumnDefinition(
        body_in_atr,
        group=_GROUP,
        description="Body of the candle in average true ranges",
        formula="(close - open) / atr(n)[-1]",
        units="1",
        source=_NISON,
        inputs=_ALL,
        parameters=(whole("period", 14),),
        warm_up=lambda period: period + 1,
        memory=_atr_memory,
        tolerance=TOLERANCE,
    ),
    "gap_in_atr": ColumnDefinition(
        gap_in_atr,
        group=_GROUP,
        description="Opening gap in average true ranges",
        formula="(open - close[-1]) / atr(n)[-1]",
        units="1",
        source="Kaufman (2013), Trading Systems and Methods, ch. 15",
        inputs=_ALL,
        parameters=(whole("period", 14),),
        warm_up=lambda period: period + 1,
        memory=_atr_memory,
        tolerance=TOLERANCE,
    ),
}
