"""Which sound bars are too far from their neighbours to be believed: a band of robust local scale around them."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput

__all__ = ["Band", "local_scale", "newest_in_doubt", "outliers"]

_CHUNK: Final = 20_000  # windows looked at together: memory does not grow with the history
_MAD: Final = 1.4826  # median absolute value to standard deviation, for a normal distribution
_UPPER_TENTH: Final = 1.645  # quantile 0.9 of the absolute value of a standard normal
_RANGE: Final = 0.6  # Parkinson (1980): 1 / (2 sqrt(ln 2)) of the log range is one standard deviation
_FEWEST_MOVES: Final = 0.5


@final
@dataclass(frozen=True, slots=True)
class Band:
    """How far a price may lie outside its neighbours, in local standard deviations, before its bar is put aside.

    A close is held against the close before and the open after it, an open against the close before and its own close,
    a high or low against all of them. A price that moved and stayed is beside its neighbours and never an outlier, so a
    crash is none; one that comes back at once is. Highs and lows have more room, because markets do reach such prices
    for a moment. `window` and `long_window` count the bars before, from which the scale is taken.
    """

    close: float = 6.0
    open: float = 10.0
    wick: float = 25.0
    window: int = 20
    long_window: int = 50

    def __post_init__(self) -> None:
        if min(self.close, self.open, self.wick) <= 0.0 or not 2 <= self.window <= self.long_window:
            raise InvalidInput(
                f"a band of {self.close}, {self.open}, {self.wick} over {self.window} and {self.long_window} bars",
                fix="give positive widths and windows of at least 2 bars, the shorter one first",
            )


def outliers(prices: FloatArray, band: Band) -> BoolArray:
    """Which bars have a price outside the band. `prices` has the rows open, high, low, close, in order of time.

    Only the bars before and the next one are looked at: a bad price is alone, so where the next bar moves as far the
    market is moving, not the price wrong. The first `window` bars and the last one are not judged, nor is a bar before
    which the market hardly moved.
    """
    found = np.zeros(prices.shape[1], dtype=np.bool_)
    if prices.shape[1] < band.window + 2:
        return found
    log = np.log(prices)
    open_, high, low, close = log
    next_range = np.concatenate(((high - low)[1:], [np.nan]))
    scale = np.maximum(local_scale(prices, band), _RANGE * next_range)
    before = np.concatenate(([np.nan], close[:-1]))
    after = np.concatenate((open_[1:], [np.nan]))
    highest, lowest = np.fmax(open_, close), np.fmin(open_, close)
    with np.errstate(invalid="ignore"):
        found |= _beyond(close, before, after) > band.close * scale
        found |= _beyond(open_, before, close) > band.open * scale
        found |= high - np.maximum(highest, np.maximum(before, after)) > band.wick * scale
        found |= np.minimum(lowest, np.minimum(before, after)) - low > band.wick * scale
    return found


def newest_in_doubt(prices: FloatArray, band: Band) -> bool:
    """Whether the last bar leaves the band: no bar behind it says yet whether market or price is to blame."""
    if prices.shape[1] < band.window + 1:
        return False
    scale = float(local_scale(prices, band)[-1])
    open_, high, low, close = np.log(prices[:, -1])
    before = float(np.log(prices[3, -2]))
    far = (
        abs(close - before) > band.close * scale,
        abs(open_ - before) > band.open * scale,
        high - max(open_, close, before) > band.wick * scale,
        min(open_, close, before) - low > band.wick * scale,
    )
    return any(far)


def local_scale(prices: FloatArray, band: Band) -> FloatArray:
    """One standard deviation of a bar's log return as the bars before it show it; NaN where they do not.

    The largest of three robust measures: the median absolute return and the median range over `window` bars, and the
    upper tenth of absolute returns over `long_window`, which keeps the busy hours of a day in sight at a quiet one.
    """
    n_bars = prices.shape[1]
    log = np.log(prices)
    size = np.abs(np.diff(log[3], prepend=log[0, 0]))
    ranges = log[1] - log[2]
    scale = np.full(n_bars, np.nan)
    for start in range(band.window, n_bars, _CHUNK):
        stop = min(start + _CHUNK, n_bars)
        steps, spans = _windows(size, start, stop, band.window), _windows(ranges, start, stop, band.window)
        short = np.maximum(_MAD * np.median(steps, axis=1), _RANGE * np.median(spans, axis=1))
        moving = np.mean((steps > 0.0) | (spans > 0.0), axis=1) >= _FEWEST_MOVES
        scale[start:stop] = np.where(moving, short, np.nan)
        first = max(start, band.long_window)
        if first < stop:
            tenth = np.quantile(_windows(size, first, stop, band.long_window), 0.9, axis=1) / _UPPER_TENTH
            scale[first:stop] = np.maximum(scale[first:stop], tenth)
    scale[scale == 0.0] = np.nan
    return scale


def _windows(values: FloatArray, start: int, stop: int, length: int) -> FloatArray:
    """The `length` values before each position from `start` to `stop`, one row each."""
    return np.lib.stride_tricks.sliding_window_view(values[start - length : stop - 1], length)


def _beyond(value: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """How far a value lies outside two others; negative between them, NaN where one of them is missing."""
    return np.maximum(value - np.maximum(one, other), np.minimum(one, other) - value)
