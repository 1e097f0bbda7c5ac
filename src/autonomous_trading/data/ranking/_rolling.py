"""Sums and medians over the last rows, each from the rows of its window alone."""

import numpy as np

from autonomous_trading.core import FloatArray

__all__ = ["rolling_median", "rolling_sum", "shifted"]


def shifted(values: FloatArray, rows: int) -> FloatArray:
    """Along the last axis, the value of so many rows before; NaN where there is none."""
    if rows == 0:
        return values
    found = np.empty_like(values)
    found[..., rows:] = values[..., :-rows]
    found[..., :rows] = np.nan
    return found


def rolling_sum(values: FloatArray, window: int) -> FloatArray:
    """Along the last axis, the sum of each row and those before it, `window` in all; NaN where there are fewer.

    Sums of twice as many rows are made again and again, and the window is put together of them: nothing is ever
    subtracted, so that neither a large value that left the window nor the length of the history leaves a trace.
    """
    length = values.shape[-1]
    if window > length:
        return np.full(values.shape, np.nan)
    total = np.zeros(values.shape)
    covered, size, left, power = 0, 1, window, values
    while left:
        if left & 1:
            total[..., covered:] += power[..., : length - covered]
            covered += size
        left >>= 1
        if left:
            doubled = power.copy()
            doubled[..., size:] += power[..., :-size]
            power = doubled
            size *= 2
    total[..., : window - 1] = np.nan
    return total


def rolling_median(values: FloatArray, window: int) -> FloatArray:
    """Along the last axis, the median of each row and those before it (the upper one of an even `window`).

    NaN where there are fewer rows. `values` hold no NaN.
    """
    from scipy.ndimage import rank_filter

    found = np.full(values.shape, np.nan)
    for number in range(len(values)):
        # A positive origin moves the window to the rows before; the padding at the end is never looked at.
        ranked = rank_filter(values[number], rank=window // 2, size=window, mode="nearest", origin=(window - 1) // 2)
        found[number, window - 1 :] = ranked[window - 1 :]
    return found
