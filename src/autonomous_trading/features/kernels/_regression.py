"""A straight line through a window of bars, from its own two passes: nothing is carried from one window to the next."""

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import kernel

__all__ = ["rolling_line"]

NAN = float("nan")


@kernel
def rolling_line(values: FloatArray, period: int, end: FloatArray, slope: FloatArray, spread: FloatArray) -> None:
    """The straight line through the last `period` values: where it ends, its slope per bar, the deviation around it."""
    centre = 0.5 * (period - 1)
    xx = period * (period * period - 1.0) / 12.0
    for t in range(len(values)):
        end[t] = slope[t] = spread[t] = NAN
        if t + 1 < period:
            continue
        mean = 0.0
        for k in range(t + 1 - period, t + 1):
            mean += values[k]
        mean /= period
        xy = 0.0
        for k in range(period):
            xy += (k - centre) * (values[t + 1 - period + k] - mean)
        rise = xy / xx
        squares = 0.0
        for k in range(period):
            left = values[t + 1 - period + k] - mean - rise * (k - centre)
            squares += left * left
        slope[t] = rise
        end[t] = mean + rise * centre
        spread[t] = (squares / period) ** 0.5
