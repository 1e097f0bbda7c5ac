"""Recursions of charts: averages that adapt, sums that start again, stops that only follow."""

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import kernel

__all__ = [
    "adaptive_average",
    "bars_since_highest",
    "limited_average",
    "mcginley_average",
    "reset_sums",
    "trailing_stop",
]

_NAN = float("nan")


@kernel
def adaptive_average(values: FloatArray, weights: FloatArray, out: FloatArray) -> None:
    """out += weight (value - out), started at the first value whose weight is known; NaN where either is not."""
    level = _NAN
    for t in range(len(values)):
        x, weight = values[t], weights[t]
        if x != x or weight != weight:
            out[t] = _NAN
            continue
        level = x if level != level else level + weight * (x - level)
        out[t] = level


@kernel
def bars_since_highest(values: FloatArray, period: int, queue: IntArray, out: FloatArray) -> None:
    """Bars since the highest of the last `period` values, the newest of equals; NaN where one is not known.

    `queue` is room for one row per value: rows of the window whose values no newer one reaches, highest first.
    """
    first, behind, known = 0, 0, 0
    for t in range(len(values)):
        x = values[t]
        if x != x:
            known, behind = 0, first
            out[t] = _NAN
            continue
        known += 1
        while behind > first and values[queue[behind - 1]] <= x:
            behind -= 1
        queue[behind] = t
        behind += 1
        if queue[first] <= t - period:
            first += 1
        out[t] = t - queue[first] if known >= period else _NAN


@kernel
def limited_average(values: FloatArray, weight: float, decay: float, limit: float, out: FloatArray) -> None:
    """out = weight value + decay out[-1], kept within +-limit, started at 0; NaN values give NaN and change nothing."""
    level = 0.0
    for t in range(len(values)):
        x = values[t]
        if x != x:
            out[t] = _NAN
            continue
        level = min(limit, max(-limit, weight * x + decay * level))
        out[t] = level


@kernel
def mcginley_average(values: FloatArray, period: float, out: FloatArray) -> None:
    """out += (value - out) / (period (value / out)^4), started at the first value; values must be positive."""
    level = _NAN
    for t in range(len(values)):
        x = values[t]
        if not x > 0.0:
            out[t] = _NAN
            continue
        if level != level:
            level = x
        else:
            quotient = x / level
            # A step of more than the whole way would overshoot after a crash: the average arrives at most.
            level += (x - level) * min(1.0, 1.0 / (period * quotient * quotient * quotient * quotient))
        out[t] = level


@kernel
def reset_sums(values: FloatArray, resets: FloatArray, out: FloatArray) -> None:
    """Running sums that start again at every bar whose reset is not 0; NaN values give NaN and are left out."""
    total = 0.0
    for t in range(len(values)):
        if resets[t] != 0.0:
            total = 0.0
        x = values[t]
        if x != x:
            out[t] = _NAN
            continue
        total += x
        out[t] = total


@kernel
def trailing_stop(close: FloatArray, lower: FloatArray, upper: FloatArray, stop: FloatArray, side: FloatArray) -> None:
    """A stop below the price that only rises, until the close falls through it; then one above that only falls.

    `side` is 1 while the stop is below and -1 while it is above. It starts below. NaN where an input is not known.
    """
    level, way = _NAN, 1.0
    for t in range(len(close)):
        x, low, high = close[t], lower[t], upper[t]
        if x != x or low != low or high != high:
            stop[t] = _NAN
            side[t] = _NAN
            continue
        if level != level:
            level = low
        elif way > 0.0:
            level = max(level, low)
        else:
            level = min(level, high)
        if way > 0.0 and x < level:
            way, level = -1.0, high
        elif way < 0.0 and x > level:
            way, level = 1.0, low
        stop[t] = level
        side[t] = way
