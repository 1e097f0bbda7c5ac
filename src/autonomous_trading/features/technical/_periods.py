"""Within the day, week or month: its volume-weighted price so far, its range so far, and levels from the one before.

Periods are those of UTC, by the time a bar starts. What is taken from the period before is known when the first bar of
the next one is there, and the first period of the bars is not used: it may have begun before them. Memories hold for
bars of a minute or longer.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.features._definitions import ColumnDefinition, choice, whole
from autonomous_trading.features._forgetting import TOLERANCE
from autonomous_trading.features._primitives import ratio
from autonomous_trading.features.kernels._technical import reset_sums
from autonomous_trading.features.technical._shapes import position_between

_GROUP = "Technical"
_DAY = 86_400.0
_PERIODS = ("day", "week", "month")
_METHODS = ("classic", "fibonacci", "camarilla", "woodie")
_MINUTES = (1_440, 7 * 1_440, 31 * 1_440)
_PERIOD = choice("period", "day", _PERIODS)


def _numbers(epoch_seconds: FloatArray, period: int) -> FloatArray:
    """Number of the day, week or month of every bar; NaN where its time is not known."""
    days = np.floor(epoch_seconds / _DAY)
    if period == 0:
        return days
    if period == 1:
        return np.floor((days + 3.0) / 7.0)
    known = ~np.isnan(days)
    # Beyond what a date can be (an input that is no time), the month is not known either.
    known &= np.abs(np.where(known, days, 0.0)) < 1e8
    months = np.where(known, days, 0.0).astype(np.int64).astype("datetime64[D]").astype("datetime64[M]")
    return np.asarray(np.where(known, months.astype(np.int64).astype(np.float64), np.nan))


def _starts(epoch_seconds: FloatArray, period: int) -> FloatArray:
    """1 on the first bar of every period (and of all bars), else 0."""
    numbers = _numbers(epoch_seconds, period)
    first = np.ones(len(numbers))
    first[1:] = numbers[1:] != numbers[:-1]
    return first


def _segments(first: FloatArray) -> tuple[IntArray, IntArray]:
    """Row where every period begins, and the number of the period of every bar."""
    return np.flatnonzero(first), np.cumsum(first).astype(np.int64) - 1


def _whole_before(values: FloatArray, numbers: IntArray) -> FloatArray:
    """What the whole period before gave, where there are two before: one value per period to one per bar."""
    before = np.where(numbers >= 2, values[numbers - 1], np.nan)
    return np.asarray(before)


def _sums(values: FloatArray, first: FloatArray) -> FloatArray:
    out = np.empty(len(values))
    reset_sums(values, first, out)
    return out


def anchored_vwap(
    high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, epoch_seconds: FloatArray, period: int
) -> tuple[FloatArray, ...]:
    """Volume-weighted typical price since the period began, and its volume-weighted deviation; NaN without volume."""
    typical = (high + low + close) / 3.0
    first = _starts(epoch_seconds, period)
    total = _sums(volume + 0.0 * typical, first)
    # Measured from the first price of the period: squares of whole prices would cancel.
    rows, numbers = _segments(first)
    base = typical[rows][numbers]
    moved = typical - base
    mean = ratio(_sums(moved * volume, first), total)
    square = ratio(_sums(moved * moved * volume, first), total)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0.0))
    return base + mean, deviation


def previous_period(
    high: FloatArray, low: FloatArray, close: FloatArray, epoch_seconds: FloatArray, period: int
) -> tuple[FloatArray, ...]:
    """High, low and close of the whole period before."""
    rows, numbers = _segments(_starts(epoch_seconds, period))
    last = np.append(rows[1:], len(close)) - 1
    return (
        _whole_before(np.maximum.reduceat(high, rows), numbers),
        _whole_before(np.minimum.reduceat(low, rows), numbers),
        _whole_before(close[last], numbers),
    )


def pivots(
    high: FloatArray, low: FloatArray, close: FloatArray, epoch_seconds: FloatArray, period: int, method: int
) -> tuple[FloatArray, ...]:
    """Floor traders' pivot, three resistances and three supports from the whole period before."""
    top, bottom, last = previous_period(high, low, close, epoch_seconds, period)
    width = top - bottom
    pivot = (top + bottom + (2.0 if method == 3 else 1.0) * last) / (4.0 if method == 3 else 3.0)
    if method in (1, 2):
        centre = pivot if method == 1 else last
        steps = (0.382, 0.618, 1.0) if method == 1 else (1.1 / 12.0, 1.1 / 6.0, 1.1 / 4.0)
        above = tuple(centre + step * width for step in steps)
        below = tuple(centre - step * width for step in steps)
    else:
        above = (2.0 * pivot - bottom, pivot + width, top + 2.0 * (pivot - bottom))
        below = (2.0 * pivot - top, pivot - width, bottom - 2.0 * (top - pivot))
    return (pivot, *above, *below)


def period_position(
    high: FloatArray, low: FloatArray, close: FloatArray, epoch_seconds: FloatArray, period: int
) -> FloatArray:
    """Position of the close in the range of the period so far; NaN while it has no range."""
    first = _starts(epoch_seconds, period)
    return position_between(close, _so_far(low, first, np.minimum), _so_far(high, first, np.maximum))


