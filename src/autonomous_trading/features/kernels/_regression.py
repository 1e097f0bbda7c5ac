"""Regressions over a window of bars, each from its own two passes: nothing is carried from one window to the next."""

import math

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import kernel

__all__ = ["rolling_half_life", "rolling_line", "rolling_regression"]

NAN = float("nan")


@kernel
def rolling_regression(
    x: FloatArray, y: FloatArray, period: int, slope: FloatArray, intercept: FloatArray, correlation: FloatArray
) -> None:
    """y = intercept + slope x over the last `period` bars; NaN where one is missing or x does not vary."""
    for t in range(len(x)):
        slope[t] = intercept[t] = correlation[t] = NAN
        if t + 1 < period:
            continue
        mean_x, mean_y = 0.0, 0.0
        for k in range(t + 1 - period, t + 1):
            mean_x += x[k]
            mean_y += y[k]
        mean_x /= period
        mean_y /= period
        xx, xy, yy = 0.0, 0.0, 0.0
        for k in range(t + 1 - period, t + 1):
            xx += (x[k] - mean_x) * (x[k] - mean_x)
            xy += (x[k] - mean_x) * (y[k] - mean_y)
            yy += (y[k] - mean_y) * (y[k] - mean_y)
        # A series that does not vary leaves nothing but the rounding of its mean.
        if xx > 1e-28 * period * mean_x * mean_x:
            slope[t] = xy / xx
            intercept[t] = mean_y - slope[t] * mean_x
            if yy > 1e-28 * period * mean_y * mean_y:
                correlation[t] = xy / (xx * yy) ** 0.5


@kernel
def rolling_half_life(values: FloatArray, period: int, out: FloatArray) -> None:
    """Bars in which half of a distance from the mean is gone, by values[t] - values[t-1] on values[t-1]; else NaN.

    The values of a window are those it ends with: a spread whose hedge changes is followed by the caller.
    """
    for t in range(len(values)):
        out[t] = NAN
        if t < period:
            continue
        mean_x, mean_y = 0.0, 0.0
        for k in range(t + 1 - period, t + 1):
            mean_x += values[k - 1]
            mean_y += values[k] - values[k - 1]
        mean_x /= period
        mean_y /= period
        xx, xy = 0.0, 0.0
        for k in range(t + 1 - period, t + 1):
            xx += (values[k - 1] - mean_x) * (values[k - 1] - mean_x)
            xy += (values[k - 1] - mean_x) * (values[k] - values[k - 1] - mean_y)
        if xx > 1e-28 * period * mean_x * mean_x:
            back = xy / xx
            if -1.0 < back < 0.0:
                out[t] = -0.6931471805599453 / math.log1p(back)


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
