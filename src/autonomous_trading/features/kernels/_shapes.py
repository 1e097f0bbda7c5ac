"""Shapes of prices that need a memory: swings, levels and reversals."""

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import kernel

__all__ = ["levels_around", "swing_points", "zigzag"]

NAN = float("nan")


@kernel
def swing_points(values: FloatArray, left: int, right: int, sign: float, out: FloatArray) -> None:
    """out[t] is the value `right` bars before t where it is a swing that bar t confirms, else NaN.

    A swing high (sign 1; -1 for lows) is higher than each of the `left` bars before and not lower than the `right`
    bars after it. Nothing is confirmed by a bar that is not known.
    """
    for t in range(len(values)):
        out[t] = NAN
        at = t - right
        if at - left < 0:
            continue
        peak = sign * values[at]
        found = True
        for k in range(at - left, at):
            if not sign * values[k] < peak:
                found = False
        for k in range(at + 1, t + 1):
            if not sign * values[k] <= peak:
                found = False
        if found:
            out[t] = values[at]


@kernel
def levels_around(
    highs: FloatArray, lows: FloatArray, close: FloatArray, count: int, lookback: int, out: FloatArray
) -> None:
    """Of the last `count` swings of either kind: the nearest above the close and at or below it, else NaN.

    Swings that were confirmed before the last `lookback` bars do not count. `highs` and `lows` hold confirmed swings on
    the bars that confirmed them. out is [2, n]: resistance, support.
    """
    n = len(close)
    for t in range(n):
        above, below = NAN, NAN
        for side in range(2):
            seen = 0
            k = t
            while k >= max(0, t + 1 - lookback) and seen < count:
                level = highs[k] if side == 0 else lows[k]
                if level == level:
                    seen += 1
                    if level > close[t] and not above <= level:
                        above = level
                    if level <= close[t] and not below >= level:
                        below = level
                k -= 1
        out[0, t] = above
        out[1, t] = below


@kernel
def zigzag(high: FloatArray, low: FloatArray, close: FloatArray, share: float, lookback: int, out: FloatArray) -> None:
    """Reversals of at least `share` within the last `lookback` bars: direction, last turning point, bars since it.

    out is [3, n]. The close decides that a swing turned; its extreme is a high or a low. Without a reversal in the
    bars looked at all are NaN.
    """
    for t in range(len(close)):
        for number in range(3):
            out[number, t] = NAN
        if t + 1 < lookback:
            continue
        first = t + 1 - lookback
        direction, pivot, pivot_at = 0, NAN, first
        top, bottom, top_at, bottom_at = high[first], low[first], first, first
        for k in range(first, t + 1):
            if direction >= 0 and high[k] > top:
                top, top_at = high[k], k
            if direction <= 0 and low[k] < bottom:
                bottom, bottom_at = low[k], k
            if direction <= 0 and close[k] >= bottom * (1.0 + share):
                direction, pivot, pivot_at, top, top_at = 1, bottom, bottom_at, high[k], k
            elif direction >= 0 and close[k] <= top * (1.0 - share):
                direction, pivot, pivot_at, bottom, bottom_at = -1, top, top_at, low[k], k
        if direction != 0:
            out[0, t] = float(direction)
            out[1, t] = pivot
            out[2, t] = float(t - pivot_at)
