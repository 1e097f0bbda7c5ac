"""A straight line through a window of bars, from its own two passes: nothing is carried from one window to the next."""

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import kernel

__all__ = ["downside_slope", "rolling_line"]

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


@kernel
def downside_slope(x: FloatArray, y: FloatArray, period: int, rounding: float, out: FloatArray) -> None:
    """Slope of y on x over those of the last `period` rows whose x is below the mean x of all of them.

    NaN for fewer than 3 of them, where their x deviate by no more than `rounding` times 1 + |mean|, and in windows with
    a NaN.
    """
    for t in range(len(x)):
        out[t] = NAN
        if t + 1 < period:
            continue
        mean = 0.0
        for k in range(t + 1 - period, t + 1):
            mean += x[k] + 0.0 * y[k]
        mean /= period
        count, mean_x, mean_y = 0, 0.0, 0.0
        for k in range(t + 1 - period, t + 1):
            if x[k] < mean:
                count += 1
                mean_x += x[k]
                mean_y += y[k]
        if count < 3:
            continue
        mean_x /= count
        mean_y /= count
        xx, xy = 0.0, 0.0
        for k in range(t + 1 - period, t + 1):
            if x[k] < mean:
                xx += (x[k] - mean_x) * (x[k] - mean_x)
                xy += (x[k] - mean_x) * (y[k] - mean_y)
        least = rounding * (1.0 + abs(mean_x))
        if xx > count * least * least:
            out[t] = xy / xx
