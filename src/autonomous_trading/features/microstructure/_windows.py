"""Sums and moments of the last bars, for columns of this group: exact where a window forgets a huge value or a NaN."""

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features.kernels._microstructure import window_moments, window_sums

__all__ = ["moments", "sums"]


def sums(window: int, *series: FloatArray) -> FloatArray:
    """Sums of the last `window` values of each series [series, n]; NaN where there are fewer, or one is NaN."""
    rows = np.stack(series, axis=1)
    out = np.full(rows.shape, np.nan)
    if window <= len(rows):
        columns = rows.shape[1]
        window_sums(rows, window, np.empty((window + 1, columns)), np.empty(columns), out)
    return out.T


def moments(x: FloatArray, y: FloatArray, window: int) -> FloatArray:
    """Of the last `window` pairs [5, n]: mean of x and y, sums of squares of x, of products, of squares of y.

    Squares and products are of distances from the means. NaN as in `sums`.
    """
    out = np.full((5, len(x)), np.nan)
    if window <= len(x):
        window_moments(x, y, window, np.empty((window, 6)), np.empty(6), out)
    return out