def _so_far(values: FloatArray, first: FloatArray, pick: np.ufunc) -> FloatArray:
    """Extreme of every period up to each bar."""
    rows, numbers = _segments(first)
    place = np.arange(len(values)) - rows[numbers]
    out = values.copy()
    reach, longest = 1, int(place.max(initial=0))
    # Doubling steps: after each, a bar knows twice as many before it, but none of the period before.
    while reach <= longest:
        inside = np.flatnonzero(place >= reach)
        out[inside] = pick(out[inside], out[inside - reach])
        reach *= 2
    return out


def period_return(opening: FloatArray, close: FloatArray, epoch_seconds: FloatArray, period: int) -> FloatArray:
    """Change of the close since the period opened, as a fraction."""
    rows, numbers = _segments(_starts(epoch_seconds, period))
    return ratio(close, opening[rows][numbers]) - 1.0


def opening_range(
    high: FloatArray, low: FloatArray, epoch_seconds: FloatArray, minutes: int
) -> tuple[FloatArray, FloatArray]:
    """High and low of the first minutes of the day by UTC, counted from its first bar and known once they are over."""
    rows, numbers = _segments(_starts(epoch_seconds, 0))
    with np.errstate(invalid="ignore"):
        inside = epoch_seconds - epoch_seconds[rows][numbers] < 60.0 * minutes
    top = np.maximum.reduceat(np.where(inside, high, -np.inf), rows)[numbers]
    bottom = np.minimum.reduceat(np.where(inside, low, np.inf), rows)[numbers]
    known = ~inside & np.isfinite(top) & np.isfinite(bottom)
    return np.asarray(np.where(known, top, np.nan)), np.asarray(np.where(known, bottom, np.nan))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "anchored_vwap": ColumnDefinition(
        anchored_vwap,
        group=_GROUP,
        description="Volume-weighted price since the day, week or month began, and the deviation around it",
        formula="sum(typical volume) / sum(volume) since the start; sqrt(sum(volume (typical - vwap)^2) / sum(volume))",
        units="price",
        source="Berkowitz, Logue and Noser (1988), J. Finance 43(1); anchored: Shannon (2022), Maximum Trading Gains",
        inputs=("high", "low", "close", "volume", "epoch_seconds"),
        parameters=(_PERIOD,),
        outputs=("vwap", "deviation"),
        memory=lambda period: _MINUTES[period],
        tolerance=TOLERANCE,
    ),
    "previous_period": ColumnDefinition(
        previous_period,
        group=_GROUP,
        description="High, low and close of the whole day, week or month before",
        formula="max(high), min(low), last close of the period before",
        units="price",
        source="Person (2004), A Complete Guide to Technical Trading Tactics",
        inputs=("high", "low", "close", "epoch_seconds"),
        parameters=(_PERIOD,),
        outputs=("prior_high", "prior_low", "prior_close"),
        warm_up=2,
        memory=lambda period: 3 * _MINUTES[period],
        sparse=True,
    ),
    "pivots": ColumnDefinition(
        pivots,
        group=_GROUP,
        description="Pivot points of the period before: classic, fibonacci, camarilla or woodie",
        formula="classic p = (h + l + c) / 3, 2 p - l, p + (h - l), h + 2 (p - l) and below; fibonacci p +-"
        " 0.382, 0.618,"
        " 1 (h - l); camarilla c +- 1.1 (h - l) / 12, 6, 4; woodie as classic with p = (h + l + 2 c) / 4",
        units="price",
        source="Person (2004), A Complete Guide to Technical Trading Tactics; camarilla: Stott (1989)",
        inputs=("high", "low", "close", "epoch_seconds"),
        parameters=(_PERIOD, choice("method", "classic", _METHODS)),
        outputs=("pivot", "r1", "r2", "r3", "s1", "s2", "s3"),
        warm_up=2,
        memory=lambda period, _method: 3 * _MINUTES[period],
        sparse=True,
    ),
    "period_position": ColumnDefinition(
        period_position,
        group=_GROUP,
        description="Position of the close in the range of the day, week or month so far",
        formula="(close - low so far) / (high so far - low so far)",
        units="0..1",
        source="Crabel (1990), Day Trading with Short Term Price Patterns",
        inputs=("high", "low", "close", "epoch_seconds"),
        parameters=(_PERIOD,),
        memory=lambda period: _MINUTES[period],
    ),
    "period_return": ColumnDefinition(
        period_return,
        group=_GROUP,
        description="Change since the day, week or month opened",
        formula="close / open of the first bar of the period - 1",
        units="fraction",
        source="Gao, Han, Li and Zhou (2018), Market Intraday Momentum, J. Financial Economics 129(2)",
        inputs=("open", "close", "epoch_seconds"),
        parameters=(_PERIOD,),
        memory=lambda period: _MINUTES[period],
    ),
    "opening_range": ColumnDefinition(
        opening_range,
        group=_GROUP,
        description="High and low of the first minutes of the day, once they are over",
        formula="max(high), min(low) of bars that start within so many minutes of the day's first bar",
        units="price",
        source="Crabel (1990), Day Trading with Short Term Price Patterns and Opening Range Breakout",
        inputs=("high", "low", "epoch_seconds"),
        parameters=(whole("minutes", 60, high=1_439),),
        outputs=("range_high", "range_low"),
        warm_up=1,
        memory=_MINUTES[0],
        sparse=True,
    ),
}
