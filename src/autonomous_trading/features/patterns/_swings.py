"""Swings, and what is drawn from them: support, resistance, trend lines, double tops. Known when confirmed.

A swing high is seen `right` bars after it happened, when those bars stayed below it, and never before.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._primitives import ratio
from autonomous_trading.features.kernels._shapes import levels_around, swing_points, zigzag

_GROUP = "Patterns"
_MURPHY = "Murphy, Technical Analysis of the Financial Markets (1999)"
_SIDES = (whole("left", 5, high=1_000), whole("right", 5, high=1_000))
_LOOKBACK = whole("lookback", 250, high=5_000)


def _reach(left: int, right: int, lookback: int) -> int:
    return lookback - 1 + left + right


def confirmed_swings(values: FloatArray, left: int, right: int, sign: float) -> FloatArray:
    """Swing highs (sign 1) or lows (-1) on the bars that confirm them, NaN elsewhere."""
    out = np.empty(len(values))
    swing_points(values, left, right, sign, out)
    return out


def last_known(values: FloatArray, lookback: int) -> FloatArray:
    """Each value carried on until the next one is known, for `lookback` bars at most."""
    rows = np.arange(len(values))
    at = np.maximum.accumulate(np.where(np.isnan(values), -1, rows))
    return np.where((at >= 0) & (rows - at < lookback), values[np.maximum(at, 0)], np.nan)


def swing_high(high: FloatArray, left: int, right: int, lookback: int) -> tuple[FloatArray, FloatArray]:
    """Price of the last confirmed swing high, and the bars since it happened."""
    return _last_swing(high, (left, right), lookback, 1.0)


def swing_low(low: FloatArray, left: int, right: int, lookback: int) -> tuple[FloatArray, FloatArray]:
    """Price of the last confirmed swing low, and the bars since it happened."""
    return _last_swing(low, (left, right), lookback, -1.0)


def support_resistance(
    high: FloatArray, low: FloatArray, close: FloatArray, left: int, right: int, count: int, lookback: int
) -> tuple[FloatArray, FloatArray]:
    """Distance to the nearest of the last swings above and at or below the close, as fractions of the close."""
    out = np.empty((2, len(close)))
    tops, bottoms = confirmed_swings(high, left, right, 1.0), confirmed_swings(low, left, right, -1.0)
    levels_around(tops, bottoms, close, count, lookback, out)
    return np.asarray(out[0] / close - 1.0), np.asarray(1.0 - out[1] / close)


def trend_lines(
    high: FloatArray, low: FloatArray, close: FloatArray, left: int, right: int, lookback: int
) -> tuple[FloatArray, FloatArray]:
    """Distance of the close from the lines through the last two swing highs and lows: above 0 where it is above.

    As fractions of the close. NaN where there are no two swings in the last `lookback` bars.
    """
    upper = _line(confirmed_swings(high, left, right, 1.0), right, lookback)
    lower = _line(confirmed_swings(low, left, right, -1.0), right, lookback)
    return np.asarray((close - upper) / close), np.asarray((close - lower) / close)


def double_top(
    high: FloatArray, low: FloatArray, close: FloatArray, left: int, right: int, lookback: int, tolerance: float
) -> FloatArray:
    """1 while the last two swing highs are level and the close is below the lowest low between them; else 0.

    NaN where the close or a bar between them is not known.
    """
    near = confirmed_swings(high, left, right, 1.0)
    return _double(near, _neck(near, low, right, 1.0), close, lookback, tolerance)


def double_bottom(
    high: FloatArray, low: FloatArray, close: FloatArray, left: int, right: int, lookback: int, tolerance: float
) -> FloatArray:
    """1 while the last two swing lows are level and the close is above the highest high between them; else 0.

    NaN where the close or a bar between them is not known.
    """
    near = confirmed_swings(low, left, right, -1.0)
    return _double(-near, -_neck(near, high, right, -1.0), -close, lookback, tolerance)


def zigzag_state(
    high: FloatArray, low: FloatArray, close: FloatArray, share: float, lookback: int
) -> tuple[FloatArray, ...]:
    """Direction (1 up, -1 down), distance of the close from the last turning point as a fraction, bars since it."""
    out = np.empty((3, len(close)))
    zigzag(high, low, close, share, lookback, out)
    return out[0], ratio(close, out[1]) - 1.0, out[2]


def _last_swing(
    values: FloatArray, sides: tuple[int, int], lookback: int, sign: float
) -> tuple[FloatArray, FloatArray]:
    confirmed = confirmed_swings(values, sides[0], sides[1], sign)
    rows = np.arange(len(values), dtype=np.float64)
    happened = last_known(np.where(np.isnan(confirmed), np.nan, rows - sides[1]), lookback)
    return last_known(confirmed, lookback), rows - happened


def _two_swings(confirmed: FloatArray, lookback: int) -> tuple[BoolArray, IntArray, IntArray]:
    """For every row: whether two swings were confirmed in the last `lookback` bars, and the rows that did so."""
    rows = np.flatnonzero(~np.isnan(confirmed))
    here = np.arange(len(confirmed))
    count = np.searchsorted(rows, here, side="right")
    padded = np.concatenate(([0, 0], rows))
    last, before = padded[count + 1], padded[count]
    return (count >= 2) & (here - before < lookback), last, before


def _line(confirmed: FloatArray, right: int, lookback: int) -> FloatArray:
    known, last, before = _two_swings(confirmed, lookback)
    first, second = confirmed[before], confirmed[last]
    slope = ratio(second - first, (last - before).astype(np.float64))
    return np.where(known, second + slope * (np.arange(len(confirmed)) - last + right), np.nan)


def _double(confirmed: FloatArray, neck: FloatArray, close: FloatArray, lookback: int, tolerance: float) -> FloatArray:
    known, last, before = _two_swings(confirmed, lookback)
    level = np.abs(confirmed[last] / confirmed[before] - 1.0) <= tolerance
    known &= ~np.isnan(close) & ~np.isnan(neck[last])
    return np.where(known, (level & (close < neck[last])).astype(np.float64), np.nan)


def _neck(confirmed: FloatArray, far: FloatArray, right: int, sign: float) -> FloatArray:
    """On the row that confirms a swing: the lowest low (sign 1) between it and the swing before."""
    rows = np.flatnonzero(~np.isnan(confirmed))
    out = np.full(len(confirmed), np.nan)
    if len(rows) > 1:
        edges = np.column_stack((rows[:-1] - right, rows[1:] - right + 1)).ravel()
        out[rows[1:]] = (np.minimum if sign > 0.0 else np.maximum).reduceat(far, edges)[::2]
    return out


COLUMNS: Mapping[str, ColumnDefinition] = {
    "swing_high": ColumnDefinition(
        swing_high,
        group=_GROUP,
        description="Last confirmed swing high and bars since it",
        formula="high[-right] higher than left bars before, not lower than right bars after",
        units="price, bars",
        source="Williams, Trading Chaos (1995), fractals; " + _MURPHY,
        inputs=("high",),
        parameters=(*_SIDES, _LOOKBACK),
        outputs=("price", "bars"),
        warm_up=lambda left, right, _: left + right,
        memory=_reach,
        sparse=True,
    ),
    "swing_low": ColumnDefinition(
        swing_low,
        group=_GROUP,
        description="Last confirmed swing low and bars since it",
        formula="low[-right] lower than left bars before, not higher than right bars after",
        units="price, bars",
        source="Williams, Trading Chaos (1995), fractals; " + _MURPHY,
        inputs=("low",),
        parameters=(*_SIDES, _LOOKBACK),
        outputs=("price", "bars"),
        warm_up=lambda left, right, _: left + right,
        memory=_reach,
        sparse=True,
    ),
    "support_resistance": ColumnDefinition(
        support_resistance,
        group=_GROUP,
        description="Distance up to the nearest resistance and down to the nearest support among the last swings",
        formula="min(level above) / close - 1, 1 - max(level not above) / close",
        units="fraction",
        source=_MURPHY + ", ch. 4",
        inputs=("high", "low", "close"),
        parameters=(*_SIDES, whole("count", 6, high=100), _LOOKBACK),
        outputs=("resistance", "support"),
        warm_up=lambda left, right, *_: left + right,
        memory=lambda left, right, _, lookback: _reach(left, right, lookback),
        sparse=True,
    ),
    "trend_lines": ColumnDefinition(
        trend_lines,
        group=_GROUP,
        description="Distance of the close from the lines through the last two swing highs and the last two swing lows",
        formula="(close - line) / close, line through the last two confirmed swings",
        units="fraction",
        source=_MURPHY + ", ch. 4",
        inputs=("high", "low", "close"),
        parameters=(*_SIDES, _LOOKBACK),
        outputs=("upper", "lower"),
        warm_up=lambda left, right, _: left + right + 1,
        memory=lambda left, right, lookback: max(_reach(left, right, lookback), left + right + 1),
        sparse=True,
    ),
    "double_top": ColumnDefinition(
        double_top,
        group=_GROUP,
        description="1 while the last two swing highs are level and the close is below the low between them",
        formula="|high2 / high1 - 1| <= tolerance and close < min(low between)",
        units="0/1",
        source="Bulkowski, Encyclopedia of Chart Patterns (2005)",
        inputs=("high", "low", "close"),
        parameters=(*_SIDES, _LOOKBACK, real("tolerance", 0.02, 0.0, 0.5)),
        warm_up=lambda left, right, *_: left + right + 1,
        memory=lambda left, right, lookback, _: max(_reach(left, right, lookback), left + right + 1),
        sparse=True,
    ),
    "double_bottom": ColumnDefinition(
        double_bottom,
        group=_GROUP,
        description="1 while the last two swing lows are level and the close is above the high between them",
        formula="|low2 / low1 - 1| <= tolerance and close > max(high between)",
        units="0/1",
        source="Bulkowski, Encyclopedia of Chart Patterns (2005)",
        inputs=("high", "low", "close"),
        parameters=(*_SIDES, _LOOKBACK, real("tolerance", 0.02, 0.0, 0.5)),
        warm_up=lambda left, right, *_: left + right + 1,
        memory=lambda left, right, lookback, _: max(_reach(left, right, lookback), left + right + 1),
        sparse=True,
    ),
    "zigzag": ColumnDefinition(
        zigzag_state,
        group=_GROUP,
        description="Direction since the last reversal of a given size, distance from its turning point, bars since",
        formula="a close that gave back `share` of the extreme confirms the extreme as a turning point",
        units="-1/1, fraction, bars",
        source=_MURPHY + ", ch. 3; confirmed by the close",
        inputs=("high", "low", "close"),
        parameters=(real("share", 0.05, 0.0001, 0.9), whole("lookback", 250, low=2, high=2_000)),
        outputs=("direction", "distance", "bars"),
        warm_up=lambda _, lookback: lookback - 1,
        memory=lambda _, lookback: lookback - 1,
        sparse=True,
    ),
}
