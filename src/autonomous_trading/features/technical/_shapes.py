"""Steps that many indicators of charts share: known prices, ranges of bars, linear filters that start at rest."""

from collections.abc import Sequence

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray
from autonomous_trading.features._primitives import shift, talib


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Range of the bar including the gap from the previous close; NaN on the first bar."""
    before = shift(close, 1)
    return np.maximum(high, before) - np.minimum(low, before)


def atr(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Wilder's average true range."""
    return talib("atr", (high, low, close), (period,))[0]


def filtered(values: FloatArray, numerator: Sequence[float], denominator: Sequence[float]) -> FloatArray:
    """A linear filter with gain 1 (or 0) for constants, started at rest at the first known value.

    NaN values give NaN and leave the filter as it was.
    """
    # Imported where it is used: scipy.signal is slow to import and few strategies filter.
    from scipy.signal import lfilter

    out = np.full(len(values), np.nan)
    seen = np.flatnonzero(~np.isnan(values))
    if len(seen):
        known = values[seen]
        gain = sum(numerator) / sum(denominator)
        # Measured from the first value, so that a constant comes out exactly constant.
        out[seen] = lfilter(numerator, denominator, known - known[0]) + gain * known[0]
    return out


def after(values: FloatArray, bars: int) -> FloatArray:
    """The same without its first `bars` known values: what a filter gives before it has settled is not shown."""
    out = values.copy()
    out[np.flatnonzero(~np.isnan(values))[:bars]] = np.nan
    return out


def last_where(values: FloatArray, marked: BoolArray, bars: int | None = None) -> FloatArray:
    """The value of the last marked bar, this one included, or of the last one among so many bars; NaN without one."""
    here = np.arange(len(values))
    rows = np.maximum.accumulate(np.where(marked, here, -1))
    known = rows >= 0 if bars is None else (rows >= 0) & (here - rows < bars)
    return np.asarray(np.where(known, values[rows], np.nan))


def position_between(values: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """0 at the low, 1 at the high, in between in proportion; NaN where both are one."""
    width = high - low
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(width == 0.0, np.nan, (values - low) / width))
